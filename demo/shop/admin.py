from django.contrib import admin

from shop.models import Order, OrderItem, Shipment


class OrderItemInline(admin.TabularInline):
    model = OrderItem
    extra = 0
    raw_id_fields = ("product",)


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ("reference", "customer_email", "status", "placed_at")
    list_filter = ("status",)
    search_fields = ("reference",)
    raw_id_fields = ("customer",)
    inlines = (OrderItemInline,)

    @admin.display(description="e-mail")
    def customer_email(self, order):
        return order.customer.email


@admin.register(Shipment)
class ShipmentAdmin(admin.ModelAdmin):
    list_display = ("tracking_code", "carrier", "shipped_at")
    raw_id_fields = ("order",)

"""The admin: columns by field and method, by function; read-only fields of inlines."""

from django.contrib import admin

from .models import Item, Note, Order, Product


def lines(order):
    return order.items.count()  # lines


class ItemInline(admin.TabularInline):
    model = Item
    extra = 0
    fields = ["quantity", "tag_names"]
    readonly_fields = ["quantity", "tag_names"]

    def tag_names(self, item):
        return ", ".join(tag.name for tag in item.product.tags.all())


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = [
        "reference",
        "city",
        lines,  # function
    ]
    inlines = [ItemInline]

    def city(self, order):
        return order.customer.address.city  # city


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    def get_list_display(self, request):  # chosen
        return ["text", "about"]


admin.site.register(Product)

from django.contrib import admin

from customers.models import Address, Customer


@admin.register(Address)
class AddressAdmin(admin.ModelAdmin):
    list_display = ("street", "postcode", "city", "country")
    search_fields = ("street", "postcode", "city")


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("name", "email", "address", "newsletter")
    list_filter = ("newsletter",)
    search_fields = ("name", "email")
    autocomplete_fields = ("address",)

from django.views.generic import DetailView, ListView

from customers.models import Address, Customer


class AddressBookView(ListView):
    """Every address with the people who live there."""

    template_name = "customers/address_book.html"
    context_object_name = "addresses"

    def get_queryset(self):
        return Address.objects.prefetch_related("residents").order_by("city", "street")


class StatementView(DetailView):
    """One customer's paid orders with their totals."""

    model = Customer
    template_name = "customers/statement.html"

    def get_context_data(self, **kwargs):
        orders = self.object.orders.paid()
        return super().get_context_data(orders=orders, **kwargs)

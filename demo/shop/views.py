import csv

from django.http import Http404, HttpResponse
from django.views import View
from django.views.generic import DetailView, ListView

from shop.models import Order, Shipment


class OrderListView(ListView):
    """Everything that is paid and has to be handled today."""

    template_name = "orders/list.html"
    context_object_name = "orders"

    def get_queryset(self):
        return Order.objects.paid()


class PackingListView(ListView):
    """What goes into which parcel."""

    template_name = "orders/packing.html"
    context_object_name = "orders"

    def get_queryset(self):
        return Order.objects.paid().order_by("placed_at", "pk")


class DispatchListView(ListView):
    """Orders that are on their way, with their carrier."""

    template_name = "orders/dispatched.html"
    context_object_name = "orders"

    def get_queryset(self):
        return Order.objects.shipped()


class ShipmentListView(ListView):
    model = Shipment
    template_name = "orders/shipments.html"
    context_object_name = "shipments"


class OrderTrackingView(DetailView):
    """Where an order is, found by the reference that is printed on the invoice."""

    template_name = "orders/tracking.html"
    context_object_name = "order"

    def get_object(self, queryset=None):
        reference = self.kwargs["reference"]
        try:
            return Order.objects.get(reference=reference)
        except Order.DoesNotExist as error:
            raise Http404(f"No order {reference}") from error


class ShippingLabelsView(View):
    """Address labels of all open orders as CSV, for the label printer."""

    def get(self, request):
        response = HttpResponse(content_type="text/csv")
        writer = csv.writer(response)
        writer.writerow(("reference", "name", "street", "postcode", "city"))
        for order in Order.objects.open():
            writer.writerow(self.label(order))
        return response

    def label(self, order):
        address = order.customer.address
        return (
            order.reference,
            order.customer.name,
            address.street,
            address.postcode,
            address.city,
        )

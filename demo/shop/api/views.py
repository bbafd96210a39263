from rest_framework import viewsets

from shop.api.serializers import OrderSerializer
from shop.models import Order


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    """Orders with their customer and items, for the warehouse's handhelds."""

    queryset = Order.objects.all()
    serializer_class = OrderSerializer

from django.core.management.base import BaseCommand

from shop.models import Shipment


class Command(BaseCommand):
    """What the warehouse prints in the evening."""

    help = "List the parcels that are on their way, by carrier."

    def handle(self, **options):
        for shipment in Shipment.objects.order_by("carrier", "pk"):
            order = shipment.order
            self.stdout.write(f"{shipment.carrier} {shipment.tracking_code}: {order.reference}")

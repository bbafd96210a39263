"""`manage.py seed`: something to look at on the development server."""

from django.core.management.base import BaseCommand
from django.db import transaction

from sampledata import factories
from shop.models import Order


class Command(BaseCommand):
    help = "Fill an empty database with orders, products and posts."

    def add_arguments(self, parser):
        parser.add_argument("--orders", type=int, default=100, help="paid orders to create")

    @transaction.atomic
    def handle(self, *args, orders, **options):
        categories = [factories.create_category() for _ in range(5)]
        tags = [factories.create_tag() for _ in range(8)]
        products = [
            factories.create_product(category=categories[n % 5], tags=tags[n % 6 : n % 6 + 3])
            for n in range(24)
        ]
        for n in range(orders):
            order = factories.create_order()
            factories.create_item(order, product=products[n % 24], quantity=1 + n % 3)
            factories.create_item(order, product=products[(n + 7) % 24])
        for _ in range(10):
            factories.create_order(status=Order.Status.PLACED)
            factories.create_shipment()
        staff = factories.create_staff()
        for _ in range(8):
            post = factories.create_post(author=staff)
            for _ in range(3):
                factories.create_comment(post)
            factories.create_entry(post, actor=staff)
        self.stdout.write(self.style.SUCCESS(f"Created {orders} paid orders and what they need."))

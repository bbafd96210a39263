import csv

from django.test import TestCase
from django.urls import reverse

from sampledata.factories import create_item, create_order, create_shipment
from shop.models import Order


class PackingListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for _ in range(12):
            order = create_order()
            create_item(order, description="Candle", quantity=2)
            create_item(order, description="Matches")

    def test_lists_the_items_of_each_order(self):
        response = self.client.get(reverse("shop:packing-list"))
        self.assertContains(response, "2 x Candle", count=12)
        self.assertContains(response, "1 x Matches", count=12)


class DispatchListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.shipments = [create_shipment() for _ in range(7)]

    def test_shows_the_carrier_of_each_order(self):
        response = self.client.get(reverse("shop:dispatch-list"))
        for shipment in self.shipments:
            self.assertContains(response, f"Royal Mail, {shipment.tracking_code}", count=1)

    def test_shipments_name_their_order(self):
        response = self.client.get(reverse("shop:shipment-list"))
        for shipment in self.shipments:
            self.assertContains(response, f"carries {shipment.order.reference}", count=1)


class ShippingLabelsTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.orders = [create_order(status=Order.Status.PLACED) for _ in range(20)]

    def test_one_line_an_order(self):
        create_order(status=Order.Status.SHIPPED)

        response = self.client.get(reverse("shop:shipping-labels"))

        self.assertEqual(response["Content-Type"], "text/csv")
        lines = list(csv.DictReader(response.content.decode().splitlines()))
        self.assertEqual(
            {line["reference"]: line["street"] for line in lines},
            {order.reference: order.customer.address.street for order in self.orders},
        )


class OrderTrackingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.order = create_order(reference="R-TRACKED")
        for _ in range(3):
            create_item(cls.order)

    def test_shows_items_and_customer(self):
        with self.assertNumQueries(3):
            response = self.client.get(reverse("shop:order-tracking", args=["R-TRACKED"]))
        self.assertContains(response, "<li>1 x ", count=3)
        self.assertContains(response, f"ordered by {self.order.customer.name}")

    def test_unknown_reference_is_not_found(self):
        response = self.client.get(reverse("shop:order-tracking", args=["R-NOPE"]))
        self.assertEqual(response.status_code, 404)

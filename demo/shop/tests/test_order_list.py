from django.test import TestCase
from django.urls import reverse

from sampledata.factories import create_order
from shop.models import Order


class OrderListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.orders = [create_order() for _ in range(100)]

    def test_shows_every_paid_order_with_its_customer(self):
        response = self.client.get("/orders/")

        for order in self.orders:
            self.assertContains(response, order.reference)
            self.assertContains(response, f"<td>{order.customer.name}</td>", count=1)

    def test_number_of_queries(self):
        with self.assertNumQueries(101):
            self.client.get("/orders/")

    def test_newest_order_stands_first(self):
        response = self.client.get(reverse("shop:order-list"))
        self.assertEqual(response.context["orders"][0], self.orders[-1])


class OrderListSelectionTests(TestCase):
    def test_leaves_out_orders_that_need_no_work(self):
        for status in (Order.Status.PLACED, Order.Status.SHIPPED, Order.Status.CANCELLED):
            create_order(status=status)

        response = self.client.get(reverse("shop:order-list"))

        self.assertContains(response, "Nothing to do.")

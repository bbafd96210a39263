from django.test import TestCase
from django.urls import reverse

from sampledata.factories import (
    create_address,
    create_customer,
    create_item,
    create_order,
)
from shop.models import Order


class AddressBookTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for _ in range(5):
            address = create_address()
            for _ in range(2):
                create_customer(address=address)

    def test_lists_residents_under_their_address(self):
        with self.assertNumQueries(2):
            response = self.client.get(reverse("customers:address-book"))
        self.assertContains(response, "<dt>", count=5)
        self.assertContains(response, "<dd>", count=10)


class StatementTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.customer = create_customer(name="Ada Byron")
        for quantity in range(1, 6):
            order = create_order(customer=cls.customer)
            create_item(order, quantity=quantity, unit_price="2.00")
            create_item(order, quantity=1, unit_price="0.50")

    def test_shows_the_total_of_each_paid_order(self):
        create_order(customer=self.customer, status=Order.Status.CANCELLED, reference="GONE")

        response = self.client.get(reverse("customers:statement", args=[self.customer.pk]))

        self.assertContains(response, "Statement for Ada Byron", count=2)
        for total in ("2.50", "4.50", "6.50", "8.50", "10.50"):
            self.assertContains(response, f"<td>{total}</td>", count=1)
        self.assertNotContains(response, "GONE")

    def test_unknown_customer_is_not_found(self):
        response = self.client.get(reverse("customers:statement", args=[0]))
        self.assertEqual(response.status_code, 404)

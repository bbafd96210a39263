from django.test import TestCase

from customers import services
from customers.models import Customer
from sampledata.factories import create_address, create_customer, create_item, create_order
from shop.models import Order


class NewsletterTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(10):
            address = create_address(city=f"City {number % 4}")
            create_order(customer=create_customer(newsletter=True, address=address))
        create_customer(address=create_address(city="Elsewhere"))

    def test_cities_are_named_once_and_sorted(self):
        self.assertEqual(
            services.newsletter_cities(),
            ["City 0", "City 1", "City 2", "City 3"],
        )

    def test_orders_of_others_are_not_counted(self):
        create_order()
        self.assertEqual(services.subscriber_order_count(), 10)


class SupportTests(TestCase):
    def test_finds_a_caller_by_phone(self):
        customers = [create_customer() for _ in range(3)]
        self.assertEqual(services.find_by_phone(customers[1].phone), customers[1])

    def test_unknown_caller(self):
        self.assertIsNone(services.find_by_phone("000"))

    def test_customer_with_open_order_stays(self):
        customer = create_order(status=Order.Status.PLACED).customer
        self.assertFalse(services.can_be_deleted(customer))

    def test_customer_whose_orders_are_shipped_may_go(self):
        customer = create_order(status=Order.Status.SHIPPED).customer
        self.assertTrue(services.can_be_deleted(customer))


class NeverOrderedTests(TestCase):
    def test_names_those_without_orders(self):
        for number in range(5):
            customer = create_customer(name=f"Customer {number}")
            if number % 2:
                create_order(customer=customer)

        self.assertEqual(services.never_ordered(), ["Customer 0", "Customer 2", "Customer 4"])


class BuyersTests(TestCase):
    def test_a_buyer_is_listed_once(self):
        item = create_item(create_order())
        again = create_order(customer=item.order.customer)
        create_item(again, product=item.product)
        create_item(create_order())

        buyers = Customer.objects.buyers_of(item.product)

        self.assertEqual(list(buyers), [item.order.customer])

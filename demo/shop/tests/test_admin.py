from django.test import TestCase
from django.urls import reverse

from sampledata.factories import create_order, create_staff


class OrderAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.staff = create_staff(username="clerk")
        cls.orders = [create_order() for _ in range(15)]

    def setUp(self):
        self.client.force_login(self.staff)

    def test_changelist_shows_mail_addresses(self):
        response = self.client.get(reverse("admin:shop_order_changelist"))
        for order in self.orders:
            self.assertContains(response, order.customer.email)

    def test_change_page_opens(self):
        response = self.client.get(reverse("admin:shop_order_change", args=[self.orders[0].pk]))
        self.assertContains(response, self.orders[0].reference)

from rest_framework.test import APITestCase

from sampledata.factories import create_item, create_order


class OrderApiTests(APITestCase):
    @classmethod
    def setUpTestData(cls):
        cls.orders = [create_order() for _ in range(10)]
        for order in cls.orders:
            for _ in range(3):
                create_item(order)

    def test_list_nests_customer_and_items(self):
        payload = self.client.get("/api/orders/").json()

        self.assertEqual(
            [order["reference"] for order in payload],
            [order.reference for order in reversed(self.orders)],
        )
        for order in payload:
            self.assertTrue(order["customer"]["email"].endswith("@example.com"))
            self.assertEqual(len({item["product"]["sku"] for item in order["items"]}), 3)

    def test_detail_is_one_order(self):
        payload = self.client.get(f"/api/orders/{self.orders[0].pk}/").json()

        self.assertEqual(payload["reference"], self.orders[0].reference)
        self.assertEqual(len(payload["items"]), 3)

    def test_api_is_read_only(self):
        for method in (self.client.post, self.client.put, self.client.delete):
            self.assertEqual(method("/api/orders/").status_code, 405)

"""Every kind of unittest test; run by ``manage.py test`` and by pytest."""

import unittest

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TestCase, TransactionTestCase

from .models import Item


class ItemTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.item = Item.objects.create(name="a")

    def setUp(self):
        Item.objects.create(name="b")

    def tearDown(self):
        Item.objects.count()

    def test_requests(self):
        self.assertEqual(self.client.get("/list/").content, b"2")
        self.assertEqual(self.client.get("/items/5/").status_code, 200)
        self.assertEqual(self.client.get("/again/2/").status_code, 200)
        self.assertEqual(self.client.get("/nowhere/").status_code, 404)

    def test_exception(self):
        with self.assertRaisesMessage(RuntimeError, "broken"):
            self.client.get("/broken/")

    def test_stream(self):
        self.assertEqual(b"".join(self.client.get("/stream/").streaming_content), b"222")

    def test_admin(self):
        user = User.objects.create_superuser("admin", password="admin")
        self.client.force_login(user)
        self.assertEqual(self.client.get("/admin/shop/item/").status_code, 200)

    def test_command(self):
        call_command("count_items", verbosity=0)

    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertTrue(Item.objects.exists())

    @unittest.skip("on purpose")
    def test_skipped(self):
        raise AssertionError

    @unittest.expectedFailure
    def test_expected_failure(self):
        self.assertEqual(Item.objects.count(), 0)

    async def test_async(self):
        self.assertEqual(await Item.objects.acount(), 2)
        response = await self.async_client.get("/list/")
        self.assertEqual(response.content, b"2")


class TransactionTests(TransactionTestCase):
    def test_transaction(self):
        Item.objects.create(name="t")


class PlainTests(unittest.TestCase):
    def test_plain(self):
        self.assertEqual(1 + 1, 2)

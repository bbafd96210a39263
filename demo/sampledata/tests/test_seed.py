from io import StringIO

from django.core.management import call_command
from django.test import TestCase

from shop.models import Order


class SeedTests(TestCase):
    def test_fills_the_shop(self):
        output = StringIO()
        call_command("seed", orders=3, stdout=output)
        self.assertIn("Created 3 paid orders", output.getvalue())
        self.assertEqual(Order.objects.paid().count(), 3)

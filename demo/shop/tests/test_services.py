from datetime import timedelta

from django.core import mail
from django.test import TestCase

from sampledata.factories import EPOCH, create_customer, create_item, create_order
from shop import services
from shop.models import Order


class PaymentReminderTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.orders = [
            create_order(status=Order.Status.PLACED, placed_at=EPOCH + timedelta(hours=hour))
            for hour in range(8)
        ]

    def test_everyone_who_is_late_gets_a_mail(self):
        sent = services.send_payment_reminders(EPOCH + timedelta(days=30))

        self.assertEqual(sent, 8)
        self.assertEqual(
            {message.to[0] for message in mail.outbox},
            {order.customer.email for order in self.orders},
        )

    def test_nobody_is_late_within_the_term(self):
        self.assertEqual(services.send_payment_reminders(EPOCH + timedelta(days=7)), 0)
        self.assertEqual(mail.outbox, [])


class PickingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for quantity in range(1, 7):
            order = create_order()
            create_item(order, description="Soap", quantity=quantity)
            create_item(order, description="Brush")

    def test_adds_up_over_all_paid_orders(self):
        create_item(create_order(status=Order.Status.SHIPPED), description="Soap", quantity=90)
        self.assertEqual(services.picking_totals(), {"Soap": 21, "Brush": 6})


class DeliveryNoteTests(TestCase):
    def test_names_whoever_ordered(self):
        customers = [create_customer(name=name) for name in ("Ann", "Ben", "Cleo")]
        for number in range(60):
            create_order(customer=customers[number % 3])

        notes = services.delivery_notes()

        self.assertEqual(len(notes), 60)
        self.assertEqual(sum(note.endswith(": Ben") for note in notes), 20)


class SalesSummaryTests(TestCase):
    def test_figures(self):
        orders = [create_order() for _ in range(4)]
        create_order(status=Order.Status.PLACED)

        summary = services.sales_summary()

        self.assertEqual(summary["count"], 4)
        self.assertEqual(summary["references"], [order.reference for order in reversed(orders)])
        self.assertTrue(summary["has_unpaid"])


class CancelStaleTests(TestCase):
    def test_cancels_only_what_is_old_and_unpaid(self):
        for day in range(6):
            create_order(status=Order.Status.PLACED, placed_at=EPOCH + timedelta(days=day))
        create_order(placed_at=EPOCH)

        self.assertEqual(services.cancel_stale(EPOCH + timedelta(days=4)), 4)
        self.assertEqual(Order.objects.filter(status=Order.Status.CANCELLED).count(), 4)
        self.assertEqual(Order.objects.open().count(), 3)

    def test_orders_of_a_year(self):
        create_order(placed_at=EPOCH)
        create_order(placed_at=EPOCH - timedelta(days=365))
        self.assertEqual(Order.objects.placed_in(EPOCH.year).count(), 1)


class UnmatchedTransferTests(TestCase):
    def test_names_what_is_no_orders(self):
        known = [create_order().reference for _ in range(5)]

        unmatched = services.unmatched_transfers(["X-1", *known, "X-2"])

        self.assertEqual(unmatched, ["X-1", "X-2"])

"""Querysets that more than one part of the shop asks for."""

from datetime import timedelta

from shop.models import Order

PAYMENT_TERM = timedelta(days=14)


def overdue_orders(now):
    """Orders that were placed longer ago than the payment term and are still unpaid."""
    return Order.objects.filter(
        status=Order.Status.PLACED,
        placed_at__lt=now - PAYMENT_TERM,
    )

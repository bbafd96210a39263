"""What the shop does with orders outside of a request."""

from django.core.mail import EmailMessage, get_connection

from shop.models import Order
from shop.selectors import overdue_orders


def send_payment_reminders(now):
    """Mail everyone whose order is overdue at `now`; return the number of mails sent."""
    messages = []
    for order in overdue_orders(now):
        messages.append(
            EmailMessage(
                subject=f"Your order {order.reference} is waiting",
                body=f"Dear {order.customer.name}, we have not received your payment yet.",
                to=[order.customer.email],
            )
        )
    return get_connection().send_messages(messages) or 0


def picking_totals():
    """Units to fetch from the warehouse for all paid orders, `{description: quantity}`."""
    totals = {}
    for order in Order.objects.paid():
        for item in order.items.all():
            totals[item.description] = totals.get(item.description, 0) + item.quantity
    return totals


def delivery_notes():
    """One line of text for each paid order: its reference, and who gets it."""
    return [f"{order.reference}: {order.customer.name}" for order in Order.objects.paid()]


def sales_summary():
    """Figures for the owner's morning mail."""
    return {
        "count": len(Order.objects.paid()),
        "references": [order.reference for order in Order.objects.paid()],
        "has_unpaid": Order.objects.filter(status=Order.Status.PLACED).count() > 0,
    }


def cancel_stale(before):
    """Cancel the orders that were placed before `before` and never paid; return how many."""
    stale = Order.objects.filter(status=Order.Status.PLACED, placed_at__lt=before)
    for order in stale:
        order.status = Order.Status.CANCELLED
        order.save(update_fields=["status"])
    return len(stale)


def unmatched_transfers(references):
    """Of the references that a bank statement names, those that are no order's, in their order."""
    unmatched = []
    for reference in references:
        if not Order.objects.filter(reference=reference).exists():
            unmatched.append(reference)
    return unmatched

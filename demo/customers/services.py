"""What marketing and support ask about customers."""

from customers.models import Customer
from shop.models import Order


def newsletter_cities():
    """Names of the cities in which a newsletter subscriber lives, sorted."""
    return sorted({customer.address.city for customer in Customer.objects.subscribed()})


def subscriber_order_count():
    """How many orders came from customers who take the newsletter."""
    subscriber_ids = list(Customer.objects.subscribed().values_list("pk", flat=True))
    return Order.objects.filter(customer_id__in=subscriber_ids).count()


def find_by_phone(phone):
    """The customer who calls from `phone`, or None."""
    return Customer.objects.filter(phone=phone).first()


def never_ordered():
    """Names of the customers who have not ordered anything yet."""
    return [customer.name for customer in Customer.objects.all() if not customer.orders.exists()]


def can_be_deleted(customer):
    """Whether the customer has no order that is still to be shipped."""
    return len(Order.objects.open().filter(customer=customer)) == 0

"""One builder a model, for the tests and for `manage.py seed`.

Every builder fills what its caller leaves out with values that no other call gets.
"""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count

from django.contrib.auth import get_user_model

from audit.models import Entry
from blog.models import Comment, Post
from catalogue.models import Category, Product, Tag
from customers.models import Address, Customer
from shop.models import Order, OrderItem, Shipment

EPOCH = datetime(2025, 1, 6, 9, 0, tzinfo=timezone.utc)

_numbers = count(1)


def create_address(**fields):
    number = next(_numbers)
    defaults = {
        "street": f"{number} Mill Lane",
        "postcode": f"AB{number}",
        "city": f"Town {number}",
    }
    return Address.objects.create(**defaults | fields)


def create_customer(**fields):
    number = next(_numbers)
    defaults = {
        "name": f"Customer {number}",
        "email": f"customer{number}@example.com",
        "phone": f"0113{number:07}",
        "joined_on": date(2024, 3, 1),
    }
    if "address" not in fields:
        fields["address"] = create_address()
    return Customer.objects.create(**defaults | fields)


def create_category(**fields):
    number = next(_numbers)
    defaults = {"name": f"Category {number}", "slug": f"category-{number}"}
    return Category.objects.create(**defaults | fields)


def create_tag(**fields):
    return Tag.objects.create(**{"name": f"tag {next(_numbers)}"} | fields)


def create_product(*, tags=(), **fields):
    number = next(_numbers)
    defaults = {
        "sku": f"SKU-{number:05}",
        "name": f"Product {number:05}",
        "barcode": f"{number:013}",
        "price": Decimal("9.50"),
        "stock": 20,
        "added_on": date(2024, 6, 1),
    }
    if "category" not in fields:
        fields["category"] = create_category()
    product = Product.objects.create(**defaults | fields)
    product.tags.set(tags)
    return product


def create_order(**fields):
    number = next(_numbers)
    defaults = {
        "reference": f"R{number:07}",
        "status": Order.Status.PAID,
        "placed_at": EPOCH + timedelta(minutes=number),
    }
    if "customer" not in fields:
        fields["customer"] = create_customer()
    return Order.objects.create(**defaults | fields)


def create_item(order, **fields):
    if "product" not in fields:
        fields["product"] = create_product()
    product = fields["product"]
    defaults = {"description": product.name, "unit_price": product.price, "quantity": 1}
    return OrderItem.objects.create(order=order, **defaults | fields)


def create_shipment(**fields):
    number = next(_numbers)
    defaults = {
        "carrier": "Royal Mail",
        "tracking_code": f"RM{number:09}GB",
        "shipped_at": EPOCH + timedelta(days=1, minutes=number),
    }
    if "order" not in fields:
        fields["order"] = create_order(status=Order.Status.SHIPPED)
    return Shipment.objects.create(**defaults | fields)


def create_user(**fields):
    """A user without a password: `client.force_login()` needs none."""
    username = fields.pop("username", None) or f"user{next(_numbers)}"
    return get_user_model().objects.create_user(username, **fields)


def create_staff(**fields):
    return create_user(is_staff=True, is_superuser=True, **fields)


def create_post(**fields):
    number = next(_numbers)
    defaults = {
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "summary": f"Summary {number}",
        "body": "A few words.",
        "published_at": EPOCH + timedelta(hours=number),
    }
    if "author" not in fields:
        fields["author"] = create_user()
    return Post.objects.create(**defaults | fields)


def create_comment(post, **fields):
    number = next(_numbers)
    defaults = {"body": f"Comment {number}", "written_at": EPOCH + timedelta(hours=number)}
    if "author" not in fields:
        fields["author"] = create_user()
    return Comment.objects.create(post=post, **defaults | fields)


def create_entry(target, **fields):
    defaults = {"action": "changed", "done_at": EPOCH + timedelta(minutes=next(_numbers))}
    if "actor" not in fields:
        fields["actor"] = create_staff()
    return Entry.objects.create(target=target, **defaults | fields)

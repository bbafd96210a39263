"""One function a cause. The comments at line ends are what the tests look for."""

import pickle

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction
from django.db.models import Count, Prefetch

from .models import Customer, Item, Note, Order, Product, Profile, Tag


def foreign_key():
    for order in Order.objects.all():  # fk construction
        order.customer.name  # fk access


def foreign_key_twice():
    for order in Order.objects.all():
        order.customer.address.city


def one_to_one():
    for profile in Profile.objects.all():
        profile.customer.name


def reverse_one_to_one():
    for customer in Customer.objects.all():
        customer.profile.bio


def reverse_foreign_key():
    for order in Order.objects.all():
        list(order.items.all())


def reverse_foreign_key_default_name():
    for customer in Customer.objects.all():
        list(customer.order_set.all())


def many_to_many():
    for product in Product.objects.all():
        list(product.tags.all())


def reverse_many_to_many():
    for tag in Tag.objects.all():
        list(tag.product_set.all())


def generic_foreign_key():
    for note in Note.objects.all():
        note.about.pk


def generic_relation():
    for order in Order.objects.all():
        list(order.notes.all())


def deferred():
    for order in Order.objects.defer("memo"):
        order.memo


def related_slice():
    for order in Order.objects.all():
        order.items.all()[0]


def refined_slice():
    for order in Order.objects.all():
        order.items.order_by("quantity")[0]


def found_or_made():
    tag, _ = Tag.objects.get_or_create(name="three")
    Tag.objects.update_or_create(name=tag.name, defaults={})


def refined_filter():
    for order in Order.objects.all():
        list(order.items.filter(quantity=1))


def refined_count():
    for order in Order.objects.all():
        order.items.count()


def many_to_many_count():
    for product in Product.objects.all():
        product.tags.count()


def prefetch_defeated():
    for product in Product.objects.prefetch_related("tags"):
        list(product.tags.order_by("name"))  # defeated


def prefetch_nested():
    for order in Order.objects.prefetch_related("items__product"):  # prefetch root
        for item in order.items.all():
            item.product.name


def prefetch_then_lazy():
    for order in Order.objects.prefetch_related("items"):
        for item in order.items.all():
            item.product.name


def prefetch_queryset():
    chosen = Prefetch("items", queryset=Item.objects.order_by("pk"), to_attr="lines")  # prefetch inner
    for order in Order.objects.prefetch_related(chosen):
        order.lines


def prefetch_through_join():
    for order in Order.objects.select_related("customer").prefetch_related("customer__order_set"):
        list(order.customer.order_set.all())


def joined():
    for item in Item.objects.select_related("order__customer"):
        item.order.customer.address.city


def raw():
    for order in Order.objects.raw("SELECT * FROM store_order"):  # raw
        order.customer.name


def iterator():
    for order in Order.objects.iterator():
        order.customer.name


def values():
    return list(Order.objects.values_list("pk", flat=True))


def apis():
    orders = Order.objects.all()
    orders.count()
    orders.exists()
    orders.first()
    orders.get(reference="R0")
    orders.aggregate(Count("pk"))
    orders.in_bulk([1])
    orders[0]


def unique_filter():
    return list(Order.objects.filter(reference="R0"))


def two_on_one_line():
    return len(Order.objects.filter(status="paid")), len(Order.objects.filter(status="open"))  # one line


def chained():
    return list(
        Order.objects.all()  # chain starts
        .filter(status="paid")
        .order_by("pk")
    )


def through_manager():
    return list(Product.available.all())  # available


def through_queryset_method():
    return Order.objects.all().references()  # references


def writes():
    tag = Tag.objects.create(name="fresh")
    tag.name = "fresher"
    tag.save()
    Tag.objects.bulk_create([Tag(name="one"), Tag(name="two")])
    Tag.objects.filter(name="one").update(name="uno")
    Tag.objects.filter(name="uno").delete()
    tag.refresh_from_db()
    Tag.objects.get_or_create(name="three")
    tag.delete()


def relation_writes():
    product = Product.objects.get(pk=1)
    product.tags.set(Tag.objects.all())
    product.tags.clear()


def cascade():
    Customer.objects.get(pk=1).delete()


def cursor():
    with connection.cursor() as raw_cursor:
        raw_cursor.execute("SELECT 1")  # cursor


def savepoint():
    with transaction.atomic():
        Order.objects.count()


def many_statements():
    with connection.cursor() as raw_cursor:
        for number in range(120):
            raw_cursor.execute(f"SELECT {number}, 'n{number}'")


def in_lists():
    for count in range(1, 5):
        list(Order.objects.filter(pk__in=range(1, count + 2)))


def pickled():
    orders = Order.objects.select_related("customer").filter(status="paid")
    return pickle.dumps([orders, list(orders), Order.objects.filter(pk=1).query])


def broken():
    with connection.cursor() as raw_cursor:
        raw_cursor.execute("SELECT * FROM nowhere")


@async_to_sync
async def asynchronous():
    return [order async for order in Order.objects.all()]  # async for


@async_to_sync
async def in_thread():
    return await sync_to_async(_names)()  # into thread


def _names():
    return [order.customer.name for order in Order.objects.all()]  # in thread

"""What is loaded along with rows, and read or not."""

import copy
import json
import pickle

from django.core import serializers
from django.db.models import FilteredRelation, Prefetch, Q, prefetch_related_objects
from django.forms.models import model_to_dict

from .models import Address, Customer, Item, Note, Order, Product, Profile


def joined():
    return list(Item.objects.select_related("order__customer", "product"))


def joined_and_read():
    for item in joined():
        item.order.customer.name


def joined_and_read_once():
    joined()[3].order


def keys_are_read():
    for item in joined():
        item.order_id, item.product_id


def reverse_is_read():
    for customer in Customer.objects.select_related("profile"):
        customer.profile.bio


def nothing_is_there():
    customer = Customer.objects.create(name="without a profile", address=Address.objects.get(pk=1))
    return list(Customer.objects.filter(pk=customer.pk).select_related("profile"))


def nothing_is_there_and_read():
    hasattr(nothing_is_there()[0], "profile")


def joined_by_a_related_manager():
    order = Order.objects.get(pk=1)
    for item in order.items.select_related("product"):
        item.order.reference


def under_a_condition():
    orders = Order.objects.annotate(buyer=FilteredRelation("customer", condition=Q(customer__name="N0")))
    return list(orders.select_related("buyer__address"))


def prefetched():
    return list(Order.objects.prefetch_related("items__product", "notes"))


def prefetched_and_read():
    for order in prefetched():
        [item.product.name for item in order.items.all()]


def counted():
    [order.items.count() for order in prefetched()]


def defeated():
    [list(order.items.filter(quantity=1)) for order in prefetched()]


def many_to_many():
    return list(Product.objects.prefetch_related("tags"))


def many_to_many_read():
    [list(product.tags.all()) for product in many_to_many()]


def reverse_many_to_many_read():
    from .models import Tag

    [list(tag.product_set.all()) for tag in Tag.objects.prefetch_related("product_set")]


def generic_foreign_key():
    return list(Note.objects.prefetch_related("about"))


def generic_foreign_key_read():
    [note.about for note in generic_foreign_key()]


def single_prefetched():
    return list(Order.objects.prefetch_related("customer"))


def single_prefetched_and_read():
    [order.customer for order in single_prefetched()]


def joined_and_prefetched():
    return list(Order.objects.select_related("customer").prefetch_related("customer__order_set", "items"))


def to_an_attribute():
    return list(Order.objects.prefetch_related(Prefetch("items", to_attr="lines")))


def in_the_prefetchs_queryset():
    items = Item.objects.select_related("product")
    return [list(order.items.all()) for order in Order.objects.prefetch_related(Prefetch("items", queryset=items))]


def for_instances():
    orders = list(Order.objects.all())
    prefetch_related_objects(orders, "items")
    return orders


def no_items():
    order = Order.objects.create(reference="empty", customer=Customer.objects.get(pk=1))
    return list(Order.objects.filter(pk=order.pk).prefetch_related("items"))


def no_items_read():
    [list(order.items.all()) for order in no_items()]


def values():
    return list(Item.objects.select_related("product").values("product__name"))


def iterated():
    for item in Item.objects.select_related("product").iterator():
        item.quantity


def saved():
    for item in Item.objects.select_related("order"):
        item.save()


def assigned():
    for item in Item.objects.select_related("order"):
        item.order = None


def refreshed():
    for item in Item.objects.select_related("order"):
        item.refresh_from_db()


def is_asked_for():
    for item in Item.objects.select_related("order"):
        Item.order.is_cached(item)


def as_a_form_shows_it():
    [model_to_dict(item) for item in Item.objects.select_related("product")]


def pickled():
    pickle.dumps(Item.objects.select_related("order")[0])


def copied():
    copy.copy(Item.objects.select_related("order")[0])


def deep_copied():
    copy.deepcopy(Item.objects.select_related("order")[0])


def pickled_prefetch():
    pickle.dumps(Order.objects.prefetch_related("items").get(pk=1))


def serialized():
    return json.loads(serializers.serialize("json", Product.objects.prefetch_related("tags")))


def serialized_by_keys():
    return serializers.serialize("json", Item.objects.select_related("product"))


def profile_of_each_customer():
    return list(Profile.objects.select_related("customer"))

"""Each cause: its kind, model, accessor and lookup, and the row that it hangs on."""

from __future__ import annotations

import pytest

LAZY = [
    # function, kind, model, field, lookup, target, count, instances, single
    ("foreign_key", "foreign_key", "store.Order", "customer", "customer", "store.Customer", 3, 3, True),
    ("one_to_one", "one_to_one", "store.Profile", "customer", "customer", "store.Customer", 2, 2, True),
    ("reverse_one_to_one", "reverse_one_to_one", "store.Customer", "profile", "profile", "store.Profile", 2, 2, True),
    ("reverse_foreign_key", "reverse_foreign_key", "store.Order", "items", "items", "store.Item", 3, 3, False),
    (
        "reverse_foreign_key_default_name",
        "reverse_foreign_key",
        "store.Customer",
        "order_set",
        "order_set",
        "store.Order",
        2,
        2,
        False,
    ),
    ("many_to_many", "many_to_many", "store.Product", "tags", "tags", "store.Tag", 2, 2, False),
    ("reverse_many_to_many", "many_to_many", "store.Tag", "product_set", "product_set", "store.Product", 2, 2, False),
    ("generic_foreign_key", "generic_foreign_key", "store.Note", "about", "about", "store.Order", 3, 3, True),
    ("generic_relation", "generic_relation", "store.Order", "notes", "notes", "store.Note", 3, 3, False),
    ("deferred", "deferred_field", "store.Order", "memo", None, "store.Order", 3, 3, True),
    ("iterator", "foreign_key", "store.Order", "customer", "customer", "store.Customer", 3, 3, True),
]


@pytest.mark.parametrize(
    ("function", "kind", "model", "field", "lookup", "target", "count", "instances", "single"), LAZY, ids=lambda v: str(v)
)
def test_lazy_load_hangs_on_the_queryset_that_loaded_its_instance(
    recording, services, function, kind, model, field, lookup, target, count, instances, single
):
    scope = recording.run(getattr(services, function))
    root, lazy = scope.rows[0], scope.only(kind)
    assert root.cause["kind"] == "queryset"
    assert root.cause["model"] == model
    cause = lazy.cause
    assert (cause["model"], cause["field"], cause["lookup"], cause["target"]) == (model, field, lookup, target)
    assert (lazy.count, lazy.instances, lazy.single) == (count, instances, single)
    assert lazy.parent is not None
    assert (lazy.parent.id, lazy.path) == (root.id, "")
    assert root.rows == instances
    assert cause["refined"] is False


def test_parents_reach_back_through_lazy_loads(recording, services):
    root, customer, address = recording.run(services.foreign_key_twice).rows
    assert (address.cause["model"], address.cause["field"]) == ("store.Customer", "address")
    assert address.parent.id == customer.id
    assert customer.parent.id == root.id


def test_parents_reach_through_joins(recording, services):
    root, address = recording.run(services.joined).rows
    assert (address.parent.id, address.path) == (root.id, "order__customer")
    assert (address.count, address.instances, root.rows) == (6, 6, 6)


def test_prefetch_levels_hang_on_each_other(recording, services):
    root, items, products = recording.run(services.prefetch_nested).rows
    assert (items.cause["kind"], items.cause["path"], items.cause["field"]) == ("prefetch", "items", "items")
    assert (items.parent.id, items.instances, items.rows) == (root.id, 3, 6)
    assert (products.cause["path"], products.cause["field"], products.cause["model"]) == (
        "items__product",
        "product",
        "store.Item",
    )
    assert products.parent.id == items.id
    assert products.instances == 6


def test_lazy_load_on_prefetched_instances(recording, services):
    root, items, product = recording.run(services.prefetch_then_lazy).rows
    assert product.cause["kind"] == "foreign_key"
    assert product.parent.id == items.id
    assert items.parent.id == root.id
    assert product.count == 6


def test_prefetch_object_keeps_its_own_construction(recording, services):
    root, items = recording.run(services.prefetch_queryset).rows
    assert items.cause["path"] == "items"
    assert items.chain.place == ("store/services.py", recording.line("store/services.py", "# prefetch inner"))
    assert items.parent.id == root.id


def test_prefetch_through_a_join(recording, services):
    root, orders = recording.run(services.prefetch_through_join).rows
    assert (orders.cause["kind"], orders.cause["path"]) == ("prefetch", "customer__order_set")
    assert (orders.parent.id, orders.path) == (root.id, "customer")


@pytest.mark.parametrize(
    ("function", "kind", "api"),
    [
        ("refined_filter", "reverse_foreign_key", "iterate"),
        ("refined_slice", "reverse_foreign_key", "iterate"),
        ("refined_count", "reverse_foreign_key", "count"),
        ("many_to_many_count", "many_to_many", "count"),
        ("prefetch_defeated", "many_to_many", "iterate"),
    ],
)
def test_refined_managers(recording, services, function, kind, api):
    row = recording.run(getattr(services, function)).only(kind)
    assert row.cause["refined"] is True
    assert row.cause["api"] == api
    assert row.parent is not None


def test_a_slice_of_a_related_manager_is_not_refined(recording, services):
    """A prefetched queryset is sliced from its own rows (`QuerySet.__getitem__`)."""
    row = recording.run(services.related_slice).only("reverse_foreign_key")
    assert row.cause["refined"] is False
    assert row.count == row.instances > 1


def test_a_slice_is_not_refined_by_a_queryset_that_clones_in_its_own_way(recording):
    from django.db.models import QuerySet
    from store.models import Order

    class Items(QuerySet):
        def _clone(self):
            return super()._clone()

    def slices():
        for order in Order.objects.all():
            items = order.items.all()
            items.__class__ = Items
            list(items[:1])

    row = recording.run(slices).only("reverse_foreign_key")
    assert row.cause["refined"] is False


def test_get_or_create_and_update_or_create_load_one_row(recording, services):
    rows = [row for row in recording.run(services.found_or_made).rows if row.cause["kind"] == "queryset"]
    assert {row.cause["api"] for row in rows} == {"get_or_create", "update_or_create"}
    assert all(row.single for row in rows)


def test_a_defeated_prefetch_is_constructed_where_it_is_chained_on(recording, services):
    row = recording.run(services.prefetch_defeated).only("many_to_many")
    assert row.chain.place == ("store/services.py", recording.line("store/services.py", "# defeated"))


def test_raw(recording, services):
    root, customer = recording.run(services.raw).rows
    assert root.cause["kind"] == "raw"
    assert root.rows == 3
    assert root.chain.place == ("store/services.py", recording.line("store/services.py", "# raw"))
    assert customer.parent.id == root.id


def test_apis(recording, services):
    rows = recording.run(services.apis).rows
    assert [(row.cause["api"], row.single) for row in rows] == [
        ("count", False),
        ("exists", True),
        ("first", True),
        ("get", True),
        ("aggregate", False),
        ("in_bulk", False),
        ("iterate", True),
    ]
    assert {row.cause["kind"] for row in rows} == {"queryset"}
    assert rows[0].rows is None
    assert rows[3].rows == 1


def test_an_equality_on_a_unique_column_is_single(recording, services):
    assert recording.run(services.unique_filter).rows[0].single is True


def test_writes(recording, services):
    rows = recording.run(services.writes).rows
    assert [(row.cause["kind"], row.cause["api"], row.statement["verb"]) for row in rows] == [
        ("create", "create", "insert"),
        ("save", None, "update"),
        ("bulk", "bulk_create", "insert"),
        ("update", "update", "update"),
        ("delete", "delete", "select"),
        ("delete", "delete", "delete"),
        ("delete", "delete", "delete"),
        ("refresh", None, "select"),
        ("queryset", "get_or_create", "select"),
        ("create", "get_or_create", "insert"),
        ("delete", None, "delete"),
        ("delete", None, "delete"),
    ]
    assert {row.cause["target"] for row in rows} == {"store.Tag", "store.Product_tags"}


def test_relation_writes(recording, services):
    rows = recording.run(services.relation_writes).rows[1:]
    written = [row for row in rows if row.cause["api"] in {"set", "clear"}]
    assert {(row.cause["kind"], row.cause["api"]) for row in written} == {("bulk", "set"), ("delete", "clear")}
    assert all(row.instances == 1 for row in written)


def test_cascades_are_deletes(recording, services):
    rows = recording.run(services.cascade).rows
    assert rows[0].cause["kind"] == "queryset"
    assert {row.cause["kind"] for row in rows[1:]} == {"delete"}
    assert {row.cause["model"] for row in rows[1:]} == {"store.Customer"}


def test_cursor(recording, services):
    row = recording.run(services.cursor).only("cursor")
    assert row.stack[-1].place == ("store/services.py", recording.line("store/services.py", "# cursor"))
    assert row.statement["tables"] == []


def test_savepoints_are_no_queries(recording, services):
    scope = recording.run(services.savepoint)
    assert [row.statement["verb"] for row in scope.all_rows] == ["savepoint", "select", "savepoint"]
    assert scope.all_rows[0].cause["kind"] == "transaction"
    assert scope.end["queries"] == 1


def test_bookkeeping_of_a_request(recording):
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create(username="u"))
    rows = recording.run(client.get, "/whoami/").rows
    assert [row.cause["kind"] for row in rows] == ["session", "auth"]


def test_errors_are_counted_and_raised(recording, services):
    from django.db import OperationalError, transaction

    def broken():
        with pytest.raises(OperationalError), transaction.atomic():
            services.broken()

    row = recording.run(broken).only("cursor")
    assert (row.count, row.errors) == (1, 1)


def test_tables_in_join_order(recording, services):
    assert recording.run(services.joined).rows[0].statement["tables"] == ["store_item", "store_order", "store_customer"]

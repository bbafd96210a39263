"""What was loaded along with rows, and whether anything read it."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from querysight.eager import FIELDS, PREFETCHED, Kept, Watched

# function: (path, loaded, read) of each row with something loaded along, in the order of the rows
EAGER = {
    "joined": [[("order", 6, False), ("product", 6, False), ("order__customer", 6, False)]],
    "joined_and_read": [[("order", 6, True), ("product", 6, False), ("order__customer", 6, True)]],
    "joined_and_read_once": [[("order", 6, True), ("product", 6, False), ("order__customer", 6, False)]],
    "keys_are_read": [[("order", 6, False), ("product", 6, False), ("order__customer", 6, False)]],
    "reverse_is_read": [[("profile", 2, True)]],
    "nothing_is_there": [[("profile", 0, False)]],
    "nothing_is_there_and_read": [[("profile", 0, True)]],
    "joined_by_a_related_manager": [[("product", 2, False)]],
    "under_a_condition": [[("buyer__address", 2, False)]],
    "prefetched": [[("items", 3, False), ("notes", 3, False)], [("product", 6, False)]],
    "prefetched_and_read": [[("items", 3, True), ("notes", 3, False)], [("product", 6, True)]],
    "counted": [[("items", 3, True), ("notes", 3, False)], [("product", 6, False)]],
    # The manager took its rows, and filtered them by another query.
    "defeated": [[("items", 3, True), ("notes", 3, False)], [("product", 6, False)]],
    "many_to_many": [[("tags", 2, False)]],
    "many_to_many_read": [[("tags", 2, True)]],
    "reverse_many_to_many_read": [[("product_set", 2, True)]],
    "generic_foreign_key": [[("about", 3, False)]],
    "generic_foreign_key_read": [[("about", 3, True)]],
    "single_prefetched": [[("customer", 3, False)]],
    "single_prefetched_and_read": [[("customer", 3, True)]],
    "joined_and_prefetched": [[("customer", 3, False), ("items", 3, False), ("customer__order_set", 3, False)]],
    "to_an_attribute": [],
    "in_the_prefetchs_queryset": [[("items", 3, True)], [("product", 6, False)]],
    "for_instances": [[("items", 3, False)]],
    "no_items": [[("items", 0, False)]],
    "no_items_read": [[("items", 0, True)]],
    "values": [],
    "iterated": [[("product", 6, False)]],
    "saved": [[("order", 6, False)]],
    "assigned": [[("order", 6, False)]],
    "refreshed": [[("order", 6, False)]],
    "is_asked_for": [[("order", 6, False)]],
    "as_a_form_shows_it": [[("product", 6, False)]],
    "pickled": [[("order", 1, True)]],
    "copied": [[("order", 1, True)]],
    "deep_copied": [[("order", 1, True)]],
    "pickled_prefetch": [[("items", 1, True)]],
    "serialized": [[("tags", 2, True)]],
    "serialized_by_keys": [[("product", 6, False)]],
    "profile_of_each_customer": [[("customer", 2, False)]],
}


@pytest.fixture
def eager(store):
    from store import eager

    return eager


def entries(scope):
    return [
        [(entry["path"], entry["loaded"], entry["read"]) for entry in row.record["eager"]]
        for row in scope.rows
        if "eager" in row.record
    ]


@pytest.mark.parametrize("function", EAGER)
def test_it_is_known_what_was_loaded_along_and_read(recording, eager, function):
    assert entries(recording.run(getattr(eager, function))) == EAGER[function]


def test_all_are_tried(eager):
    own = {name for name, value in vars(eager).items() if getattr(value, "__module__", "") == eager.__name__}
    assert own == {*EAGER}


def test_it_is_once_per_row_of_the_segment(recording, eager):
    def twice():
        for _ in range(2):
            eager.joined()

    assert entries(recording.run(twice)) == [[(path, 2 * loaded, read) for path, loaded, read in EAGER["joined"][0]]]


@pytest.mark.parametrize(
    ("load", "read", "path"),
    [
        ("joined", lambda rows: rows[0].product, "product"),
        ("prefetched", lambda rows: rows[0].items.all(), "items"),
        ("joined", lambda rows: copy.deepcopy(rows[0]), "order"),
    ],
)
def test_what_is_read_in_a_later_scope_is_told_later(recording, eager, load, read, path):
    recording.run(getattr(eager, load))
    rows = recording.result
    row = recording.read().of("row")[0]
    recording.run(lambda: [read(rows) for _ in range(3)])
    late = [record for record in recording.read().of("eagerRead") if record["path"] == path]
    assert [record["row"] for record in late] == [row["id"]]
    assert not next(entry for entry in row["eager"] if entry["path"] == path)["read"]


def test_what_is_read_after_the_last_scope_is_told_at_the_end(recording, eager):
    recording.run(eager.joined)
    recording.result[0].product  # noqa: B018
    recording.session.finish()
    assert [record["path"] for record in recording.read().of("eagerRead")] == ["product"]


def test_what_is_prefetched_for_rows_that_are_written_counts_as_read(recording):
    from django.db.models import prefetch_related_objects
    from store.models import Order

    recording.run(lambda: list(Order.objects.all()))
    orders = recording.result
    recording.run(lambda: prefetch_related_objects(orders, "items"))
    assert [record["path"] for record in recording.read().of("eagerRead")] == ["items"]


def test_the_caches_are_equal_and_end_up_as_plain(recording, eager):
    recording.run(eager.joined_and_prefetched)
    order = recording.result[0]
    fields, prefetched = order._state.__dict__[FIELDS], order.__dict__[PREFETCHED]
    assert (type(fields), type(prefetched)) == (Watched, Watched)
    assert isinstance(fields, dict)
    assert fields == dict(dict.items(fields))
    assert repr(prefetched) == repr(dict(dict.items(prefetched)))
    assert [*fields] == ["customer"]
    assert "customer" in fields
    assert json.dumps({"length": len(fields)}) == '{"length": 1}'
    with pytest.raises(KeyError, match="nothing"):
        fields["nothing"]
    assert fields.get("nothing", 7) == 7
    twin = pickle.loads(pickle.dumps(order))
    assert type(twin._state.__dict__[FIELDS]) is type(twin.__dict__[PREFETCHED]) is dict
    for copied in (copy.copy(fields), copy.deepcopy(fields), fields.copy(), {**fields}, fields | {}, {} | fields):
        assert type(copied) is dict
        assert copied == fields
    for copied in (copy.copy(order), copy.deepcopy(order)):
        assert type(copied._state.__dict__[FIELDS]) is dict
        assert [item.pk for item in copied.items.all()] == [item.pk for item in order.items.all()]
    assert type(fields) is Kept


def test_a_copy_shares_what_it_shares_unwatched(recording, eager):
    """`copy.copy` of an instance shares what was prefetched, and not the fields' values (Model.__getstate__)."""
    recording.run(eager.joined_and_prefetched)
    order = recording.result[0]
    copied = copy.copy(order)
    assert copied.__dict__[PREFETCHED] is order.__dict__[PREFETCHED]
    assert copied._state.__dict__[FIELDS] is not order._state.__dict__[FIELDS]
    assert copy.copy(order._state).fields_cache is order._state.fields_cache


def test_what_was_read_is_no_longer_watched(recording, eager):
    from store.models import Item

    def read():
        items = list(Item.objects.select_related("product"))
        assert {item.product.pk for item in items} == {1, 2}
        return items

    recording.run(read)
    assert {type(item._state.__dict__[FIELDS]) for item in recording.result} == {Kept}
    with_reads = recording.run(lambda: [read(), read()])
    assert entries(with_reads) == [[("product", 12, True)]]
    # The second time nothing is left to tell.
    assert {type(item._state.__dict__[FIELDS]) for item in recording.result[1]} == {dict}


def test_anothers_dictionary_is_left_alone(recording):
    from collections import OrderedDict

    from store.models import Order

    def load():
        orders = list(Order.objects.all())
        for order in orders:
            order._prefetched_objects_cache = OrderedDict()
        from django.db.models import prefetch_related_objects

        prefetch_related_objects(orders, "items")
        return orders

    assert entries(recording.run(load)) == [[("items", 3, True)]]
    assert {type(order.__dict__[PREFETCHED]) for order in recording.result} == {OrderedDict}


def test_a_caches_cycle_can_be_copied(recording, eager):
    recording.run(eager.profile_of_each_customer)
    profile = recording.result[0]
    twin = copy.deepcopy(profile)
    assert twin.customer.profile is twin

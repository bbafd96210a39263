"""Fetch modes: one load for all peers is a prefetch and no N+1. Only where Django has them (6.1 and later)."""

from __future__ import annotations

import pytest

pytest.importorskip("django.db.models.fetch_modes", reason="this Django has no fetch modes")

PEERS = [
    # function, model, field, lookup, target, instances
    ("peers_of_a_foreign_key", "store.Order", "customer", "customer", "store.Customer", 3),
    ("peers_of_a_one_to_one", "store.Profile", "customer", "customer", "store.Customer", 2),
    ("peers_of_a_reverse_one_to_one", "store.Customer", "profile", "profile", "store.Profile", 2),
    ("peers_of_a_generic_foreign_key", "store.Note", "about", "about", "store.Order", 3),
    ("peers_of_a_deferred_field", "store.Order", "memo", None, "store.Order", 3),
]


@pytest.fixture
def fetching(store):
    from store import fetching

    return fetching


@pytest.mark.parametrize(("function", "model", "field", "lookup", "target", "instances"), PEERS, ids=lambda value: str(value))
def test_what_is_loaded_for_all_peers_is_a_prefetch(recording, fetching, function, model, field, lookup, target, instances):
    scope = recording.run(getattr(fetching, function))
    root, load = scope.rows[0], scope.only("prefetch")
    cause = load.cause
    assert (cause["model"], cause["field"], cause["lookup"], cause["target"]) == (model, field, lookup, target)
    assert cause["path"] == field
    assert (load.count, load.instances, load.single) == (1, instances, False)
    assert load.parent.id == root.id
    assert (root.cause["kind"], root.rows) == ("queryset", instances)


def test_the_access_is_the_site(recording, fetching):
    load = recording.run(fetching.peers_of_a_foreign_key).only("prefetch")
    assert load.stack[-1].place == ("store/fetching.py", recording.line("store/fetching.py", "# peers access"))


def test_peers_of_peers(recording, fetching):
    root, customers, addresses = recording.run(fetching.peers_of_a_chain).rows
    assert [row.cause["field"] for row in (customers, addresses)] == ["customer", "address"]
    assert (customers.parent.id, addresses.parent.id) == (root.id, customers.id)


@pytest.mark.parametrize("function", ["peers_that_are_gone", "one_at_a_time"])
def test_without_living_peers_each_is_loaded_by_itself(recording, fetching, function):
    load = recording.run(getattr(fetching, function)).only("foreign_key")
    assert (load.count, load.instances, load.single) == (3, 3, True)


def test_a_blocked_load_is_blocked_and_no_query(recording, fetching):
    from django.core.exceptions import FieldFetchBlocked

    (first,) = recording.run(fetching.nothing_may_be_fetched).rows
    assert first.cause["api"] == "first"
    assert type(recording.result) is FieldFetchBlocked

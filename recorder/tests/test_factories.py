"""factory_boy and model_bakery: what they write is known as theirs, wherever a test calls them."""

from __future__ import annotations

import pytest

FACTORIES = "store/factories.py"


@pytest.fixture
def factories(store):
    from store import factories

    return factories


def made(row):
    return [(site.qualname, site.token, site.line) for site in row.stack if site.kind == "factory"]


def test_all_that_a_factory_creates_stands_in_its_class(recording, factories):
    line = recording.line
    scope = recording.run(factories.CustomerFactory)
    customer = ("CustomerFactory", "Customer", line(FACTORIES, "# class"))
    assert [(row.cause["model"], made(row)) for row in scope.rows] == [
        ("store.Address", [customer]),
        ("store.Customer", [customer]),
        ("store.Profile", [customer]),
        *[("store.Customer", [customer])] * (len(scope.rows) - 3),  # factory_boy saves again after its hooks
    ]
    assert [site.place for site in scope.rows[2].stack][-1] == (FACTORIES, line(FACTORIES, "# hook"))


def test_a_factory_of_several_is_one_place(recording, factories):
    scope = recording.run(factories.AddressFactory.create_batch, 3)
    [row] = scope.rows
    assert (row.count, made(row)[0][:2]) == (3, ("AddressFactory", "Address"))


def test_what_is_only_built_asks_nothing(recording, factories):
    assert recording.run(lambda: factories.CustomerFactory.build(address=None)).rows == []


def test_a_class_that_is_written_nowhere_is_no_place(recording, factories):
    made_here = factories.factory.make_factory(
        factories.Address, FACTORY_CLASS=factories.factory.django.DjangoModelFactory, city="C"
    )
    [row] = recording.run(made_here).rows
    assert made(row) == []


def test_the_call_of_model_bakery(recording, factories):
    line = recording.line
    scope = recording.run(factories.customers_of_bakery)
    places = {(row.cause["model"], *made(row)) for row in scope.rows}
    several, one, bulk = (("customers_of_bakery", "baker", line(FACTORIES, f"# {word}")) for word in ("several", "one", "bulk"))
    assert places == {
        ("store.Address", several),
        ("store.Customer", several),
        ("store.Address", one),
        ("store.Customer", one),
        ("store.Address", bulk),
    }

"""Querysets that generic views and admin classes make of their model: the class that stands for them."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import RequestFactory

FILE = "store/listings.py"


@pytest.fixture
def listings(store):
    from store import listings

    return listings


@pytest.fixture
def site(listings):
    """An admin site of its own, with classes of one model each, and some of several."""
    from store.models import Address, Customer, Item, Note, Product, Tag

    site = admin.AdminSite("listings")
    site.register(Tag, listings.TagAdmin)
    site.register([Address, Customer], listings.Shared)
    site.register(Item, listings.ItemAdmin)
    site.register(Note, listings.NoteAdmin)
    site.register(Product, listings.Overriding)
    return site


def chain(row):
    site = row.chain
    return None if site is None else (site.kind, site.qualname, site.token, site.line)


def make_and_list(view, **attributes):
    return list(view(**attributes).get_queryset())


def made(recording, view, **attributes):
    return chain(recording.run(lambda: make_and_list(view, **attributes)).only("queryset"))


@pytest.mark.parametrize(
    ("view", "model", "marker"),
    [
        ("Orders", "store.Order", "# own"),
        ("OneOrder", "store.Order", "# one"),
        ("MixedHeir", "store.Tag", "# mixed heir"),
        ("NewestOrders", "store.Order", "# mixed in"),
    ],
)
def test_a_view_with_a_model_of_its_own_is_where_it_says_so(recording, listings, view, model, marker):
    assert made(recording, getattr(listings, view)) == ("view", view, model, recording.line(FILE, marker))


def test_the_statement_is_the_range(recording, listings):
    site = recording.run(make_and_list, listings.Orders).only("queryset").chain
    line = (recording.root / FILE).read_text().splitlines()[site.line - 1]
    assert line[site.column : site.endColumn] == "model = Order"


@pytest.mark.parametrize(("view", "marker"), [("Heir", "# heir"), ("Base", "# base")])
def test_where_a_model_is_inherited_the_class_is_the_place(recording, listings, view, marker):
    site = recording.run(make_and_list, getattr(listings, view)).only("queryset").chain
    assert (site.kind, site.qualname, site.line) == ("view", view, recording.line(FILE, marker))
    assert site.column is None


def test_a_class_from_which_views_of_another_model_are_derived_is_no_place(recording, listings):
    assert made(recording, listings.Mixed) is None


def test_a_class_whose_heir_goes_on_with_the_queryset_is_no_place(recording, listings):
    assert made(recording, listings.Plain) is None
    assert made(recording, listings.Fewer)[0] == "python"


def test_a_property_is_not_asked(recording, listings):
    """Django asks it twice."""
    scope = recording.run(make_and_list, listings.Asking)
    assert [row.count for row in scope.rows if row.cause["api"] == "first"] == [2]
    assert [chain(row) for row in scope.rows if row.cause["api"] == "iterate"] == [None]


def test_a_model_given_to_as_view_is_no_place(recording, listings):
    from store.models import Order

    assert made(recording, listings.Orders, model=Order) is None


def test_a_library_view_is_no_place(recording, listings):
    from django.views.generic import ListView
    from store.models import Order

    assert made(recording, ListView, model=Order) is None


@pytest.mark.parametrize("view", ["Reversed", "ReversedHeir"])
def test_a_method_of_the_users_is_the_expression(recording, listings, view):
    kind, qualname, _, line = made(recording, getattr(listings, view))
    assert (kind, qualname, line) == ("python", "Reversed.get_queryset", recording.line(FILE, "# reversed"))


def admin_place(recording, site, model):
    request = RequestFactory().get("/")
    return chain(recording.run(lambda: list(site._registry[model].get_queryset(request))).only("queryset"))


def test_admin_classes(recording, listings, site):
    from store.models import Item, Product, Tag

    def line(marker):
        return recording.line(FILE, marker)

    assert admin_place(recording, site, Tag) == ("model_admin", "TagAdmin", "store.Tag", line("# admin"))
    assert admin_place(recording, site, Item) == ("model_admin", "ItemAdmin", "store.Item", line("# scoped"))
    kind, _, _, at = admin_place(recording, site, Product)
    assert (kind, at) == ("python", line("# overriding"))


def test_an_admin_class_of_several_models_is_no_place(recording, listings, site):
    from store.models import Customer

    assert admin_place(recording, site, Customer) is None


def test_an_inline(recording, listings, site):
    from store.models import Order

    inline = listings.OrderItems(Order, site)
    inline.has_view_or_change_permission = lambda request: True
    request = RequestFactory().get("/")
    row = recording.run(lambda: list(inline.get_queryset(request))).only("queryset")
    assert chain(row) == ("inline_admin", "OrderItems", "store.Item", recording.line(FILE, "# inline"))

"""Django REST framework: the serializer and the field that a query was run for."""

from __future__ import annotations

import os
import sys
import types

import pytest
from django.test import Client

API = "store/api.py"


def serializer_sites(row):
    return [(site.qualname, site.token, site.line) for site in row.stack if site.kind == "serializer"]


def test_each_field_of_a_list_is_named(recording):
    scope = recording.run(Client().get, "/api/orders/")
    line = recording.line
    label = ("OrderSerializer", "label", line(API, "# label"))
    customer = ("OrderSerializer", "customer", line(API, "# nested"))
    items = ("OrderSerializer", "items", line(API, "# many"))
    assert [(row.cause["field"], row.count, serializer_sites(row)) for row in scope.rows[1:]] == [
        ("customer", 3, [label]),
        ("address", 3, [customer, ("AddressedCustomer", "city", line(API, "# source"))]),
        ("items", 3, [items]),
    ]
    assert all(row.parent is not None for row in scope.rows[1:])


def test_a_method_field_stands_around_its_method(recording):
    _, row, *_ = recording.run(Client().get, "/api/orders/1/").rows
    assert [(site.kind, site.place) for site in row.stack] == [
        ("serializer", (API, recording.line(API, "# label"))),
        ("python", (API, recording.line(API, "# get label"))),
    ]


def test_the_declaration_is_the_range(recording):
    row = recording.run(Client().get, "/api/orders/").rows[2]
    outer, inner = row.stack
    text = (recording.root / API).read_text().splitlines()
    assert text[outer.line - 1][outer.column : outer.endColumn] == "customer = AddressedCustomer()"
    assert text[inner.line - 1][inner.column : inner.endColumn] == 'city = serializers.CharField(source="address.city")'


@pytest.mark.parametrize(
    ("name", "marker", "code"),
    [
        ("ProductSerializer", "# implicit", '"tags"'),
        ("WholeProduct", "# all", 'fields = "__all__"'),
        ("OtherProduct", "# exclude", 'exclude = ["live"]'),
        ("LooseProduct", "# all", 'fields = "__all__"'),
    ],
)
def test_an_implicit_field_is_where_the_meta_class_lets_it_in(recording, name, marker, code):
    from store import api
    from store.models import Product

    scope = recording.run(lambda: getattr(api, name)(Product.objects.order_by("pk"), many=True).data)
    row = scope.only("many_to_many")
    site = row.stack[-1]
    assert (site.kind, site.qualname, site.token) == ("serializer", name, "tags")
    assert site.place == (API, recording.line(API, marker))
    assert (recording.root / API).read_text().splitlines()[site.line - 1][site.column : site.endColumn] == code


def test_a_view_without_a_line_of_its_own_leads_to_the_serializer(recording):
    root, lazy = recording.run(Client().get, "/api/products/").rows
    assert lazy.parent.id == root.id
    assert [site.kind for site in lazy.stack] == ["serializer"]


def test_a_class_in_a_function(recording):
    from store import api
    from store.models import Order

    row = recording.run(lambda: api.local()(Order.objects.order_by("pk"), many=True).data).only("foreign_key")
    assert (row.count, row.stack[-1].token, row.stack[-1].place) == (3, "name", (API, recording.line(API, "# local")))


def test_input_is_looked_up_for_a_field(recording):
    from store import api

    data = [{"product": 1}, {"product": 2}]
    [row] = recording.run(lambda: api.ItemInput(data=data, many=True).is_valid(raise_exception=True)).rows
    assert (row.count, row.stack[-1].place) == (2, (API, recording.line(API, "# input")))


def test_the_fields_of_django_ninjas_schemas(recording):
    scope = recording.run(Client().get, "/ninja/orders")
    assert recording.result.status_code == 200
    file = "store/ninja_api.py"
    declared = ("GiftOut", "customer", recording.line(file, "# declared"))
    resolved = ("GiftOut", "first_item", recording.line(file, "# resolved"))
    listed = ("GiftOut", "notes", recording.line(file, '"notes"'))
    assert [(row.cause["field"], row.count, serializer_sites(row)) for row in scope.rows[1:]] == [
        ("customer", 3, [declared]),
        ("address", 3, [("CustomerOut", "city", recording.line(file, "# alias"))]),
        ("items", 3, [resolved]),
        ("notes", 3, [listed]),
    ]
    assert scope.rows[3].stack[-1].place == (file, recording.line(file, "# resolver"))


def test_fields_are_told_apart_under_deep_stacks(recording):
    """The same list, once below few frames and once below many: of a deep stack only a part is walked for each query."""
    from store import api
    from store.models import Order

    def data():
        return api.OrderSerializer(Order.objects.order_by("pk"), many=True).data

    def below(depth):
        return data() if depth == 0 else below(depth - 1)

    shallow = [(row.count, serializer_sites(row)) for row in recording.run(data).rows]
    for depth in (30, 150):
        assert [(row.count, serializer_sites(row)) for row in recording.run(below, depth).rows] == shallow


def test_classes_that_are_written_nowhere_are_no_places(recording):
    from rest_framework import serializers
    from store.models import Order

    fields = {"name": serializers.CharField(source="customer.name")}
    made = type("Made", (serializers.Serializer,), {**fields, "__module__": "no.such.module"})
    row = recording.run(lambda: made(Order.objects.order_by("pk"), many=True).data).only("foreign_key")
    assert row.stack == []


def test_a_file_that_was_saved_meanwhile_is_left_out(recording, monkeypatch):
    """There is nothing to compare a class with: no line is better than a wrong one."""
    from rest_framework import serializers
    from store.models import Order

    path = recording.root / "late_serializers.py"
    source = "class Late(Serializer):\n    name = CharField(source='customer.name')\n"
    try:
        path.write_text(source)
        ahead = path.stat().st_mtime + 60
        os.utime(path, (ahead, ahead))
        module = types.ModuleType("late_serializers")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "late_serializers", module)
        fields = {"name": serializers.CharField(source="customer.name"), "__module__": "late_serializers"}
        made = type("Late", (serializers.Serializer,), fields)
        row = recording.run(lambda: made(Order.objects.order_by("pk"), many=True).data).only("foreign_key")
    finally:
        path.unlink(missing_ok=True)
    assert row.stack == []

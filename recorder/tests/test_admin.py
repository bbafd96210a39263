"""Django's admin: the column of a change list, and the read-only field of an inline, that a query was run for."""

from __future__ import annotations

import pytest
from django.test import Client

ADMIN = "store/admin.py"


@pytest.fixture
def client(rollback):
    from django.contrib.auth.models import User

    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def admin_sites(row):
    return [(site.qualname, site.token, site.place) for site in row.stack if site.kind == "admin"]


def test_the_columns_of_a_change_list_are_named(recording, client):
    scope = recording.run(client.get, "/admin/store/order/")
    assert recording.result.status_code == 200
    places = {row.cause["field"]: (row.count, admin_sites(row)) for row in scope.rows if row.parent is not None}
    line = recording.line
    assert places["customer"] == (3, [("OrderAdmin", "city", (ADMIN, line(ADMIN, '"city"')))])
    assert places["address"] == (3, [("OrderAdmin", "city", (ADMIN, line(ADMIN, '"city"')))])
    assert places["items"] == (3, [("OrderAdmin", "lines", (ADMIN, line(ADMIN, "# function")))])


def test_a_method_of_the_admin_class_stands_within_its_column(recording, client):
    scope = recording.run(client.get, "/admin/store/order/")
    row = next(row for row in scope.rows if row.cause["field"] == "address")
    assert [(site.kind, site.line) for site in row.stack] == [
        ("admin", recording.line(ADMIN, '"city"')),
        ("python", recording.line(ADMIN, "# city")),
    ]


def test_columns_that_a_method_chooses(recording, client):
    scope = recording.run(client.get, "/admin/store/note/")
    site = next(row.stack[-1] for row in scope.rows if row.cause["field"] == "about")
    assert (site.token, site.place) == ("about", (ADMIN, recording.line(ADMIN, "# chosen")))


def test_read_only_fields_of_an_inline(recording, client):
    scope = recording.run(client.get, "/admin/store/order/1/change/")
    row = next(row for row in scope.rows if row.cause["field"] == "product")
    readonly = recording.line(ADMIN, "readonly_fields =")
    assert (row.count, admin_sites(row)) == (2, [("ItemInline", "tag_names", (ADMIN, readonly))])


def test_a_model_without_an_admin_class_has_no_place(recording, client):
    scope = recording.run(client.get, "/admin/store/product/")
    assert recording.result.status_code == 200
    assert not [site for row in scope.rows for site in row.stack if site.kind == "admin"]

"""GraphQL: the operation that a request names, and the field that a query was run for."""

from __future__ import annotations

import json
import sys

import pytest
from django.test import AsyncClient, Client

STRAWBERRY = "store/graph.py"
GRAPHENE = "store/graphene_types.py"

# graphene 3 needs graphql-core before 3.3; with Python 3.13 the newest strawberry is tested, which needs 3.3.
needs_graphene = pytest.mark.skipif(sys.version_info >= (3, 13), reason="strawberry is tested here with graphql-core 3.3")


def post(url, query, **body):
    response = Client().post(url, {"query": query, **body}, content_type="application/json")
    answer = json.loads(response.content)
    assert "errors" not in answer, answer
    return answer["data"]


def fields(row):
    return [(site.qualname, site.token, site.line) for site in row.stack if site.kind == "graphql"]


def request_scope(recording):
    [scope] = [scope for scope in recording.read().of("scope") if scope["kind"] == "request"]
    return scope


def test_the_fields_that_strawberry_resolves(recording, requests):
    recording.run(post, "/graphql/", "query OrderList { orders { customer { name } } }")
    scope = request_scope(recording)
    assert (scope["label"], scope["route"], scope["view"]) == ("OrderList", "/graphql/", "strawberry.django.views.GraphQLView")
    root, lazy = recording.read().scope(scope["id"]).rows
    orders = ("Query", "orders", recording.line(STRAWBERRY, "# orders"))
    assert fields(root) == [orders]
    assert (lazy.cause["field"], lazy.count, lazy.parent.id) == ("customer", 3, root.id)
    assert fields(lazy) == [orders, ("OrderType", "customer", recording.line(STRAWBERRY, "# declared"))]


def test_a_field_is_known_by_its_name_in_python(recording, requests):
    recording.run(post, "/graphql/", "{ orders { writtenTo { name } } }")
    row = recording.read().scope(request_scope(recording)["id"]).only("foreign_key")
    assert fields(row)[-1] == ("OrderType", "written_to", recording.line(STRAWBERRY, "# renamed"))


def test_a_resolver_of_the_users_own(recording, requests):
    recording.run(post, "/graphql/", "{ orders { city } }")
    row = recording.read().scope(request_scope(recording)["id"]).rows[-1]
    line = recording.line(STRAWBERRY, "# resolver")
    assert [(site.kind, site.line) for site in row.stack][-2:] == [("graphql", line), ("python", line + 1)]


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("{ orders { reference } }", "query { orders }"),
        ("query { a: orders { reference } ...F } fragment F on Query { orders { reference } }", "query { orders F }"),
        ("query A { orders { reference } } query B { __typename }", "A"),
    ],
)
def test_the_label_of_an_operation(recording, requests, query, label):
    recording.run(lambda: post("/graphql/", query, operationName="A" if label == "A" else None))
    assert request_scope(recording)["label"] == label


def test_an_asynchronous_view_names_its_operation(recording, requests):
    from asgiref.sync import async_to_sync

    async def ask():
        body = {"query": "query Async { orders { reference } }"}
        return await AsyncClient().post("/async-graphql/", body, content_type="application/json")

    recording.run(async_to_sync(ask))
    assert "errors" not in json.loads(recording.result.content)
    assert request_scope(recording)["label"] == "Async"


def test_a_field_that_is_awaited(recording, requests):
    from asgiref.sync import async_to_sync

    async def ask():
        body = {"query": "{ orders { customer { name } } }"}
        return await AsyncClient().post("/async-graphql/", body, content_type="application/json")

    recording.run(async_to_sync(ask))
    row = recording.read().scope(request_scope(recording)["id"]).only("foreign_key")
    assert row.count == 3
    assert fields(row)[-1] == ("OrderType", "customer", recording.line(STRAWBERRY, "# declared"))


def test_what_cannot_be_executed_has_no_label(recording, requests):
    body = {"query": "query A { orders { reference } }", "operationName": "Other"}
    recording.run(lambda: Client().post("/graphql/", body, content_type="application/json"))
    assert request_scope(recording)["label"] is None


def test_a_request_of_another_kind_has_no_label(recording, requests):
    recording.run(Client().get, "/orders/")
    assert request_scope(recording)["label"] is None


@needs_graphene
def test_the_fields_that_graphene_resolves(recording, requests):
    recording.run(post, "/graphene/", "query OrderPage { allOrders { customer { name } customerName items { quantity } } }")
    scope = request_scope(recording)
    assert scope["label"] == "OrderPage"
    orders = ("Query", "all_orders", recording.line(GRAPHENE, "# orders"))
    implicit = recording.line(GRAPHENE, "# implicit")
    declared = recording.line(GRAPHENE, "# declared")
    root, *lazy = recording.read().scope(scope["id"]).rows
    assert fields(root) == [orders]
    seen = {tuple(fields(row)[1:]) for row in lazy}
    assert (("OrderNode", "customer", implicit),) in seen
    assert (("OrderNode", "items", implicit),) in seen
    assert {site for row in lazy for site in fields(row)} <= {
        orders,
        ("OrderNode", "customer", implicit),
        ("OrderNode", "items", implicit),
        ("OrderNode", "customer_name", declared),
    }

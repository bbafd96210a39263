"""Queries of another thread are read on that thread's frames, never on those that wait for it."""

from __future__ import annotations

import pytest


@pytest.fixture
def related_async(store):
    from store import related_async

    return related_async


def test_async_methods_of_related_managers(recording, related_async):
    scope = recording.run(related_async.change_related)
    recording.session.finish()
    (end,) = recording.read().of("end")
    assert end["errors"] == 0
    apis = {(row.cause["kind"], row.cause["api"]) for row in scope.rows if row.statement["verb"] in {"insert", "delete"}}
    assert apis >= {("delete", "clear"), ("delete", "remove"), ("bulk", "add")}
    writes = [row for row in scope.rows if row.cause["api"] in {"clear", "remove"} and row.statement["verb"] == "delete"]
    first_product, first_order = scope.rows[0], next(row for row in scope.rows if row.cause["model"] == "store.Order")
    assert {row.parent.id for row in writes} == {first_product.id, first_order.id}

"""What SQLite's plans say of indexes, where a query of a project's models would not tell one case from another."""

from __future__ import annotations

import pytest
from django.db import connection

from querysight.sqlite_plans import SQLiteExplainer


@pytest.fixture
def explainer(rollback) -> SQLiteExplainer:
    with connection.cursor() as cursor:
        for table in ("letter", "stamp"):
            cursor.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, code integer)")
    return SQLiteExplainer(connection)


def test_an_index_that_sqlite_makes_for_itself_is_a_missing_one(explainer):
    joined = "SELECT * FROM letter JOIN stamp ON stamp.code = letter.code"
    plan = explainer.natural(joined, (), values=True)
    assert plan is not None
    assert any("AUTOMATIC" in node["detail"] for node in plan.nodes), plan.nodes
    assert explainer.statement(joined, ()) == {}


def test_an_index_that_is_there_is_named(explainer):
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX stamp_code ON stamp (code)")
    found = explainer.statement("SELECT * FROM letter JOIN stamp ON stamp.code = letter.code ORDER BY letter.code", ())
    assert {table: (evidence.columns, evidence.indexes) for table, evidence in found.items()} == {
        "stamp": (frozenset({"code"}), ("stamp_code",))
    }

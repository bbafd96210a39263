"""Plans and probes on each database: what an index serves, what none can, and that nobody notices the asking."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from database_support import DatabaseRun, has_hypopg, make_run

DATABASES = ["sqlite", "postgresql", "mariadb"]

Runs = Callable[..., DatabaseRun]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Runs:
    @cache
    def run(database: str, *selected: str, recorded: bool = True, **options: Any) -> DatabaseRun:
        folder = tmp_path_factory.mktemp(database)
        return make_run(folder, database, "test_shelf.py", *selected, recorded=recorded, **options)

    return run


def one(run: DatabaseRun, name: str) -> dict:
    (record,) = run.probes(f"test_filter[{name}]")
    return record


@pytest.mark.parametrize("database", DATABASES)
def test_a_program_sees_the_same_with_and_without(runs, database):
    plain, recorded = runs(database, recorded=False), runs(database)
    assert set(plain.outcomes.values()) == {"PASSED"}
    assert recorded.outcomes == plain.outcomes
    assert recorded.seen == plain.seen
    assert recorded.segment.of("end")[0]["errors"] == 0


@pytest.mark.parametrize("database", DATABASES)
def test_each_select_has_a_plan(runs, database):
    run = runs(database)
    for test in run.outcomes:
        if test.startswith("test_filter["):
            (row,) = run.scope(test).rows
            (nodes,) = run.plans(test)
            # MariaDB looks a unique key up while it plans.
            assert any("shelf_" in node or "reading const tables" in node for node in nodes), (test, row.statement["sql"], nodes)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("primary_key", {"id"}),
        ("unique", {"isbn"}),
        ("foreign_key", {"author_id"}),
        ("indexed", {"indexed"}),
        ("leftmost", {"shelf"}),
        ("both", {"shelf", "place"}),
        ("either", {"isbn", "indexed"}),
    ],
)
def test_served(runs, database, name, columns):
    probe = one(runs(database), name)
    assert probe["table"] == "shelf_book"
    assert {column["column"] for column in probe["columns"]} == columns
    assert probe["served"] is True
    assert probe["candidate"] is None
    assert not any(column["reason"] for column in probe["columns"])
    if (
        database != "mariadb"
    ):  # It tells an index's first column only, and of a unique key in an empty table nothing but that it is there.
        assert all(column["served"] for column in probe["columns"])


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    ("name", "lookup", "candidate"),
    [
        ("bare_key", ("editor_id", "exact", "equality"), ["editor_id"]),
        ("unindexed", ("plain", "exact", "equality"), ["plain"]),
        ("unindexed_by_key", ("plain", "exact", "equality"), ["plain", "id"]),
        ("range", ("number", "gt", "range"), ["number"]),
        ("between", ("number", "range", "range"), ["number"]),
        ("not_leftmost", ("place", "exact", "equality"), ["place"]),
        ("list", ("plain", "in", "equality"), ["plain"]),
        ("null", ("added", "isnull", "equality"), ["added"]),
        ("year", ("added", "year__exact", "range"), ["added"]),
        ("through", ("number", "exact", "equality"), ["number"]),
        ("filtered_and_sorted", ("plain", "exact", "equality"), ["plain", "number"]),
    ],
)
def test_not_served(runs, database, name, lookup, candidate):
    probe = one(runs(database), name)
    (column,) = probe["columns"]
    assert (column["column"], column["lookup"], column["use"]) == lookup
    assert (column["served"], column["reason"], column["alternative"]) == (False, None, False)
    assert (probe["table"], probe["served"], probe["indexes"]) == ("shelf_book", False, [])
    assert probe["candidate"]["columns"] == candidate
    # hypopg proves it; elsewhere nobody was asked.
    assert probe["candidate"]["proven"] is (True if database == "postgresql" and has_hypopg() else None)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    ("name", "reason", "served"),
    [
        ("date", "function", False),
        ("contains", "leading_wildcard", False),
        ("ends", "leading_wildcard", False),
        ("not_null", "not_null", None),
        ("excluded", "negated", None),
        ("compared", "compared", None),
    ],
)
def test_what_a_plain_index_never_serves(runs, database, name, reason, served):
    probe = next(probe for probe in runs(database).probes(f"test_filter[{name}]") if probe["columns"][0]["reason"] == reason)
    assert (probe["columns"][0]["use"], probe["columns"][0]["served"], probe["served"]) == ("none", served, served)
    assert probe["candidate"] is None


@pytest.mark.parametrize(("database", "served"), [("sqlite", False), ("postgresql", True), ("mariadb", True)])
def test_a_prefix_is_served_where_the_index_sorts_by_characters(runs, database, served):
    """`startswith` and `endswith` are one SQL text on a column, and two filters."""
    probes = [probe for probe in runs(database).probes("test_filter[starts]") if probe["columns"][0]["lookup"] == "startswith"]
    assert [(probe["columns"][0]["use"], probe["served"]) for probe in probes] == [("prefix", served)]
    assert one(runs(database), "starts_unindexed")["served"] is False


@pytest.mark.parametrize("database", DATABASES)
def test_alternatives_are_served_together_or_not_at_all(runs, database):
    probe = one(runs(database), "either_unindexed")
    assert [column["alternative"] for column in probe["columns"]] == [True, True]
    assert (probe["served"], probe["candidate"]) == (False, None)
    assert runs(database).probes("test_filter[either_of_two_tables]") == []


@pytest.mark.parametrize("database", DATABASES)
def test_each_table_by_itself(runs, database):
    probes = runs(database).probes("test_filter[joined]")
    assert [(probe["table"], probe["columns"][0]["column"], probe["served"]) for probe in probes] == [
        ("shelf_author", "name", False),
        ("shelf_book", "plain", False),
    ]


@pytest.mark.parametrize("database", DATABASES)
def test_queries_within_a_query(runs, database):
    author, book = runs(database).probes("test_filter[subquery]")
    assert (author["table"], author["columns"][0]["lookup"], author["served"]) == ("shelf_author", "in", True)
    assert (book["table"], book["columns"][0]["column"], book["served"]) == ("shelf_book", "plain", False)
    exists = one(runs(database), "exists")
    assert (exists["table"], exists["served"]) == ("shelf_book", True)
    assert {column["column"]: column["served"] for column in exists["columns"]} == {"author_id": True, "plain": False}
    union = runs(database).probes("test_filter[union]")
    assert {probe["columns"][0]["column"]: probe["served"] for probe in union} == {"plain": False, "isbn": True}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("name", "keys", "served"),
    [
        ("sorted", [("number", False)], False),
        ("sorted_by_index", [("place", False)], True),
        ("unindexed_by_key", [("id", False)], True),
        ("filtered_and_sorted", [("number", True)], False),
        ("default_order", [("name", False)], False),
    ],
)
def test_sorts(runs, database, name, keys, served):
    probe = one(runs(database), name)
    assert [(key["column"], key["descending"]) for key in probe["sort"]] == keys
    assert probe["sortServed"] is served


@pytest.mark.parametrize("name", ["sorted_by_relation", "sorted_by_extra", "sorted_by_selected"])
def test_a_sort_by_anything_but_columns_is_not_known(runs, name):
    probes = [probe for probe in runs("sqlite").probes(f"test_filter[{name}]") if probe["columns"]]
    assert [(probe["columns"][0]["column"], probe["sort"], probe["sortServed"]) for probe in probes] == [("name", None, None)]
    assert runs("sqlite").segment.of("notice")[0]["code"] == "plan-failed"


def test_a_sort_is_not_asked_of_mariadb(runs):
    assert {probe["sortServed"] for probe in runs("mariadb").segment.of("probe")} == {None}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_expression_and_partial_indexes_serve(runs, database):
    function, *states = runs(database).probes("test_tuned")
    assert (function["columns"][0]["reason"], function["served"], function["indexes"]) == ("function", True, ["tuned_lower"])
    assert [(state["columns"][0]["column"], state["served"], state["indexes"]) for state in states] == [
        ("state", True, ["tuned_open"])
    ]


def test_what_a_test_made_and_took_away_has_no_plan(runs):
    for database in ("sqlite", "postgresql"):
        run = runs(database)
        assert run.plans("test_a_table_of_its_own") == []
        assert [notice["code"] for notice in run.segment.of("notice")] == ["plan-failed"]


def test_two_statements_in_one_text_are_not_explained(runs):
    assert len(runs("postgresql").scope("test_two_statements_in_one").rows) == 1
    assert runs("postgresql").plans("test_two_statements_in_one") == []


def test_postgresql_plans_hold_conditions_and_no_costs(runs):
    (nodes,) = runs("postgresql").plans("test_filter[unindexed_by_key]")
    assert any(node == "Filter: ((plain)::text = 'x'::text)" for node in nodes), nodes
    plans = runs("postgresql").segment.of("plan")
    assert all("Cost" not in str(plan) and plan["json"][0]["Plan"]["Node Type"] for plan in plans)


def test_no_value_stands_in_a_plan_where_parameters_are_off(runs):
    run = runs("postgresql", arguments=("--no-parameters",))
    (nodes,) = run.plans("test_filter[unindexed_by_key]")
    assert "Filter: ((plain)::text = $1)" in nodes
    assert len(run.segment.of("plan")) == len(runs("postgresql").segment.of("plan"))
    assert run.probes("test_filter[unindexed]")[0]["candidate"] == {"columns": ["plain"], "proven": has_hypopg() or None}


def test_plans_stop_when_they_take_too_long(runs):
    run = runs("sqlite", "-k", "unindexed", QUERYSIGHT_PLAN_SECONDS="0.000001")
    assert (run.segment.of("plan"), run.segment.of("probe")) == ([], [])
    assert [notice["code"] for notice in run.segment.of("notice")] == ["plans-cut-short"]


def test_plans_can_be_switched_off(runs):
    run = runs("sqlite", "-k", "unindexed", QUERYSIGHT_PLAN_SECONDS="0")
    assert (run.segment.of("plan"), run.segment.of("probe"), run.segment.of("notice")) == ([], [], [])


@pytest.mark.parametrize(("driver", "other"), [("psycopg2", "postgresql"), ("mysqlclient", "mariadb")])
def test_each_driver_is_asked_alike(runs, driver, other):
    def answers(run: DatabaseRun) -> list[dict]:
        sql = {record["id"]: record["sql"] for record in run.segment.of("statement")}
        found = [{**probe, "statement": sql[probe["statement"]]} for probe in run.segment.of("probe")]
        return sorted(found, key=str)

    # That a program with this driver sees the same with and without is told in test_databases.py.
    assert answers(runs(driver)) == answers(runs(other))
    assert set(runs(driver).outcomes.values()) == {"PASSED"}

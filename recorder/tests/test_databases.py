"""PostgreSQL, MariaDB and two databases at once: the same findings as on SQLite, and nothing changed for the program."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from database_support import DatabaseRun, make_run, order, signature

# By their drivers: psycopg 3, psycopg2, PyMySQL, mysqlclient.
SERVERS = ["postgresql", "psycopg2", "mariadb", "mysqlclient"]
ON_POSTGRESQL = {"postgresql", "psycopg2"}
# DECLARE: a cursor on PostgreSQL's server. "3 times: …" is how Django logs `executemany`; a wrapper's refusal is not logged.
STATEMENT = re.compile(r"(\d+ times: )?\(*(SELECT|INSERT|UPDATE|DELETE|DECLARE)\b")

Runs = Callable[..., DatabaseRun]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Runs:
    """Each run, made once, when it is asked for."""

    @cache
    def run(database: str, recorded: bool = True) -> DatabaseRun:
        tests = {"routed": ["test_archive.py"], "mirrored": ["test_mirror.py"]}.get(database, ["test_store.py", "test_driver.py"])
        return make_run(tmp_path_factory.mktemp(database), database, *tests, recorded=recorded)

    return run


@pytest.mark.parametrize("database", [*SERVERS, "routed", "mirrored"])
def test_a_program_sees_the_same_with_and_without(runs, database):
    """Outcomes, values, errors, the state of the transaction, and each statement that Django's own log holds."""
    plain, recorded = runs(database, recorded=False), runs(database)
    assert recorded.outcomes == plain.outcomes
    assert set(plain.outcomes.values()) <= {"PASSED", "XFAIL"}
    assert recorded.seen == plain.seen
    assert len(plain.seen) == len(plain.outcomes)


@pytest.mark.parametrize("database", SERVERS)
def test_the_recorder_has_no_fault(runs, database):
    segment = runs(database).segment
    (end,) = segment.of("end")
    assert end["errors"] == 0
    assert segment.of("notice") == []


@pytest.mark.parametrize("database", SERVERS)
def test_the_database_is_named(runs, database):
    vendor = "postgresql" if database in ON_POSTGRESQL else "mysql"
    (record,) = runs(database).segment.of("database")
    assert (record["alias"], record["vendor"]) == ("default", vendor)
    assert record["version"][0].isdigit()


@pytest.mark.parametrize("database", SERVERS)
def test_queries_have_the_same_causes_parents_and_counts(runs, database):
    here, on_sqlite = runs(database), runs("sqlite")
    alike = ("test_chunks", "test_savepoints", "test_integrity", "test_wrappers_beside")
    compared = [test for test in on_sqlite.outcomes if test.startswith("test_service[") or test in alike]
    assert len(compared) > 30
    for test in compared:
        assert signature(here.scope(test)) == signature(on_sqlite.scope(test)), test
        assert order(here.scope(test)) == order(on_sqlite.scope(test)), test


@pytest.mark.parametrize("database", SERVERS)
def test_each_execution_is_counted_once(runs, database):
    """Held against Django's own log; how that tells what failed is each driver's affair."""
    run = runs(database)
    clean = [test for test in run.outcomes if not any(row.errors for row in run.scope(test).rows)]
    assert len(clean) > 30
    for test in clean:
        logged = [entry for entry in run.seen[test] if isinstance(entry, str) and STATEMENT.match(entry)]
        assert sum(row.count for row in run.scope(test).rows) == len(logged) == run.scope(test).end["queries"], test


@pytest.mark.parametrize("database", SERVERS)
def test_transactions_are_no_queries(runs, database):
    scope = runs(database).scope("test_outermost_transactions")
    assert {row.cause["kind"] for row in scope.all_rows if row not in scope.rows} == {"transaction"}
    assert "savepoint" in {row.statement["verb"] for row in scope.all_rows}
    causes = [row.cause["kind"] for row in scope.rows]
    assert causes == ["create", "create", "create", "cursor", "queryset"]
    assert scope.end["queries"] == sum(row.count for row in scope.rows) == 5


@pytest.mark.parametrize("database", SERVERS)
def test_errors_are_counted(runs, database):
    rows = runs(database).scope("test_error_swallowed").rows
    assert [(row.cause["kind"], row.count, row.errors) for row in rows] == [
        ("cursor", 1, 1),
        # PostgreSQL refuses whatever follows in the transaction.
        ("queryset", 1, 1 if database in ON_POSTGRESQL else 0),
    ]


@pytest.mark.parametrize("database", sorted(ON_POSTGRESQL))
def test_a_cursor_on_the_server_tells_its_rows(runs, database):
    (row,) = runs(database).scope("test_chunks").rows
    assert (row.cause["api"], row.rows, row.count) == ("iterator", 2, 1)


def test_two_databases(runs):
    segment = runs("routed").segment
    assert {(record["alias"], record["vendor"]) for record in segment.of("database")} == {
        ("default", "sqlite"),
        ("archive", "postgresql"),
    }
    vendors = {model["label"]: model["vendor"] for record in segment.of("models") for model in record["models"]}
    assert (vendors["store.Order"], vendors["archive.Box"]) == ("sqlite", "postgresql")
    assert {(plan["db"], plan["vendor"]) for plan in segment.of("plan")} == {("default", "sqlite"), ("archive", "postgresql")}

    scope = runs("routed").scope("test_routed")
    databases = {row.statement["tables"][0]: row.db for row in scope.rows}
    assert databases == {
        "archive_box": "archive",
        "archive_paper": "archive",
        "store_order": "default",
        "store_customer": "default",
    }
    box, customer = (row for row in scope.rows if row.cause["kind"] == "foreign_key")
    assert (box.cause["model"], box.db, box.count, box.parent.statement["tables"]) == (
        "archive.Paper",
        "archive",
        3,
        ["archive_paper"],
    )
    assert (customer.db, customer.count, customer.parent.db) == ("default", 3, "default")
    (papers,) = [row for row in scope.rows if row.cause["kind"] == "prefetch"]
    assert (papers.db, papers.rows) == ("archive", 3)


@pytest.mark.parametrize("database", SERVERS)
def test_many_at_once_are_one_execution(runs, database):
    rows = runs(database).scope("test_many").rows
    assert (rows[0].cause["kind"], rows[0].statement["verb"], rows[0].count, rows[0].sample) == ("cursor", "insert", 1, ["'a'"])
    # On PostgreSQL two of a batch and the last one alone are two statements.
    assert sum(row.count for row in rows if row.cause["api"] == "bulk_create") == 3


@pytest.mark.parametrize("database", sorted(ON_POSTGRESQL))
def test_sql_that_the_driver_puts_together(runs, database):
    composed, as_bytes = runs(database).scope("test_composed").rows
    assert composed.statement["sql"] == 'SELECT "name" FROM "store_tag" WHERE "name" = %s'
    assert (composed.statement["verb"], composed.count, composed.parameters) == ("select", 2, 2)
    assert as_bytes.statement["sql"] == "SELECT 1"


@pytest.mark.parametrize("database", sorted(ON_POSTGRESQL))
def test_copy_is_no_query_to_django_and_none_here(runs, database):
    """It passes Django's execute wrappers by, as it does `assertNumQueries`."""
    (counted,) = runs(database).scope("test_copy").rows
    assert counted.cause["api"] == "count"


@pytest.mark.parametrize("database", SERVERS)
def test_what_another_wrapper_refuses_is_an_error(runs, database):
    rows = runs(database).scope("test_wrappers_beside").rows
    assert [(row.cause["api"], row.count, row.errors) for row in rows] == [("count", 1, 0), ("count", 1, 1), ("iterate", 1, 0)]


@pytest.mark.parametrize("database", SERVERS)
def test_each_select_that_ran_has_a_plan(runs, database):
    segment = runs(database).segment
    planned = {plan["statement"] for plan in segment.of("plan")}
    missing = {row["statement"] for row in segment.of("row") if row["statement"] not in planned and not row["errors"]}
    left_out = [segment.by_id["statement", identifier] for identifier in missing]
    assert [statement["sql"] for statement in left_out if statement["verb"] == "select"] == []


def test_a_mirror_has_plans_of_its_own(runs):
    segment = runs("mirrored").segment
    assert {record["alias"] for record in segment.of("database")} == {"default", "replica"}
    assert {(plan["db"], plan["vendor"]) for plan in segment.of("plan")} == {
        ("default", "postgresql"),
        ("replica", "postgresql"),
    }
    assert segment.of("notice") == []

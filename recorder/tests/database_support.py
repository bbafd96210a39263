"""The store's own tests on real servers, with and without the recorder, each run in a test database of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from runner_support import environment, record_command
from segments import RowView, ScopeView, Segment

TESTS = Path(__file__).resolve().parent
# The servers that each choice of `database_project/settings.py` needs.
SERVERS = {
    "sqlite": (),
    "postgresql": ("PostgreSQL",),
    "psycopg2": ("PostgreSQL",),
    "mariadb": ("MariaDB",),
    "mysqlclient": ("MariaDB",),
    "routed": ("PostgreSQL",),
    "mirrored": ("PostgreSQL",),
}
DRIVERS = {"postgresql": "psycopg", "psycopg2": "psycopg2", "mariadb": "pymysql", "mysqlclient": "MySQLdb"}


@dataclass(frozen=True)
class DatabaseRun:
    """`outcomes`: by test name, in pytest's words. `seen`: what each test saw of its connection, with Django's own log of it."""

    outcomes: dict[str, str]
    seen: dict[str, list[Any]]
    folder: Path

    @cached_property
    def segment(self) -> Segment:
        (path,) = self.folder.glob(".querysight/runs/*/main.ndjson")
        return Segment.load(path)

    def probes(self, test: str) -> list[dict[str, Any]]:
        """What was probed of the queries of one test, in the order of their tables."""
        statements = {row.record["statement"] for row in self.scope(test).rows}
        found = [record for record in self.segment.of("probe") if record["statement"] in statements]
        return sorted(found, key=lambda record: record["table"])

    def plans(self, test: str) -> list[list[str]]:
        """The details of each plan's nodes, of the queries of one test."""
        statements = {row.record["statement"] for row in self.scope(test).rows}
        plans = [record for record in self.segment.of("plan") if record["statement"] in statements]
        return [[node["detail"] for node in record["nodes"]] for record in plans]

    def scope(self, test: str, phase: str = "call") -> ScopeView:
        (identifier,) = [
            scope["id"]
            for scope in self.segment.of("scope")
            if scope["test"].rpartition("::")[2] == test and (scope["kind"], scope["phase"]) == ("test", phase)
        ]
        return self.segment.scope(identifier)


def make_run(
    folder: Path, database: str, *tests: str, recorded: bool, arguments: tuple[str, ...] = (), **more: str
) -> DatabaseRun:
    """Run the named test files on a database. `arguments` are the recorder's, `more` are variables of the environment."""
    words = (sys.executable, "-m", "pytest", "-v", "-p", "no:xdist", "--disable-warnings", *tests)
    with a_test_database(database) as name:
        make_project(folder)
        answer = run_words(folder, database, name, *words, recorded=recorded, arguments=arguments, **more)
    outcomes = {
        line.split(" ")[0].rpartition("::")[2]: line.split(" ")[1]
        for line in answer.stdout.splitlines()
        if line.startswith("test_")
    }
    assert outcomes and "ERROR" not in outcomes.values(), answer.stdout + answer.stderr
    lines = (folder / "seen.ndjson").read_text("utf-8").splitlines()
    return DatabaseRun(outcomes, dict(json.loads(line) for line in lines), folder)


@contextmanager
def a_test_database(database: str) -> Iterator[str]:
    """A name for a test database that nobody else uses; what was made of a name that begins so is gone afterwards."""
    for server in SERVERS[database]:
        _require(server)
    if database in DRIVERS and importlib.util.find_spec(DRIVERS[database]) is None:
        _miss(f"{DRIVERS[database]} is not installed")
    name = f"test_querysight_{uuid.uuid4().hex[:12]}"
    try:
        yield name
    finally:
        for server in SERVERS[database]:
            _drop(server, name)


def make_project(folder: Path) -> None:
    """The store's project and what stands beside it for databases."""
    for source in ("project", "database_project"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(TESTS / source, folder, dirs_exist_ok=True, ignore=ignored)


def run_words(
    folder: Path, database: str, name: str, *words: str, recorded: bool = True, arguments: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in the project on a database whose test database has the name."""
    variables = {"STORE_DATABASE": database, "STORE_TEST_NAME": name, "SEEN": str(folder / "seen.ndjson")}
    # However slow the machine is: what is left out for its time's sake has a test of its own.
    variables |= {"QUERYSIGHT_PLAN_SECONDS": "60", **more}
    return subprocess.run(
        record_command(*words, arguments=arguments) if recorded else words,
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def signature(scope: ScopeView) -> list[tuple[Any, ...]]:
    """What was found out about each application query, in terms that no database differs in: parents are named by their index."""
    places = {row.id: index for index, row in enumerate(scope.rows)}
    return [_row(row, places) for row in scope.rows]


def order(scope: ScopeView) -> list[int]:
    """Executions of application queries one by one, each as the index of its row."""
    assert scope.end["orderRest"] == 0
    places = {row.id: index for index, row in enumerate(scope.rows)}
    executed = [row for times, *rows in scope.end["order"] for _ in range(times) for row in rows]
    return [places[row] for row in executed if row in places]


def _row(row: RowView, places: dict[int, int]) -> tuple[Any, ...]:
    cause = {name: value for name, value in row.cause.items() if name not in {"id", "type"}}
    statement = (row.statement["verb"], tuple(row.statement["tables"]))
    sites = [(site.place, site.qualname, site.column) for site in row.stack]
    built = [(site.place, site.qualname, site.column) for site in row.built]
    parent = None if row.parent is None else places[row.parent.id]
    counts = (row.count, row.rows, row.single, row.instances, row.errors)
    return (cause, statement, parent, row.path, counts, sites, built, row.chain and row.chain.place)


def has_hypopg() -> bool:
    """Whether PostgreSQL can try indexes out; a failure where the databases are required and it cannot."""
    connection = _connect("PostgreSQL")
    cursor = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'hypopg'")
    found = cursor.fetchone()
    connection.close()
    if found is None and os.environ.get("QUERYSIGHT_REQUIRE_DATABASES") == "1":
        pytest.fail("PostgreSQL has no hypopg")
    return found is not None


def extensions(database: str) -> list[str]:
    """The extensions in one of PostgreSQL's databases."""
    connection = _connect("PostgreSQL", database)
    names = [name for (name,) in connection.execute("SELECT extname FROM pg_extension").fetchall()]
    connection.close()
    return names


def _connect(server: str, database: str = "postgres") -> Any:
    if server == "PostgreSQL":
        import psycopg

        words = f"host=127.0.0.1 user=postgres password=postgres dbname={database}"
        return psycopg.connect(words, autocommit=True, connect_timeout=5)
    import pymysql

    return pymysql.connect(host="127.0.0.1", user="root", password="", autocommit=True, connect_timeout=5)


def _require(server: str) -> None:
    """Skip the test, or fail it where the databases are required, if the server does not answer."""
    try:
        _connect(server).close()
    except Exception as error:
        _miss(f"{server} does not answer on 127.0.0.1: {error}")


def _miss(reason: str) -> None:
    if os.environ.get("QUERYSIGHT_REQUIRE_DATABASES") == "1":
        pytest.fail(reason)
    pytest.skip(f"{reason} (QUERYSIGHT_REQUIRE_DATABASES=1 makes this a failure)")


def _drop(server: str, name: str) -> None:
    """Gone already, but for what was kept on purpose and for a run that was ended half way."""
    connection = _connect(server)
    cursor = connection.cursor()
    catalogue = "SELECT datname FROM pg_database" if server == "PostgreSQL" else "SHOW DATABASES"
    cursor.execute(catalogue)
    for (database,) in cursor.fetchall():
        if database.startswith(name):
            cursor.execute(f"DROP DATABASE IF EXISTS {database}")
    connection.close()

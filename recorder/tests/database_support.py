"""The store's own tests on real servers, with and without the recorder, each run in a test database of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from runner_support import environment, record_command
from segments import RowView, ScopeView, Segment

TESTS = Path(__file__).resolve().parent
# The servers that each choice of `database_project/settings.py` needs.
SERVERS = {"sqlite": (), "postgresql": ("PostgreSQL",), "mariadb": ("MariaDB",), "routed": ("PostgreSQL",)}


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

    def scope(self, test: str, phase: str = "call") -> ScopeView:
        (identifier,) = [
            scope["id"]
            for scope in self.segment.of("scope")
            if scope["test"].rpartition("::")[2] == test and (scope["kind"], scope["phase"]) == ("test", phase)
        ]
        return self.segment.scope(identifier)


def make_run(folder: Path, database: str, *tests: str, recorded: bool) -> DatabaseRun:
    """Run the named test files on a database."""
    for server in SERVERS[database]:
        _require(server)
    for source in ("project", "database_project"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(TESTS / source, folder, dirs_exist_ok=True, ignore=ignored)
    words = (sys.executable, "-m", "pytest", "-v", "-p", "no:xdist", *tests)
    name = f"test_querysight_{uuid.uuid4().hex[:12]}"
    variables = {"STORE_DATABASE": database, "STORE_TEST_NAME": name, "SEEN": str(folder / "seen.ndjson")}
    try:
        answer = subprocess.run(
            record_command(*words) if recorded else words,
            cwd=folder,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    finally:
        for server in SERVERS[database]:
            _drop(server, name)
    outcomes = {
        line.split(" ")[0].rpartition("::")[2]: line.split(" ")[1]
        for line in answer.stdout.splitlines()
        if line.startswith("test_")
    }
    assert outcomes and "ERROR" not in outcomes.values(), answer.stdout + answer.stderr
    lines = (folder / "seen.ndjson").read_text("utf-8").splitlines()
    return DatabaseRun(outcomes, dict(json.loads(line) for line in lines), folder)


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


def _connect(server: str) -> Any:
    if server == "PostgreSQL":
        import psycopg

        return psycopg.connect("host=127.0.0.1 user=postgres password=postgres", autocommit=True, connect_timeout=5)
    import pymysql

    return pymysql.connect(host="127.0.0.1", user="root", password="", autocommit=True, connect_timeout=5)


def _require(server: str) -> None:
    """Skip the test, or fail it where the databases are required, if the server does not answer."""
    try:
        _connect(server).close()
    except Exception as error:
        reason = f"{server} does not answer on 127.0.0.1: {error}"
        if os.environ.get("QUERYSIGHT_REQUIRE_DATABASES") == "1":
            pytest.fail(reason)
        pytest.skip(f"{reason} (QUERYSIGHT_REQUIRE_DATABASES=1 makes this a failure)")


def _drop(server: str, database: str) -> None:
    """Gone already, but for a run that was ended half way."""
    connection = _connect(server)
    connection.cursor().execute(f"DROP DATABASE IF EXISTS {database}")
    connection.close()

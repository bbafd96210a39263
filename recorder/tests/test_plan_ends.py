"""Plans at each kind of end: a test database dropped, kept, cloned, one a worker, none; and nothing left behind in any."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from database_support import a_test_database, extensions, has_hypopg, make_project, run_words
from segments import Segment

DJANGO = (sys.executable, "-m", "django")
PYTEST = (sys.executable, "-m", "pytest")
SETTINGS = {"DJANGO_SETTINGS_MODULE": "settings"}


def record(folder: Path, database: str, *words: str, name: str, **more: str) -> list[Segment]:
    """Run it recorded, its own way of ending being good; the segments of its processes."""
    make_project(folder)
    answer = run_words(folder, database, name, *words, **{"PYTHONPATH": f"{Path(__file__).parents[1]}:{folder}", **more})
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return [Segment.load(path) for path in sorted(folder.glob(".querysight/runs/*/*.ndjson"))]


def explained(segments: list[Segment]) -> set[tuple[str, str]]:
    """(alias, table) of all that was probed; each segment with queries on the shelf has its own plans."""
    for segment in segments:
        assert segment.of("end")[0]["errors"] == 0
        assert segment.of("notice") == []
    return {(probe["db"], probe["table"]) for segment in segments for probe in segment.of("probe")}


def shelf(segment: Segment) -> list[dict[str, Any]]:
    return [plan for plan in segment.of("plan") if any("shelf_" in node["detail"] for node in plan["nodes"])]


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_djangos_runner(tmp_path, database):
    with a_test_database(database) as name:
        segments = record(tmp_path, database, *DJANGO, "test", "shelf", name=name, **SETTINGS)
    assert {("default", "shelf_book"), ("default", "shelf_author")} <= explained(segments)


@pytest.mark.parametrize(
    ("database", "method"),
    [("sqlite", "fork"), ("postgresql", "fork"), ("postgresql", "spawn"), ("mariadb", "fork")],
)
def test_clones_of_a_parallel_run(tmp_path, database, method):
    """A worker that inherits nothing knows a clone for a test database as well."""
    variables = {**SETTINGS, "STORE_START_METHOD": method}
    with a_test_database(database) as name:
        segments = record(tmp_path, database, *DJANGO, "test", "shelf", "--parallel", "2", name=name, **variables)
    assert {("default", "shelf_book"), ("default", "shelf_author")} <= explained(segments)
    assert len(segments) >= 2
    main, *workers = sorted(segments, key=lambda segment: segment.of("header")[0]["process"] != "main")
    assert shelf(main) == []
    assert any(shelf(worker) for worker in workers)
    candidates = [probe["candidate"] for worker in workers for probe in worker.of("probe") if probe["candidate"]]
    assert {candidate["proven"] for candidate in candidates} == {(database == "postgresql" and has_hypopg()) or None}


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_workers_of_xdist(tmp_path, database):
    with a_test_database(database) as name:
        tests = ("test_shelf.py", "-k", "unindexed or sorted", "-n", "2", "-p", "no:randomly")
        segments = record(tmp_path, database, *PYTEST, *tests, name=name)
    workers = [segment for segment in segments if segment.of("header")[0]["process"].startswith("gw")]
    assert len(workers) == 2
    for worker in workers:
        assert len(shelf(worker)) > 1
        assert worker.of("notice") == []


def test_a_database_that_is_kept(tmp_path):
    """pytest-django does not tear it down at all: the plans are asked for when the process ends."""
    with a_test_database("postgresql") as name:
        words = (*PYTEST, "-p", "no:xdist", "test_shelf.py", "-k", "unindexed", "--reuse-db")
        (segment,) = record(tmp_path, "postgresql", *words, name=name)
        kept = extensions(name)
    assert explained([segment]) == {("default", "shelf_book")}
    candidates = [probe["candidate"] for probe in segment.of("probe") if probe["candidate"]]
    assert {candidate["proven"] for candidate in candidates} == {has_hypopg() or None}
    assert "hypopg" not in kept


def test_a_database_that_djangos_runner_keeps(tmp_path):
    with a_test_database("postgresql") as name:
        (segment,) = record(tmp_path, "postgresql", *DJANGO, "test", "shelf", "--keepdb", name=name, **SETTINGS)
        assert "hypopg" not in extensions(name)
    assert ("default", "shelf_book") in explained([segment])


def test_a_command_on_a_database_that_is_no_test_database(tmp_path):
    with a_test_database("postgresql") as name:
        (segment,) = record(tmp_path, "postgresql", *DJANGO, "count_users", name=name, **SETTINGS)
    (plan,) = segment.of("plan")
    assert any("pg_database" in node["detail"] for node in plan["nodes"])
    assert segment.of("notice") == []
    assert "hypopg" not in extensions("postgres")

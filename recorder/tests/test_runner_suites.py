"""The same project's tests through each runner: the same ids, phases, scopes and outcomes."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from runner_support import Project, Run

MANAGE = (sys.executable, "manage.py", "test")
PYTEST = (sys.executable, "-m", "pytest")
RUNNERS = {
    "django": MANAGE,
    "django-parallel": (*MANAGE, "--parallel", "2"),
    "django-parallel-spawn": (*MANAGE, "--parallel", "2"),
    "pytest": PYTEST,
    "pytest-xdist": (*PYTEST, "-n", "2"),
    "pytest-alone": (*PYTEST, "-p", "querysight.pytest_plugin", "--querysight"),
    "pytest-alone-xdist": (*PYTEST, "-p", "querysight.pytest_plugin", "--querysight", "-n", "2"),
}
TESTS = {
    "shop/tests.py::ItemTests::test_admin": "passed",
    "shop/tests.py::ItemTests::test_async": "passed",
    "shop/tests.py::ItemTests::test_command": "passed",
    "shop/tests.py::ItemTests::test_exception": "passed",
    "shop/tests.py::ItemTests::test_expected_failure": "xfailed",
    "shop/tests.py::ItemTests::test_requests": "passed",
    "shop/tests.py::ItemTests::test_skipped": "skipped",
    "shop/tests.py::ItemTests::test_stream": "passed",
    "shop/tests.py::ItemTests::test_subtests": "passed",
    "shop/tests.py::PlainTests::test_plain": "passed",
    "shop/tests.py::TransactionTests::test_transaction": "passed",
}


START_METHOD = """
if __name__ == "__main__":
    import multiprocessing
    multiprocessing.set_start_method({method!r})
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Each runner's recording, made when first asked for."""
    made: dict[str, Run] = {}

    def recording(name: str) -> Run:
        if name not in made:
            project = Project(tmp_path_factory.mktemp(name) / "project")
            if "spawn" in name:
                manage = (project.folder / "manage.py").read_text("utf-8")
                project.write("manage.py", START_METHOD.format(method="spawn") + manage)
            answer = project.run(*RUNNERS[name]) if "alone" in name else project.record(*RUNNERS[name])
            assert answer.returncode == 0, answer.stdout + answer.stderr
            assert b"querysight: recorded 10 of 11 tests, " in answer.stderr
            made[name] = project.last_run()
        return made[name]

    return recording


@pytest.fixture(params=RUNNERS)
def run(request, recordings) -> Run:
    return recordings(request.param)


def test_outcomes(run):
    assert run.outcomes == TESTS


def test_collected(run):
    assert sorted(run.collected) == sorted(TESTS)
    assert all(record["all"] and record["deselected"] == 0 for record in run.of_type("collected"))


def test_manifest(run):
    manifest = run.manifest
    assert manifest["state"] == "complete"
    assert manifest["tests"] == {"collected": 11, "run": 11, "recorded": 10}
    assert manifest["processes"] == sorted(run.segments)
    assert manifest["exitCode"] == 0
    assert manifest["finishedAt"] >= manifest["startedAt"]


def test_every_process_ends_without_an_error_of_the_recorder(run):
    ends = run.of_type("end")
    assert len(ends) == len(run.segments)
    assert [end["errors"] for end in ends] == [0] * len(ends)
    assert [notice for notice in run.of_type("notice") if notice["level"] == "warning"] == []


def test_phases_of_a_test(run):
    phases = [(s["phase"], s["queries"]) for s in run.scopes_of("::test_requests") if s["kind"] == "test"]
    # One row is created before each test and one counted after it; the test itself only makes requests.
    assert [phase for phase in phases if phase[1]] == [("setup", 1), ("teardown", 1)]
    assert ("call", 0) in phases


def test_set_up_of_a_class_is_nobodys_test(run):
    scopes = [scope for scope in run.scopes if scope["test"] == "shop/tests.py::ItemTests"]
    assert {scope["phase"] for scope in scopes} == {"class"}
    assert {scope["parent"] for scope in scopes} == {0}
    workers = {name for name, records in run.segments.items() if any("::ItemTests::" in str(r.get("test")) for r in records)}
    assert sum(scope["queries"] for scope in scopes) == len(workers)


def test_requests_of_a_test(run):
    scopes = run.scopes_of("::test_requests")
    requests = [scope for scope in scopes if scope["kind"] == "request"]
    shown = [tuple(s[name] for name in ("ordinal", "method", "path", "route", "view", "status", "queries")) for s in requests]
    assert shown == [
        (1, "GET", "/list/", "/list/", "shop.views.ItemList", 200, 1),
        (2, "GET", "/items/5/", "/items/<int:times>/", "shop.views.items", 200, 5),
        (3, "GET", "/again/2/", "/again/<times>/", "shop.views.items", 200, 2),
        (4, "GET", "/nowhere/", None, None, 404, 0),
    ]
    call = next(scope["id"] for scope in scopes if scope["phase"] == "call" and scope["kind"] == "test")
    assert {scope["parent"] for scope in requests} == {call}
    assert {scope["phase"] for scope in requests} == {"call"}


def test_a_request_that_raises(run):
    (request,) = [scope for scope in run.scopes_of("::test_exception") if scope["kind"] == "request"]
    assert (request["view"], request["queries"]) == ("shop.views.broken", 1)


def test_queries_of_streamed_content_belong_to_the_request(run):
    scopes = run.scopes_of("::test_stream")
    assert [s["queries"] for s in scopes if s["kind"] == "request"] == [4]
    assert [s["queries"] for s in scopes if s["kind"] == "test" and s["phase"] == "call"] == [0]


def test_an_asynchronous_test(run):
    scopes = run.scopes_of("::test_async")
    assert [s["queries"] for s in scopes if s["kind"] == "request"] == [1]
    assert [s["queries"] for s in scopes if s["kind"] == "test" and s["phase"] == "call"] == [1]


def test_the_admin_is_named_by_the_developers_class(run):
    (request,) = [scope for scope in run.scopes_of("::test_admin") if scope["kind"] == "request"]
    assert request["view"] == "shop.admin.ItemAdmin.changelist_view"
    assert request["queries"] > 0


def test_a_command_that_a_test_runs(run):
    assert {scope["kind"] for scope in run.scopes} == {"test", "request", "command"}
    call = [(s["kind"], s["label"], s["queries"]) for s in run.scopes_of("::test_command") if s["phase"] == "call"]
    assert sorted(call) == [("command", "count_items", 1), ("test", None, 0)]


def test_subtests_stay_in_their_test(run):
    assert [s["queries"] for s in run.scopes_of("::test_subtests") if s["phase"] == "call"] == [3]


def test_stacks_begin_at_the_test(run):
    """No frame of manage.py, conftest or a runner stands further out."""
    for segment in run.segments.values():
        sites = {record["id"]: record for record in segment if record["type"] == "site"}
        outermost = {sites[r["site"]]["qualname"] for r in segment if r["type"] == "stack" and r["parent"] == 0}
        assert outermost <= {
            "ItemTests.setUp",
            "ItemTests.setUpTestData",
            "ItemTests.tearDown",
            "TransactionTests.test_transaction",
            *(test.partition("::")[2].replace("::", ".") for test in TESTS),
            # Consumed by the server's side of the test client, or run in a thread of its own.
            "stream.<locals>.<genexpr>",
            "ItemList.get",
        }


@pytest.mark.parametrize("name", [name for name in RUNNERS if name != "django"])
def test_all_runners_see_the_same_scopes(recordings, name):
    """Every scope that ran a query, with its number of queries, is the same in each runner."""

    def seen(run: Run) -> Counter[tuple[object, ...]]:
        names = ("kind", "test", "phase", "ordinal", "method", "path", "route", "view", "status", "queries")
        return Counter(tuple(s[n] for n in names) for s in run.scopes if s["queries"] and s["phase"] != "class")

    assert seen(recordings(name)) == seen(recordings("django"))

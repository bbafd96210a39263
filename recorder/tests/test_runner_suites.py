"""The same project's tests through each runner: the same ids, phases, scopes and outcomes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

import pytest
from django.test.runner import get_max_test_processes
from runner_support import Project, Run, environment

MANAGE = (sys.executable, "manage.py", "test")
PYTEST = (sys.executable, "-m", "pytest")
RUNNERS = {
    "django": MANAGE,
    "django-parallel": (*MANAGE, "--parallel", "2"),
    "django-parallel-spawn": (*MANAGE, "--parallel", "2"),
    # As many processes as Django allows: one where it knows no fork server.
    "django-parallel-forkserver": (*MANAGE, "--parallel"),
    "pytest": PYTEST,
    "pytest-without-pytest-django": (*PYTEST, "-p", "no:django"),
    "pytest-randomly": (*PYTEST, "-o", "addopts=-p no:cacheprovider", "-p", "randomly"),
    "pytest-reuse-db": (*PYTEST, "--reuse-db"),
    "pytest-nomigrations": (*PYTEST, "--nomigrations"),
    "pytest-xdist": (*PYTEST, "-n", "2"),
    "pytest-alone": (*PYTEST, "-p", "querysight.pytest_plugin", "--querysight"),
    "pytest-alone-xdist": (*PYTEST, "-p", "querysight.pytest_plugin", "--querysight", "-n", "1"),
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

# What a project without pytest-django has its test databases made by.
CONFTEST = """
import os
import django
import pytest
from django.test import utils

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

@pytest.fixture(scope="session", autouse=True)
def databases():
    utils.setup_test_environment()
    made = utils.setup_databases(verbosity=0, interactive=False)
    yield
    utils.teardown_databases(made, verbosity=0)
    utils.teardown_test_environment()
"""

# Its queries are no test's; with --nomigrations they do not run.
MIGRATION = """
from django.db import migrations, models

def ask(apps, schema_editor):
    list(apps.get_model("shop", "Item").objects.filter(name="migrated"))
    open("migrated", "a").write("once\\n")

class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Item", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=20))]),
        migrations.RunPython(ask),
    ]
"""


def start_by(method: str) -> Callable[[Project], None]:
    def prepare(project: Project) -> None:
        manage = (project.folder / "manage.py").read_text("utf-8")
        project.write("manage.py", START_METHOD.format(method=method) + manage)

    return prepare


def without_pytest_django(project: Project) -> None:
    project.write("conftest.py", CONFTEST)


def with_migrations(project: Project) -> None:
    (project.folder / "shop" / "migrations").mkdir()
    project.write("shop/migrations/__init__.py", "")
    project.write("shop/migrations/0001_initial.py", MIGRATION)


def with_a_kept_database(project: Project) -> None:
    with_migrations(project)
    settings = (project.folder / "settings.py").read_text("utf-8")
    project.write("settings.py", settings + "DATABASES['default']['TEST'] = {'NAME': 'kept.sqlite3'}\n")
    answer = project.record(*RUNNERS["pytest-reuse-db"], "shop/tests.py::TransactionTests")
    assert answer.returncode == 0, answer.stdout
    assert (project.folder / "kept.sqlite3").exists()


PREPARATIONS = {
    "django-parallel-spawn": start_by("spawn"),
    "django-parallel-forkserver": start_by("forkserver"),
    "pytest-without-pytest-django": without_pytest_django,
    "pytest-reuse-db": with_a_kept_database,
    "pytest-nomigrations": with_migrations,
}


@pytest.fixture(scope="module")
def projects(tmp_path_factory) -> Callable[[str], Project]:
    """Each runner's project, recorded when first asked for."""
    made: dict[str, Project] = {}

    def project(name: str) -> Project:
        if name not in made:
            project = Project(tmp_path_factory.mktemp(name) / "project")
            PREPARATIONS.get(name, lambda _: None)(project)
            # Plans are not left out for lack of time.
            env = environment(QUERYSIGHT_PLAN_SECONDS="60", DJANGO_TEST_PROCESSES="2")
            run = project.run if "alone" in name else project.record
            answer = run(*RUNNERS[name], env=env)
            assert answer.returncode == 0, answer.stdout + answer.stderr
            assert b"querysight: recorded 10 of 11 tests, " in answer.stderr
            project.write("output", answer.stdout.decode())
            made[name] = project
        return made[name]

    return project


@pytest.fixture(scope="module")
def recordings(projects) -> Callable[[str], Run]:
    made: dict[str, Run] = {}

    def recording(name: str) -> Run:
        if name not in made:
            made[name] = projects(name).last_run()
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


def test_each_select_has_a_plan(run):
    """Of the process that ran it, whatever becomes of its database."""
    for segment in run.segments.values():
        sql = {record["id"]: record["sql"] for record in segment if record["type"] == "statement" and record["verb"] == "select"}
        planned = {record["statement"] for record in segment if record["type"] == "plan"}
        ran = {record["statement"] for record in segment if record["type"] == "row"}
        assert [sql[statement] for statement in sql.keys() & ran - planned] == []
    assert len(run.of_type("plan")) > 5


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_that_inherit_nothing_have_segments(recordings, method, monkeypatch):
    """They are started through the environment; each has a segment of its own, and none stands for whoever starts them."""
    monkeypatch.setattr("multiprocessing.get_start_method", lambda: method)
    monkeypatch.setenv("DJANGO_TEST_PROCESSES", "2")
    segments = recordings(f"django-parallel-{method}").segments
    workers = {name for name, records in segments.items() if name != "main" and any(r["type"] == "test" for r in records)}
    if get_max_test_processes() == 1:
        assert list(segments) == ["main"]
    else:
        # One worker may have run all that there is.
        assert len(segments) == 3
        assert workers
        assert not any(record["type"] in ("scope", "test") for record in segments["main"])


def test_migrations_are_nobodys_queries(projects, recordings):
    """They run where a database is made that will be kept, and no more; with --nomigrations there are none."""
    project = projects("pytest-reuse-db")
    assert (project.folder / "migrated").read_text() == "once\n"
    first = project.run_in(min((project.folder / ".querysight" / "runs").iterdir()))
    (test,) = first.outcomes
    assert {scope["test"] for scope in first.scopes if scope["queries"]} == {test}
    assert not any('"name" = ' in statement["sql"] for statement in first.of_type("statement"))
    (end,) = first.of_type("end")
    assert end["outside"] > 0
    assert not (projects("pytest-nomigrations").folder / "migrated").exists()


def test_the_order_was_random(projects):
    assert "Using --randomly-seed=" in (projects("pytest-randomly").folder / "output").read_text()


@pytest.mark.parametrize("name", [name for name in RUNNERS if name != "django"])
def test_all_runners_see_the_same_scopes(recordings, name):
    """Every scope that ran a query, with its number of queries, is the same in each runner."""

    def seen(run: Run) -> Counter[tuple[object, ...]]:
        names = ("kind", "test", "phase", "ordinal", "method", "path", "route", "view", "status", "queries")
        return Counter(tuple(s[n] for n in names) for s in run.scopes if s["queries"] and s["phase"] != "class")

    assert seen(recordings(name)) == seen(recordings("django"))

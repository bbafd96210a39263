"""What only pytest has: fixtures of every scope, parameters, plain functions and classes, a live server, other plugins."""

from __future__ import annotations

import sys

import pytest
from runner_support import Project, Run

TESTS = """
import urllib.request

import pytest
from django.test import LiveServerTestCase
from shop.models import Item


@pytest.fixture(scope="session")
def of_the_session(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        Item.objects.create(name="session")
        yield
        Item.objects.all().delete()


@pytest.fixture(scope="module")
def of_the_module(of_the_session, django_db_blocker):
    with django_db_blocker.unblock():
        Item.objects.count()
        Item.objects.exists()


@pytest.fixture(scope="class")
def of_the_class(of_the_module, django_db_blocker):
    with django_db_blocker.unblock():
        Item.objects.count()


@pytest.fixture
def of_the_test(db):
    Item.objects.create(name="test")
    yield
    Item.objects.count()


class TestShared:
    def test_first(self, of_the_class, of_the_test):
        assert Item.objects.count() == 2

    class TestInner:
        def test_second(self, of_the_class, client, db):
            assert client.get("/list/").content == b"1"


def test_function(of_the_class, of_the_test):
    assert Item.objects.count() == 2


@pytest.mark.parametrize("text", ["a b", "a::b/c", "[x]"])
def test_parameters(db, text):
    Item.objects.count()


@pytest.mark.xfail
def test_expected_to_fail(db):
    assert Item.objects.count() == 7


@pytest.mark.xfail
def test_unexpectedly_passes(db):
    Item.objects.count()


def test_fails_in_setup(request, db):
    request.getfixturevalue("no_such_fixture")


@pytest.fixture
def broken_teardown(db):
    yield
    raise KeyError


def test_fails_in_teardown(broken_teardown):
    Item.objects.count()


class TestServer(LiveServerTestCase):
    def test_over_a_socket(self):
        assert urllib.request.urlopen(self.live_server_url + "/list/").status == 200


def test_live_server_of_pytest_djangos(live_server):
    assert urllib.request.urlopen(live_server.url + "/items/3/").status == 200
    Item.objects.count()


def test_other_fixtures_of_pytest_djangos(admin_client, rf, django_assert_num_queries):
    from shop import views
    with django_assert_num_queries(1):
        Item.objects.count()
    assert views.items(rf.get("/any/"), 2).status_code == 200
    assert admin_client.get("/list/").status_code == 200
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    project = Project(tmp_path_factory.mktemp("scopes") / "project")
    project.write("test_scopes.py", TESTS)
    answer = project.record(sys.executable, "-m", "pytest", "test_scopes.py")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    return project.last_run()


def phases(run: Run, test: str) -> dict[tuple[str, str], int]:
    """Queries by kind and phase, of scopes that ran any."""
    return {(s["kind"], s["phase"]): s["queries"] for s in run.scopes_of(f"test_scopes.py{test}") if s["queries"]}


def test_outcomes(run):
    assert run.outcomes == {
        "test_scopes.py::TestShared::test_first": "passed",
        "test_scopes.py::TestShared::TestInner::test_second": "passed",
        "test_scopes.py::test_function": "passed",
        "test_scopes.py::test_parameters[a b]": "passed",
        "test_scopes.py::test_parameters[a::b/c]": "passed",
        "test_scopes.py::test_parameters[[x]]": "passed",
        "test_scopes.py::test_expected_to_fail": "xfailed",
        "test_scopes.py::test_unexpectedly_passes": "passed",
        "test_scopes.py::test_fails_in_setup": "failed",
        "test_scopes.py::test_fails_in_teardown": "error",
        "test_scopes.py::TestServer::test_over_a_socket": "passed",
        "test_scopes.py::test_live_server_of_pytest_djangos": "passed",
        "test_scopes.py::test_other_fixtures_of_pytest_djangos": "passed",
    }
    assert sorted(run.collected) == sorted(run.outcomes)


def test_a_fixtures_scope_owns_its_queries(run):
    assert phases(run, "") == {("test", "class"): 2}
    assert phases(run, "::TestShared") == {("test", "class"): 1}
    # pytest keeps the outer class's fixture for the inner class.
    assert phases(run, "::TestShared::TestInner") == {}


def test_phases_of_a_function(run):
    # A class's fixture has no class to belong to here: it is the function's own set-up.
    assert phases(run, "::test_function") == {("test", "setup"): 2, ("test", "call"): 1, ("test", "teardown"): 1}
    assert phases(run, "::TestShared::test_first") == {("test", "setup"): 1, ("test", "call"): 1, ("test", "teardown"): 1}


def test_requests_of_a_function(run):
    assert phases(run, "::TestShared::TestInner::test_second") == {("request", "call"): 1}


def test_a_sessions_fixture_is_nobodys(run):
    assert all(scope["test"] for scope in run.scopes)
    (insert,) = [r["id"] for r in run.of_type("statement") if r["sql"].startswith('INSERT INTO "shop_item"')]
    # The session's own row is not among them: two tests created one each.
    assert [row["count"] for row in run.of_type("row") if row["statement"] == insert] == [1, 1]


def test_a_live_servers_request_belongs_to_the_test(run):
    (request,) = [s for s in run.scopes_of("::test_over_a_socket") if s["kind"] == "request"]
    assert (request["phase"], request["route"], request["queries"], request["status"]) == ("call", "/list/", 1, 200)


def test_a_server_of_pytest_djangos_serves_the_test(run):
    (request,) = [s for s in run.scopes_of("::test_live_server_of_pytest_djangos") if s["kind"] == "request"]
    assert (request["phase"], request["route"], request["queries"], request["status"]) == ("call", "/items/<int:times>/", 3, 200)
    assert phases(run, "::test_live_server_of_pytest_djangos")["test", "call"] == 1


def test_fixtures_of_pytest_djangos(run):
    scopes = run.scopes_of("::test_other_fixtures_of_pytest_djangos")
    shown = [(s["kind"], s["phase"], s["path"], s["view"], s["queries"]) for s in scopes if s["phase"] == "call"]
    assert shown == [
        ("request", "call", "/list/", "shop.views.ItemList", 1),
        ("request", "call", "/any/", "shop.views.items", 2),
        ("test", "call", None, None, 1),
    ]
    # The administrator is made and logged in before the test.
    (setup,) = [s["queries"] for s in scopes if s["phase"] == "setup"]
    assert setup > 1

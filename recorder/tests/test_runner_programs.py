"""Programs that are no test runs: commands, servers, scripts, plain unittest."""

from __future__ import annotations

import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from runner_support import Project, record_command, wait_until

SETUP = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    """A database with the project's tables, made once."""
    project = Project(tmp_path_factory.mktemp("migrated") / "project")
    answer = project.run(sys.executable, "manage.py", "migrate", "--run-syncdb", "-v0")
    assert answer.returncode == 0, answer.stderr
    return project.folder / "db.sqlite3"


@pytest.fixture
def project(tmp_path, database) -> Project:
    project = Project(tmp_path / "project")
    shutil.copy(database, project.folder)
    return project


def test_a_command(project):
    answer = project.record("manage.py", "count_items")
    assert answer.stdout == b"0\n"
    assert b"querysight: recorded 1 scopes, 1 queries -> .querysight" in answer.stderr
    run = project.last_run()
    (scope,) = run.scopes
    assert (scope["kind"], scope["label"], scope["queries"], scope["test"]) == ("command", "count_items", 1, None)
    assert run.manifest["runner"] == "command"


def test_stacks_of_a_command_begin_in_the_command(project):
    project.record("manage.py", "count_items")
    run = project.last_run()
    assert {site["qualname"] for site in run.of_type("site")} == {"Command.handle"}


def test_requests_of_a_script(project):
    project.write(
        "script.py",
        SETUP + "from django.test import Client\nclient = Client()\nclient.get('/items/3/')\nclient.get('/items/2/')\n",
    )
    project.record(sys.executable, "script.py")
    scopes = project.last_run().scopes
    shown = [tuple(scope[n] for n in ("kind", "test", "phase", "parent", "path", "queries")) for scope in scopes]
    assert shown == [
        ("request", None, None, 0, "/items/3/", 3),
        ("request", None, None, 0, "/items/2/", 2),
    ]


def test_requests_of_a_server(project):
    # Unlike the development server, one of the standard library's can be asked for the port that it was given.
    project.write(
        "serve.py",
        SETUP + "from wsgiref.simple_server import make_server\n"
        "from django.core.wsgi import get_wsgi_application\n"
        "server = make_server('127.0.0.1', 0, get_wsgi_application())\n"
        "open('port.tmp', 'w').write(str(server.server_port))\n"
        "os.rename('port.tmp', 'port')\n"
        "server.handle_request()\n",
    )
    process = project.start(*record_command(sys.executable, "serve.py"), start_new_session=True)
    wait_until((project.folder / "port").exists, process)
    port = (project.folder / "port").read_text()
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/stream/").read() == b"000"
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    (scope,) = project.last_run().scopes
    assert (scope["kind"], scope["route"], scope["queries"]) == ("request", "/stream/", 4)


def test_an_asynchronous_server(project):
    project.write(
        "serve.py",
        SETUP + "import asyncio\n"
        "from django.test import AsyncClient\n"
        "async def main():\n"
        "    client = AsyncClient()\n"
        "    await asyncio.gather(client.get('/items/3/'), client.get('/items/2/'), client.get('/list/'))\n"
        "asyncio.run(main())\n",
    )
    answer = project.record(sys.executable, "serve.py")
    assert answer.returncode == 0, answer.stderr
    scopes = project.last_run().scopes
    assert sorted((s["kind"], s["path"], s["queries"], s["parent"]) for s in scopes) == [
        ("request", "/items/2/", 2, 0),
        ("request", "/items/3/", 3, 0),
        ("request", "/list/", 1, 0),
    ]


def test_plain_unittest(project):
    project.write("test_plain.py", SETUP + "from shop.tests import PlainTests, TransactionTests\n")
    answer = project.record(sys.executable, "-m", "unittest", "test_plain")
    assert answer.returncode == 0, answer.stderr
    run = project.last_run()
    assert run.outcomes == {
        "shop/tests.py::PlainTests::test_plain": "passed",
        "shop/tests.py::TransactionTests::test_transaction": "passed",
    }
    # Nobody said what there is: the run cannot be known to be complete.
    assert run.manifest["state"] == "partial"


def test_a_runner_that_replaces_run_suite(project):
    """As those do that write JUnit's XML."""
    project.write(
        "custom.py",
        "import unittest\n"
        "from django.test.runner import DiscoverRunner\n"
        "class Runner(DiscoverRunner):\n"
        "    def run_suite(self, suite, **kwargs):\n"
        "        return unittest.TextTestRunner(verbosity=0).run(suite)\n",
    )
    answer = project.record(sys.executable, "manage.py", "test", "--testrunner", "custom.Runner")
    assert answer.returncode == 0, answer.stderr
    run = project.last_run()
    assert run.manifest["state"] == "complete"
    assert run.manifest["tests"] == {"collected": 11, "run": 11, "recorded": 10}


def test_ctrl_c_in_djangos_runner(project):
    """It lets the running test come to its end, runs no other, and answers 0."""
    project.write(
        "shop/test_interrupted.py",
        "import os, signal, time\n"
        "from unittest.signals import _results\n"
        "from django.test import TestCase\n"
        "from shop.models import Item\n"
        "class Interrupted(TestCase):\n"
        "    def test_interrupted(self):\n"
        "        Item.objects.count()\n"
        "        os.kill(os.getppid(), signal.SIGINT)\n"
        "        while not all(result.shouldStop for result in _results): time.sleep(0.01)\n",
    )
    recorded = project.record(sys.executable, "manage.py", "test", stdin=subprocess.DEVNULL, start_new_session=True)
    assert recorded.returncode == 0
    run = project.last_run()
    assert run.manifest["state"] == "interrupted"
    assert run.manifest["tests"]["collected"] == 12
    assert run.outcomes == {"shop/test_interrupted.py::Interrupted::test_interrupted": "passed"}

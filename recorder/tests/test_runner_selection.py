"""Which runs are complete and which are partial."""

from __future__ import annotations

import sys

import pytest
from runner_support import Project

MANAGE = (sys.executable, "manage.py", "test")
PYTEST = (sys.executable, "-m", "pytest")


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "project")


@pytest.mark.parametrize(
    "words",
    [
        (*MANAGE, "shop.tests.PlainTests"),
        (*MANAGE, "-k", "plain"),
        (*PYTEST, "shop/tests.py::PlainTests"),
        (*PYTEST, "-k", "plain"),
        (*PYTEST, "-k", "plain", "-n", "1"),
        (*PYTEST, "--deselect", "shop/tests.py::ItemTests", "--deselect", "shop/tests.py::TransactionTests"),
    ],
    ids=lambda words: " ".join(words[1:]),
)
def test_a_selection_is_partial(project, words):
    answer = project.record(*words)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    run = project.last_run()
    assert run.manifest["state"] == "partial"
    assert run.manifest["tests"] == {"collected": 1, "run": 1, "recorded": 1}
    assert run.outcomes == {"shop/tests.py::PlainTests::test_plain": "passed"}
    assert not any(record["all"] for record in run.of_type("collected"))


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_what_a_conftest_deselects_is_counted(project, workers):
    project.write(
        "conftest.py",
        "def pytest_collection_modifyitems(config, items):\n"
        "    config.hook.pytest_deselected(items=items[:-1])\n"
        "    del items[:-1]\n",
    )
    project.record(*PYTEST, *workers)
    run = project.last_run()
    assert sum(record["deselected"] for record in run.of_type("collected")) == 10
    assert run.manifest["state"] == "partial"


def test_the_root_by_its_name_is_the_whole_project(project):
    project.record(*PYTEST, ".")
    assert project.last_run().manifest["state"] == "complete"


def test_a_start_below_the_root_is_partial(project):
    project.record(*PYTEST, cwd=project.folder / "shop")
    run = project.last_run()
    assert run.manifest["state"] == "partial"
    assert all(test.startswith("shop/tests.py::") for test in run.collected)


@pytest.mark.parametrize("runner", [MANAGE, PYTEST], ids=["django", "pytest"])
def test_failing_tests_do_not_make_a_run_incomplete(project, runner):
    project.write(
        "shop/test_failing.py",
        "from django.test import TestCase\n"
        "class Failing(TestCase):\n"
        "    def test_failure(self): self.assertEqual(1, 2)\n"
        "    def test_error(self): raise KeyError\n"
        "    def test_subtests(self):\n"
        "        for number in range(2):\n"
        "            with self.subTest(number=number): self.assertEqual(number, 0)\n"
        "class FailingSetUp(TestCase):\n"
        "    def setUp(self): raise KeyError\n"
        "    def test_never(self): pass\n",
    )
    answer = project.record(*runner)
    assert answer.returncode == 1
    run = project.last_run()
    assert run.manifest["state"] == "complete"
    assert run.manifest["exitCode"] == 1
    assert run.manifest["tests"] == {"collected": 15, "run": 15, "recorded": 14}
    found = {test.rpartition("::")[2]: outcome for test, outcome in run.outcomes.items() if "test_failing" in test}
    # pytest calls every exception in a test a failure.
    raised = "error" if runner is MANAGE else "failed"
    assert found == {"test_failure": "failed", "test_error": raised, "test_subtests": "failed", "test_never": raised}


def test_stopping_at_the_first_failure_is_partial(project):
    # pytest-django runs the tests of Django's TestCase first.
    lines = "from django.test import TestCase\nclass First(TestCase):\n    def test_fails(self): self.fail()\n"
    project.write("shop/test_first.py", lines)
    project.record(*PYTEST, "-x")
    run = project.last_run()
    assert run.manifest["state"] == "partial"
    assert run.manifest["tests"]["collected"] == 12
    assert run.manifest["tests"]["run"] == 1


def test_a_collection_error_is_interrupted(project):
    project.write("test_broken.py", "import nowhere\n")
    answer = project.record(*PYTEST)
    assert answer.returncode == 2
    assert project.last_run().manifest["state"] == "interrupted"

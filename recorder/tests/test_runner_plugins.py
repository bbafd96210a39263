"""How pytest finds the plugin: with and without its entry point, under ``record`` and alone, always once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from runner_support import RECORDER, Project, environment

PYTEST = (sys.executable, "-m", "pytest")


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def installed(tmp_path) -> Path:
    """A folder that makes the entry point known, as an installed package does."""
    metadata = tmp_path / "site" / "querysight-0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: querysight\nVersion: 0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[pytest11]\nquerysight = querysight.pytest_plugin\n", encoding="utf-8")
    (metadata / "RECORD").write_text("querysight/__init__.py,,\nquerysight/pytest_plugin.py,,\n", encoding="utf-8")
    return metadata.parent


def check_recorded_once(project: Project, answer) -> None:
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert b"warning" not in answer.stdout.lower()
    assert answer.stderr.count(b"querysight: ") == 1
    run = project.last_run()
    assert run.manifest["tests"] == {"collected": 11, "run": 11, "recorded": 10}
    assert len(run.of_type("test")) == 11
    assert len(list((project.folder / ".querysight" / "runs").iterdir())) == 1


@pytest.mark.parametrize("words", [(), ("-n", "1"), ("--querysight", "-p", "querysight.pytest_autoload")], ids=" ".join)
def test_recorded_with_the_entry_point(project, installed, words):
    env = environment(PYTHONPATH=f"{installed}:{RECORDER}")
    check_recorded_once(project, project.record(*PYTEST, *words, env=env))


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=" ".join)
def test_alone_with_the_entry_point(project, installed, words):
    env = environment(PYTHONPATH=f"{installed}:{RECORDER}")
    check_recorded_once(project, project.run(*PYTEST, "--querysight", *words, env=env))


def test_recorded_where_pytest_loads_no_plugins_by_itself(project, installed):
    env = environment(PYTHONPATH=f"{installed}:{RECORDER}", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    check_recorded_once(project, project.record(*PYTEST, "-p", "pytest_django.plugin", env=env))


def test_the_plugin_named_by_its_module(project):
    check_recorded_once(project, project.record(*PYTEST, "-p", "querysight.pytest_plugin"))


def test_the_plugin_can_be_blocked(project):
    answer = project.record(*PYTEST, "-p", "no:querysight", "shop/tests.py::TransactionTests")
    assert answer.returncode == 0
    # unittest's own hooks still see the test.
    assert project.last_run().outcomes == {"shop/tests.py::TransactionTests::test_transaction": "passed"}


def test_alone_where_nothing_can_be_written(project):
    """Who asks for it on the command line is told, and nothing is run."""
    project.write(".querysight", "a file where the folder should be")
    answer = project.run(*PYTEST, "-p", "querysight.pytest_plugin", "--querysight", "-q")
    assert (answer.returncode, answer.stdout) == (4, b"")
    assert answer.stderr.strip() == f"ERROR: querysight: cannot write to {project.folder}/.querysight: File exists".encode()


def test_without_the_option_nothing_is_recorded(project, installed):
    env = environment(PYTHONPATH=f"{installed}:{RECORDER}")
    answer = project.run(*PYTEST, "-q", env=env)
    assert answer.returncode == 0
    assert not (project.folder / ".querysight").exists()


def test_output_differs_by_nothing(project):
    project.write(
        "test_fails.py",
        "import unittest, warnings\n"
        "from django.test import TestCase\n"
        "class Fails(TestCase):\n"
        "    def setUp(self): self.addCleanup(lambda: None)\n"
        "    def test_fails(self):\n"
        "        warnings.warn('from the test', stacklevel=1)\n"
        "        self.fail('here')\n"
        "    def test_returns(self): return 1\n"
        "class FailsInSetUp(TestCase):\n"
        "    def setUp(self): self.fail('there')\n"
        "    def test_it(self): pass\n"
        "class FailsInClass(unittest.TestCase):\n"
        "    @classmethod\n"
        "    def setUpClass(cls): raise KeyError('class')\n"
        "    def test_it(self): pass\n"
        "def test_function(db): assert 1 == 2\n",
    )
    for words in ((*PYTEST, "-v", "--tb=long"), (sys.executable, "-Wa", "manage.py", "test", "-v2")):
        plain = project.run(*words)
        recorded = project.record(*words)
        assert _without_times(recorded.stdout) == _without_times(plain.stdout)
        errors = _without_times(recorded.stderr)
        assert errors.pop().startswith("querysight: recorded ")
        assert errors == _without_times(plain.stderr)


def _without_times(output: bytes) -> list[str]:
    """Lines without durations and memory addresses, which differ in any two runs."""
    import re

    return [re.sub(r"\d+\.\d+ ?s|0x[0-9a-f]+", "…", line) for line in output.decode().splitlines()]

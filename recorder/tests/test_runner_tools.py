"""Commands that run Python for the developer: make, uv and tox, as real programs; poetry, which is large, by what it does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from runner_support import Project, environment

TEST = "manage.py test shop.tests.TransactionTests"
OUTCOMES = {"shop/tests.py::TransactionTests::test_transaction": "passed"}
TOX = f"""
[tox]
no_package = true
[testenv]
pass_env = SOME
allowlist_externals = *
commands = {sys.executable} {TEST}
[testenv:own]
pass_env = OTHER
"""


# `poetry run` (2.5.1: `VirtualEnv.execute`, `Env.execute` in poetry/utils/env): a Python without Django becomes the other.
POETRY = """
import os, sys
environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "__PYVENV_LAUNCHER__")}
environ["PATH"] = os.path.dirname(sys.argv[1]) + os.pathsep + os.environ["PATH"]
environ["VIRTUAL_ENV"] = os.path.dirname(os.path.dirname(sys.argv[1]))
os.execvpe(sys.argv[1], sys.argv[1:], environ)
"""


def tool(name: str) -> str:
    """A program of the environment that these tests run in, else one of the machine's."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found, f"{name} is not installed; see requirements-test.txt"
    return found


@pytest.fixture
def project(tmp_path) -> Project:
    project = Project(tmp_path / "project")
    # tox prepares environments with virtualenv's embedded packages; uv looks for nothing online.
    project.write("tox.ini", TOX)
    project.write("Makefile", f"test:\n\t@cd shop && {sys.executable} ../{TEST}\n")
    return project


@pytest.mark.parametrize(
    "words",
    [
        ("make", "test"),
        ("uv", "run", "--offline", "--no-project", "--python", sys.executable, *f"python {TEST}".split()),
        ("tox", "-q", "-e", "py"),
    ],
    ids=lambda words: words[0],
)
def test_through_a_tool(project, words):
    check(project, project.record(tool(words[0]), *words[1:]))


def test_through_poetry(project, tmp_path):
    venv.create(tmp_path / "poetry")
    project.write("poetry.py", POETRY)
    check(project, project.record(str(tmp_path / "poetry" / "bin" / "python"), "poetry.py", sys.executable, *TEST.split()))


def check(project: Project, answer: subprocess.CompletedProcess[bytes]) -> None:
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr.count(b"querysight: recorded 1 of 1 tests, ") == 1, answer.stderr
    run = project.last_run()
    assert run.outcomes == OUTCOMES
    # The tools' own Pythons have no Django, and left no segment.
    assert list(run.segments) == ["main"]
    assert run.manifest["root"] == str(project.folder)


def test_an_override_of_the_users_for_tox_holds(project):
    project.write("tox.ini", TOX.replace(TEST, "-c 'import os; print(os.environ[\"EXTRA\"])'"))
    env = environment(TOX_OVERRIDE="testenv.set_env+=EXTRA=there")
    answer = project.record(tool("tox"), "-q", "-e", "py", env=env)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert b"there\n" in answer.stdout


def test_an_environment_of_tox_that_passes_its_own_variables_is_named(project):
    answer = project.record(tool("tox"), "-q", "-e", "own")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr.splitlines()[-1] == (
        b"querysight: no query was seen: tox hides PYTHONPATH from what it runs; "
        b"add PYTHONPATH and QUERYSIGHT_* to the environment's own pass_env"
    )

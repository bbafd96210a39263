"""Coverage beside the recorder: the same lines of the same files as without it, and the same queries as without coverage."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from runner_support import Project

COVERAGE = (sys.executable, "-m", "coverage")
MANAGE = ("manage.py", "test")
RUNS = {
    "coverage": ("branch = true", (*COVERAGE, "run", *MANAGE)),
    # coverage starts in each worker before any sitecustomize.
    "coverage-subprocesses": ("patch = subprocess\nparallel = true", (*COVERAGE, "run", "-m", "pytest", "-n", "1")),
    "pytest-cov": ("omit = shop/views.py", (sys.executable, "-m", "pytest", "--cov=shop", "--cov-report=", "-n", "1")),
}


def measured(project: Project) -> dict[str, Any]:
    """Executed and missing lines and branches by file."""
    if len(list(project.folder.glob(".coverage.*"))) > 0:
        assert project.run(*COVERAGE, "combine", "-q").returncode == 0
    answer = project.run(*COVERAGE, "json", "-q", "-o", "measured.json")
    assert answer.returncode == 0, answer.stdout
    measured = json.loads((project.folder / "measured.json").read_text("utf-8"))
    (project.folder / ".coverage").unlink()
    names = ("executed_lines", "missing_lines", "executed_branches", "missing_branches")
    return {file: [lines.get(name) for name in names] for file, lines in measured["files"].items()}


@pytest.mark.parametrize("name", RUNS)
def test_coverage_measures_what_it_measures_without_the_recorder(name, tmp_path):
    options, words = RUNS[name]
    project = Project(tmp_path / "project")
    project.write(".coveragerc", f"[run]\n{options}\n")
    plain = project.run(*words)
    assert plain.returncode == 0, plain.stdout + plain.stderr
    expected = measured(project)
    assert len(expected) > 3

    recorded = project.record(*words)

    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert b"Warning" not in recorded.stdout + recorded.stderr
    assert measured(project) == expected
    run = project.last_run()
    assert run.manifest["tests"] == {"collected": 11, "run": 11, "recorded": 10}
    assert {end["errors"] for end in run.of_type("end")} == {0}
    assert sum(scope["queries"] for scope in run.scopes_of("::test_requests")) == 10


def test_a_vendored_recorder_is_not_measured(tmp_path):
    """It lies within the project, whose every file is measured."""
    project = Project(tmp_path / "project")
    project.write(".coveragerc", "[run]\nsource = .\n")
    assert project.run(sys.executable, "-m", "querysight", "vendor").returncode == 0
    words = (sys.executable, "-m", "querysight", "record", "--", *COVERAGE, "run", *MANAGE, "shop.tests.TransactionTests")
    options = project.options()
    options["env"]["PYTHONPATH"] = ".querysight/recorder"
    answer = project.run(*words, env=options["env"])
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert {Path(file).parts[0] for file in measured(project)} <= {"manage.py", "settings.py", "shop", "urls.py"}

"""The recorder copied into a project, and run by a Python that knows nothing of this repository, as in a container."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from runner_support import RECORDER, Project, obeying_permissions

SEEN = {"collected": 11, "run": 11, "recorded": 10}


def bare(**changes: str) -> dict[str, str]:
    """An environment that does not name this repository."""
    return {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", **changes}


@pytest.fixture(scope="module")
def vendored(tmp_path_factory) -> Path:
    """A project into which the recorder was copied; the answer of the command stands beside it."""
    project = Project(tmp_path_factory.mktemp("host") / "project")
    answer = project.run(sys.executable, "-m", "querysight", "vendor", cwd=project.folder / "shop")
    assert answer.returncode == 0, answer.stderr
    (project.folder.parent / "answer").write_bytes(answer.stdout)
    return project.folder


@pytest.fixture
def mounted(vendored, tmp_path) -> Project:
    """The project in another place, as a container sees it."""
    project = Project(tmp_path / "app")
    shutil.rmtree(project.folder)
    shutil.copytree(vendored, project.folder)
    return project


def check(project: Project, answer: subprocess.CompletedProcess[bytes], runner: str) -> None:
    assert answer.returncode == 0, (answer.stdout + answer.stderr).decode()
    assert answer.stderr.count(b"querysight: recorded 10 of 11 tests, ") == 1
    (run_dir,) = (project.folder / ".querysight" / "runs").iterdir()
    run = project.last_run()
    assert run.manifest["id"] == run_dir.name
    assert (run.manifest["state"], run.manifest["runner"], run.manifest["tests"]) == ("complete", runner, SEEN)
    assert run.manifest["root"] == str(project.folder)
    assert run.manifest["processes"] == sorted(run.segments)
    # The copy is no file of the project's.
    assert {record["path"].partition("/")[0] for record in run.of_type("file")} <= {"shop", "urls.py"}


def test_it_holds_the_package_and_nothing_else(vendored):
    copied = vendored / ".querysight" / "recorder" / "querysight"
    source = RECORDER / "querysight"
    names = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(copied) for path in copied.rglob("*") if path.is_file()} == names
    assert [path.name for path in copied.parent.iterdir()] == ["querysight"]
    assert (vendored / ".querysight" / ".gitignore").read_text() == "*\n"


def test_it_says_how_to_run_it(vendored):
    answer = (vendored.parent / "answer").read_text()
    assert answer == "PYTHONPATH=.querysight/recorder python -m querysight record -- COMMAND …\n"


@pytest.mark.parametrize(("runner", "words"), [("django", ("manage.py", "test")), ("pytest", ("-m", "pytest", "-n", "1"))])
def test_the_line_that_it_says(mounted, runner, words):
    python = (sys.executable, "-m", "querysight", "record", "--", sys.executable)
    check(mounted, mounted.run(*python, *words, env=bare(PYTHONPATH=".querysight/recorder")), runner)


@pytest.mark.parametrize(
    ("runner", "words"),
    [("django", ("manage.py", "test", "--parallel", "2")), ("pytest", ("-m", "pytest")), ("pytest", ("-m", "pytest", "-n", "1"))],
)
def test_by_the_environment_alone(mounted, runner, words):
    """Where the command itself cannot be changed."""
    env = bare(PYTHONPATH=".querysight/recorder/querysight/bootstrap", QUERYSIGHT_RECORD="1")
    check(mounted, mounted.run(sys.executable, *words, env=env), runner)


def test_children_in_another_folder_are_in_the_same_run(mounted):
    mounted.write(
        "outer.py",
        "import os, subprocess, sys, django.apps\n"
        "os.chdir('shop')\n"
        "manage = [sys.executable, '../manage.py']\n"
        "subprocess.run([*manage, 'migrate', '--run-syncdb', '-v0'], check=True)\n"
        "subprocess.run([*manage, 'count_items'], check=True)\n",
    )
    env = bare(PYTHONPATH=".querysight/recorder/querysight/bootstrap", QUERYSIGHT_RECORD="1")
    answer = mounted.run(sys.executable, "outer.py", env=env)
    assert answer.returncode == 0, answer.stderr
    assert len(list((mounted.folder / ".querysight" / "runs").iterdir())) == 1
    assert sorted(scope["label"] for scope in mounted.last_run().scopes) == ["count_items", "migrate"]


@pytest.mark.parametrize("words", [("-c", "print('hello')"), ("-m", "pytest", "--version")])
def test_by_the_environment_without_django(mounted, words):
    """A Python that never imports Django makes no run and says nothing."""
    env = bare(PYTHONPATH=".querysight/recorder/querysight/bootstrap", QUERYSIGHT_RECORD="1")
    recorded = mounted.run(sys.executable, *words, env=env)
    plain = mounted.run(sys.executable, *words, env=bare())
    assert (recorded.returncode, recorded.stdout, recorded.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert not (mounted.folder / ".querysight" / "runs").exists()


def test_switched_off_by_the_environment(mounted):
    env = bare(PYTHONPATH=".querysight/recorder/querysight/bootstrap", QUERYSIGHT_RECORD="0")
    answer = mounted.run(sys.executable, "manage.py", "check", env=env)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert not (mounted.folder / ".querysight" / "runs").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("manage.py", "check"), b"System check identified no issues"),
        (("manage.py", "test", "--parallel", "2", "-v0"), b""),
        (("-m", "pytest", "-q", "shop/tests.py::PlainTests"), b"1 passed"),
        (("-m", "pytest", "-q", "-n", "1", "shop/tests.py::PlainTests"), b"1 passed"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_a_folder_that_cannot_be_written(mounted, words, said):
    """The command runs all the same, and one line tells of it."""
    folder = mounted.folder / ".querysight"
    folder.chmod(0o555)
    env = bare(PYTHONPATH=".querysight/recorder/querysight/bootstrap", QUERYSIGHT_RECORD="1")
    answer = mounted.run(*obeying_permissions(folder), sys.executable, *words, env=env)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert said in answer.stdout
    lines = [line for line in (answer.stdout + answer.stderr).splitlines() if b"querysight" in line]
    assert lines == [b"querysight: cannot write to .querysight: Permission denied. Nothing is recorded."]


def test_again_in_place_of_an_older_copy(mounted):
    place = mounted.folder / ".querysight" / "recorder"
    (place / "querysight" / "cli.py").write_text("broken")
    (place / "querysight" / "older.py").touch()
    answer = mounted.run(sys.executable, "-m", "querysight", "vendor")
    assert answer.returncode == 0, answer.stderr
    assert not (place / "querysight" / "older.py").exists()
    # The copy may copy itself, which changes nothing.
    again = mounted.run(sys.executable, "-m", "querysight", "vendor", env=bare(PYTHONPATH=".querysight/recorder"))
    assert again.returncode == 0, again.stderr
    assert [path.name for path in place.iterdir()] == ["querysight"]


def test_a_linked_folder_is_not_written_into(tmp_path):
    project = Project(tmp_path / "project")
    (tmp_path / "elsewhere").mkdir()
    (project.folder / ".querysight").mkdir()
    (project.folder / ".querysight" / "recorder").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    answer = project.run(sys.executable, "-m", "querysight", "vendor")
    assert answer.returncode == 2
    assert b"recorder is a link" in answer.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []

"""Ctrl-C and other signals reach the command once, and the manifest says that the run was interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from runner_support import Project, Terminal, record_command, wait_until

CTRL_C = b"\x03"
SLOW_TEST = """
import pathlib, time
import pytest

@pytest.fixture
def place(db):
    yield
    with open("cleaned-up", "a") as file:
        file.write("once\\n")

def test_first(db):
    from shop.models import Item
    assert Item.objects.count() == 0

def test_slow(place):
    pathlib.Path("started").touch()
    time.sleep(60)
"""


@pytest.fixture
def project(tmp_path) -> Project:
    project = Project(tmp_path / "project")
    project.write("test_slow.py", SLOW_TEST)
    return project


def started(project: Project, **options) -> subprocess.Popen[bytes]:
    words = record_command(sys.executable, "-m", "pytest", "test_slow.py", "shop/tests.py")
    process = project.start(*words, **options)
    wait_until((project.folder / "started").exists, process)
    return process


def check_interrupted(project: Project, output: bytes) -> None:
    assert (project.folder / "cleaned-up").read_text() == "once\n"
    assert b"KeyboardInterrupt" in output
    assert b"querysight: interrupted: recorded 1 of" in output
    run = project.last_run()
    assert run.manifest["state"] == "interrupted"
    assert run.manifest["exitCode"] == 2
    assert run.outcomes == {"test_slow.py::test_first": "passed"}
    assert run.manifest["tests"]["collected"] > run.manifest["tests"]["run"] == 1


def test_ctrl_c_in_a_terminal(project):
    """The terminal signals recorder and command alike; the command must see one interrupt, not two."""
    terminal = Terminal()
    process = started(project, **terminal.options)
    terminal.press(CTRL_C)
    output, _ = process.communicate(timeout=60)
    terminal.close()
    assert process.returncode == 2
    check_interrupted(project, output)


def test_an_interrupt_sent_to_the_recorder_alone(project):
    process = started(project, stdin=subprocess.DEVNULL, start_new_session=True)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    check_interrupted(project, output)


WORKERS_TEST = """
import pathlib, time
from django.test import TestCase
from shop.models import Item

class {name}(TestCase):
    def test_first(self):
        self.assertEqual(Item.objects.count(), 0)

    def test_slow(self):
        Item.objects.exists()
        pathlib.Path("{name}").touch()
        time.sleep(60)
"""


@pytest.mark.parametrize(
    "words",
    [("-m", "pytest", "-n", "2", "--dist", "loadfile", "shop"), ("manage.py", "test", "--parallel", "2")],
    ids=["xdist", "django"],
)
def test_ctrl_c_while_workers_run(tmp_path, words):
    """A terminal signals every process. Each loses the scopes that were open, and no other."""
    project = Project(tmp_path / "project")
    (project.folder / "shop" / "tests.py").unlink()
    for name in ("One", "Two"):
        project.write(f"shop/test_{name.lower()}.py", WORKERS_TEST.format(name=name))
    terminal = Terminal()
    process = project.start(*record_command(sys.executable, *words), **terminal.options)
    wait_until(lambda: all((project.folder / name).exists() for name in ("One", "Two")), process)
    terminal.press(CTRL_C)
    output, _ = process.communicate(timeout=60)
    terminal.close()
    assert b"querysight: interrupted: recorded 2 of 4 tests" in output, output
    run = project.last_run()
    assert run.manifest["state"] == "interrupted"
    assert run.manifest["exitCode"] == process.returncode
    assert run.outcomes == {f"shop/test_{name.lower()}.py::{name}::test_first": "passed" for name in ("One", "Two")}
    calls = [s for s in run.scopes_to_their_end if s["phase"] == "call" and s["test"] in run.outcomes]
    assert len(calls) == 2
    assert len(run.segments) == 3


def test_termination_is_passed_on(project):
    process = started(project, stdin=subprocess.DEVNULL, start_new_session=True)
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert b"querysight: interrupted: recorded 1 of" in output
    run = project.last_run()
    assert run.manifest["state"] == "interrupted"
    assert run.of_type("end") == []


def test_a_killed_recorder_leaves_a_running_manifest(project):
    process = started(project, stdin=subprocess.DEVNULL, start_new_session=True)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    run = project.last_run()
    assert run.manifest["state"] == "running"
    assert run.outcomes == {"test_slow.py::test_first": "passed"}

"""What goes wrong beside or inside the recorder costs at most the running scope, and never the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from runner_support import Project, Run, record_command, wait_until
from segments import VALIDATOR

MANAGE = (sys.executable, "manage.py", "test")
PYTEST = (sys.executable, "-m", "pytest")
RECORDED = {"collected": 11, "run": 11, "recorded": 10}


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "project")


def whole_scopes(run: Run) -> list[str]:
    """The tests of scopes that are written to their end; every line is checked against the schema."""
    for segment in run.segments.values():
        for record in segment:
            VALIDATOR.validate(record)
    return [scope["test"] for scope in run.scopes_to_their_end]


def test_exceptions_inside_the_recorder(project):
    """Every part fails: the tests do not notice, and one line tells of it at the end."""
    (project.folder / "shop" / "models.py").open("a").write(
        "from querysight import engine, requests, provenance, testtracker\n"
        "def broken(*args, **kwargs): raise KeyError('data of the user')\n"
        "engine.Engine._count = broken\n"
        "engine.Engine.records = broken\n"
        "requests.view_name = broken\n"
        "testtracker.close_open_streams = broken\n"
    )
    answer = project.record(*MANAGE)
    assert answer.returncode == 0, answer.stderr
    assert b"\nOK (skipped=1, expected failures=1)\n" in answer.stderr
    assert answer.stdout == project.run(*MANAGE).stdout
    lines = [line for line in answer.stderr.decode().splitlines() if line.startswith("querysight: ")]
    assert len(lines) == 2
    assert lines[1].startswith("querysight: what was recorded may be incomplete: ")
    assert "exceptions inside the recorder: KeyError in models.py:7 (broken) (" in lines[1]
    assert "data of the user" not in lines[1]
    run = project.last_run()
    (end,) = run.of_type("end")
    assert end["errors"] > 50
    codes = [notice["code"] for notice in run.of_type("notice")]
    assert sorted(codes) == sorted(set(codes))


LIMITED = """
import resource, runpy, signal, sys
# As Python does at its start; a write beyond the limit then fails as one on a full disk does.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def check_cut_off(project: Project, answer: subprocess.CompletedProcess[bytes]) -> Run:
    assert answer.returncode == 0, answer.stderr
    assert b"\nOK (skipped=1, expected failures=1)\n" in answer.stderr
    assert answer.stderr.count(b"querysight: recording stopped, cannot write ") == 1
    assert b"querysight: not recorded to their end (killed, or nothing could be written): main\n" in answer.stderr
    run = project.last_run()
    assert whole_scopes(run)
    assert run.of_type("end") == []
    assert 0 < len(run.outcomes) < 11
    return run


def test_a_segment_that_cannot_grow(project):
    """As where a quota is reached."""
    project.write("limited.py", LIMITED.format(limit=60_000))
    run = check_cut_off(project, project.record(sys.executable, "limited.py", *MANAGE[1:]))
    assert run.manifest["state"] == "interrupted"
    assert 0 < run.manifest["tests"]["run"] < 11


@pytest.fixture
def small_disk(project):
    """The project's .querysight on a disk of 80 kB."""
    folder = project.folder / ".querysight"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        # The limited segment stands for it, and test_runner_parts.py has the manifest.
        pytest.skip(f"cannot mount: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(project, small_disk):
    """Nor can the manifest be finished: it says `running`, of a process that is gone."""
    answer = project.record(*MANAGE)
    run = check_cut_off(project, answer)
    assert b"querysight: cannot finish the manifest in " in answer.stderr
    assert b": No space left on device\n" in answer.stderr
    assert run.manifest["state"] == "running"


def test_a_folder_that_goes_away(project):
    """Whoever cleans up during a run loses what was recorded, and nothing else."""
    project.write("shop/test_a.py", "import shutil\nimport unittest\nclass A(unittest.TestCase):\n    def test_a(self):\n")
    (project.folder / "shop" / "test_a.py").open("a").write("        shutil.rmtree('.querysight')\n")
    answer = project.record(*PYTEST, "-n", "2", "shop")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert b"Traceback" not in answer.stderr


KILLED = """
import os, signal
import pytest
from shop.models import Item

def test_before(db):
    assert Item.objects.count() == 0

def test_killed(db):
    Item.objects.count()
    os.kill(os.getpid(), signal.SIGKILL)

def test_after(db):
    assert Item.objects.count() == 0
"""


def test_a_killed_worker(project):
    """Its test is lost, and no other; another worker goes on."""
    project.write("test_killed.py", KILLED)
    answer = project.record(*PYTEST, "-n", "1", "test_killed.py", "shop")
    assert answer.returncode == 1, answer.stdout
    run = project.last_run()
    assert len(run.outcomes) == 13
    assert {outcome for test, outcome in run.outcomes.items() if test.startswith("test_killed.py")} == {"passed"}
    assert "test_killed.py::test_killed" in run.collected
    assert "test_killed.py::test_killed" not in run.outcomes
    assert [test for test in whole_scopes(run) if test.endswith("::test_killed")] in ([], ["test_killed.py::test_killed"])
    calls = [s["test"] for s in run.scopes_to_their_end if s["phase"] == "call" and s["test"].startswith("test_killed.py")]
    assert sorted(calls) == ["test_killed.py::test_after", "test_killed.py::test_before"]
    assert b"querysight: not recorded to their end (killed, or nothing could be written): gw0\n" in answer.stderr
    assert b"querysight: recorded 12 of 14 tests, " in answer.stderr
    # The run itself came to its end, with a test less.
    assert run.manifest["state"] == "partial"
    assert run.manifest["tests"] == {"collected": 14, "run": 13, "recorded": 12}
    assert sorted(run.segments) == ["gw0", "gw1", "main"]
    assert len(run.of_type("end")) == 2


FORKED = """
import multiprocessing, os
from django.db import connections
from django.test import TransactionTestCase
from shop.models import Item

def work():
    connections.close_all()
    Item.objects.count()

class Forked(TransactionTestCase):
    def test_forked(self):
        Item.objects.create(name="a")
        pid = os.fork()
        if not pid:
            work()
            os._exit(0)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        process = multiprocessing.get_context("fork").Process(target=work)
        process.start()
        process.join()
        self.assertEqual(process.exitcode, 0)
        self.assertEqual(Item.objects.count(), 1)
        self.client.get("/list/")
"""


def test_forks_in_the_middle_of_a_test(project):
    """What the test's own process did is counted once; a child has a segment of its own, and no say in the test's outcome."""
    settings = (project.folder / "settings.py").read_text()
    project.write("settings.py", settings + "DATABASES['default']['TEST'] = {'NAME': 'test.sqlite3'}\n")
    project.write("shop/test_forked.py", FORKED)
    answer = project.record(*MANAGE, "shop.test_forked")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count(b"querysight: recorded 1 of 1 tests, ") == 1
    run = project.last_run()
    whole_scopes(run)
    assert len(run.segments) == 3
    of_parent = Run(run.manifest, {"main": run.segments["main"]})
    calls = [(s["kind"], s["queries"]) for s in of_parent.scopes_of("::test_forked") if s["phase"] == "call"]
    assert sorted(calls) == [("request", 1), ("test", 2)]
    assert run.outcomes == {"shop/test_forked.py::Forked::test_forked": "passed"}
    assert [name for name, segment in run.segments.items() if any(r["type"] == "test" for r in segment)] == ["main"]
    # One of the children came to an end of Python's own, and wrote what it ran in the test.
    children = [s for name, segment in run.segments.items() if name != "main" for s in segment if s["type"] == "scopeEnd"]
    assert [child["queries"] for child in children] == [1]


MEETING = """
import pathlib, sys, time

def test_meets(db):
    from shop.models import Item
    pathlib.Path("{name}").touch()
    deadline = time.monotonic() + 60
    while not pathlib.Path("{other}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for _ in range({queries}):
        Item.objects.count()
"""


def test_two_recordings_at_once(project):
    numbers = {"first": 2, "second": 5}
    started = []
    for name, other in (("first", "second"), ("second", "first")):
        project.write(f"test_{name}.py", MEETING.format(name=name, other=other, queries=numbers[name]))
        started.append(project.start(*record_command(*PYTEST, f"test_{name}.py")))
    for process in started:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
    runs = sorted((project.folder / ".querysight" / "runs").iterdir())
    assert len(runs) == 2
    seen = {}
    for run_dir in runs:
        run = project.run_in(run_dir)
        ((test, outcome),) = run.outcomes.items()
        assert outcome == "passed"
        (call,) = [s for s in run.scopes if s["phase"] == "call"]
        seen[test] = call["queries"]
        assert {header["run"] for header in run.of_type("header")} == {run_dir.name}
        assert run.manifest["tests"] == {"collected": 1, "run": 1, "recorded": 1}
    assert seen == {f"test_{name}.py::test_meets": number for name, number in numbers.items()}


def test_a_recording_within_a_recording(project):
    """Each has its own, and the inner one's tests are not the outer one's."""
    project.write(
        "test_inner.py",
        "import subprocess, sys\n"
        "def test_inner(db):\n"
        "    from shop.models import Item\n"
        "    Item.objects.exists()\n"
        "    words = [sys.executable, '-m', 'querysight', 'record', '--', sys.executable, 'manage.py', 'test', 'shop']\n"
        "    assert subprocess.run(words).returncode == 0\n",
    )
    answer = project.record(*PYTEST, "test_inner.py")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    outer, inner = (project.run_in(run_dir) for run_dir in sorted((project.folder / ".querysight" / "runs").iterdir()))
    assert outer.outcomes == {"test_inner.py::test_inner": "passed"}
    assert inner.manifest["tests"] == RECORDED
    assert not set(outer.segments["main"][0].values()) & {inner.manifest["id"]}


def test_segments_are_whole_lines_all_along(project):
    """A reader may come at any time: each scope is there as soon as it ended."""
    project.write(
        "test_live.py",
        "import pathlib, time\n"
        "def wait(name):\n"
        "    deadline = time.monotonic() + 60\n"
        "    while not pathlib.Path(name).exists():\n"
        "        assert time.monotonic() < deadline\n"
        "        time.sleep(0.01)\n"
        "def test_one(db, client):\n"
        "    client.get('/list/')\n"
        "    pathlib.Path('asked').touch()\n"
        "    wait('answered')\n",
    )
    process = project.start(*record_command(*PYTEST, "test_live.py"))
    wait_until((project.folder / "asked").exists, process)
    run = project.last_run()
    assert [(s["kind"], s["route"], s["queries"]) for s in run.scopes if s["kind"] == "request"] == [("request", "/list/", 1)]
    assert run.outcomes == {}
    Path(project.folder / "answered").touch()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert json.loads((next((project.folder / ".querysight" / "runs").iterdir()) / "run.json").read_text())["state"] == "partial"

"""``record -- manage.py runserver``: real requests, a reload by the autoreloader, Ctrl-C; the segments can be read all along."""

from __future__ import annotations

import sys
import urllib.request
from dataclasses import dataclass
from urllib.error import HTTPError

import pytest
from runner_support import Project, Run, Terminal, environment, free_port, record_command, wait_until

CTRL_C = b"\x03"

# A page that tells which text it is, and whether the reloader has looked at its file: a change is one of a time that
# `StatReloader.tick` (django/utils/autoreload.py) has in its `mtimes`. It looks for the first time when it comes to it, which
# may be long after the server answers; what is written until then is never seen as changed.
PAGE = """
import sys
from pathlib import Path
from django.http import HttpResponse

def is_watched():
    for frame in sys._current_frames().values():
        while frame is not None:
            if frame.f_code.co_name == "tick" and Path(__file__) in frame.f_locals["mtimes"]:
                return True
            frame = frame.f_back
    return False

def page(request):
    return HttpResponse(f"{text} {'watched' if is_watched() else 'not yet'}")
"""


@dataclass
class Served:
    """A run as it was while the server ran, and as it was left."""

    during: Run
    after: Run
    returncode: int
    output: str


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Served:
    project = Project(tmp_path_factory.mktemp("server") / "project")
    answer = project.run(sys.executable, "manage.py", "migrate", "--run-syncdb", "-v0")
    assert answer.returncode == 0, answer.stderr
    with (project.folder / "urls.py").open("a") as urls:
        urls.write("\nfrom shop import reloaded\nurlpatterns.append(path('page/', reloaded.page))\n")
    project.write("shop/reloaded.py", "text = 'before'\n" + PAGE)
    port = free_port()
    terminal = Terminal()
    words = record_command(sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}")
    # However slow the machine is, plans are not left out for their time's sake.
    process = project.start(*words, env=environment(QUERYSIGHT_PLAN_SECONDS="60"), **terminal.options)

    def get(path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
                return response.read().decode()
        except HTTPError as error:
            return str(error.code)
        except OSError:
            return None

    wait_until(lambda: get("/page/"), process)
    assert get("/items/3/?secret=1") == "[[], [], []]"
    assert get("/stream/") == "000"
    assert get("/broken/") == "500"
    during = project.last_run()
    wait_until(lambda: get("/page/") == "before watched", process)
    project.write("shop/reloaded.py", "text = 'after'\n" + PAGE)
    wait_until(lambda: (get("/page/") or "").startswith("after"), process)
    assert get("/items/2/") == "[[], []]"
    terminal.press(CTRL_C)
    output, _ = process.communicate(timeout=60)
    terminal.close()
    return Served(during, project.last_run(), process.returncode, output.decode())


def requests(run: Run) -> list[tuple[object, ...]]:
    names = ("kind", "test", "phase", "parent", "method", "path", "route", "view", "status", "queries")
    return [tuple(s[name] for name in names) for s in run.scopes if s["route"] != "/page/"]


BEFORE = [
    ("request", None, None, 0, "GET", "/items/3/", "/items/<int:times>/", "shop.views.items", 200, 3),
    ("request", None, None, 0, "GET", "/stream/", "/stream/", "shop.views.stream", 200, 4),
    ("request", None, None, 0, "GET", "/broken/", "/broken/", "shop.views.broken", 500, 1),
]


def test_requests_can_be_read_while_the_server_runs(served):
    assert served.during.manifest["state"] == "running"
    assert served.during.manifest["runner"] == "server"
    assert requests(served.during) == BEFORE
    assert {plan["vendor"] for plan in served.during.of_type("plan")} == {"sqlite"}


def test_requests_after_a_reload(served):
    after = ("request", None, None, 0, "GET", "/items/2/", "/items/<int:times>/", "shop.views.items", 200, 2)
    assert sorted(requests(served.after)) == sorted([*BEFORE, after])


def test_each_of_the_reloaders_processes_has_a_segment(served):
    segments = served.after.segments
    # The one that waits and starts the other anew, and one for each time.
    assert len(segments) == 3
    assert "main" in segments
    headers = [segment[0] for segment in segments.values()]
    assert {header["runner"] for header in headers} == {"server"}
    assert len({header["pid"] for header in headers}) == 3


def test_ctrl_c_is_how_a_server_ends(served):
    assert served.returncode == 0
    assert "Traceback" not in served.output.rpartition("GET /items/2/")[2]
    assert served.after.manifest["state"] == "partial"
    assert served.after.manifest["exitCode"] == 0
    assert len(served.after.of_type("end")) == 3
    assert [end["errors"] for end in served.after.of_type("end")] == [0, 0, 0]
    assert served.output.rstrip().splitlines()[-1].startswith("querysight: recorded ")


def test_no_parameters_of_a_server(served):
    samples = [row["sample"] for row in served.after.of_type("row")]
    assert samples
    assert set(samples) == {None}


def test_parameters_of_a_server_when_asked_for(tmp_path):
    project = Project(tmp_path / "project")
    words = ("manage.py", "runserver", "--no-such-option")
    for arguments, parameters in (((), b"0"), (("--parameters",), b"1"), (("--no-parameters",), b"0")):
        project.write("manage.py", "import os; print(os.environ['QUERYSIGHT_PARAMETERS'])")
        assert project.record(*words, arguments=arguments).stdout.strip() == parameters

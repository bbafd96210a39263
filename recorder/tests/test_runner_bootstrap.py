"""The start-up code in every Python of a recorded command."""

from __future__ import annotations

import json
import sys
import sysconfig

import pytest
from runner_support import RECORDER, Project, environment


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path / "project")


def test_it_hands_over_to_the_sitecustomize_that_it_shadows(project):
    folder = project.folder / "startup"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys; sys.customized = __file__\n", encoding="utf-8")
    script = "import sys, sitecustomize; print(sys.customized); print(sitecustomize.__file__)"
    env = environment(PYTHONPATH=f"{folder}:{RECORDER}")
    answer = project.record(sys.executable, "-c", script, env=env)
    assert answer.stdout.decode().splitlines() == [str(folder / "sitecustomize.py")] * 2


def test_a_failing_sitecustomize_fails_as_before(project):
    folder = project.folder / "startup"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("raise RuntimeError('its own fault')\n", encoding="utf-8")
    env = environment(PYTHONPATH=f"{folder}:{RECORDER}")
    plain = project.run(sys.executable, "-c", "print('ran')", env=env)
    recorded = project.record(sys.executable, "-c", "print('ran')", env=env)
    assert recorded.stdout == plain.stdout == b"ran\n"
    assert b"RuntimeError: its own fault" in recorded.stderr
    assert b"RuntimeError: its own fault" in plain.stderr


def test_nothing_is_imported_before_django(project):
    script = "import sys, json; print(json.dumps(sorted(sys.modules)))"
    plain = set(json.loads(project.run(sys.executable, "-c", script).stdout))
    recorded = set(json.loads(project.record(sys.executable, "-c", script).stdout))
    assert recorded - plain <= {
        "querysight",
        "querysight.hooks",
        "querysight.importhook",
        "sitecustomize",
        "__future__",
        "typing",
    }
    assert not (project.folder / ".querysight" / "runs" / "main.ndjson").exists()


def test_imported_modules_look_untouched(project):
    script = (
        "import django.apps.registry as m, json; from importlib.machinery import SourceFileLoader as L;"
        "print(type(m.__loader__) is L, type(m.__spec__.loader) is L)"
    )
    assert project.record(sys.executable, "-c", script).stdout == b"True True\n"


def test_the_package_need_not_be_on_the_path(project):
    """As when the extension ships the folder and the project's environment does not know it."""
    start = f"import sys; sys.path.insert(0, {str(RECORDER)!r}); from querysight.cli import main; sys.exit(main())"
    env = environment()
    del env["PYTHONPATH"]
    words = [sys.executable, "-c", start, "record", "--", sys.executable, "-m", "pytest", "-q", "shop/tests.py"]
    answer = project.run(*words, env=env)
    assert answer.returncode == 0, answer.stderr
    run = project.last_run()
    assert run.manifest["tests"]["run"] == len(run.collected) > 0


def test_an_older_python_is_left_alone(project, monkeypatch):
    """The bootstrap itself must be readable by every Python 3."""
    source = (RECORDER / "querysight" / "bootstrap" / "sitecustomize.py").read_text("utf-8")
    compile(source, "sitecustomize.py", "exec", dont_inherit=True)
    import ast

    ast.parse(source, feature_version=(3, 7))


def test_subprocesses_have_segments_of_their_own(project):
    project.write(
        "outer.py",
        "import subprocess, sys, django.apps\n"
        "subprocess.run([sys.executable, 'manage.py', 'migrate', '--run-syncdb', '-v0'], check=True)\n"
        "subprocess.run([sys.executable, 'manage.py', 'count_items'], check=True)\n",
    )
    answer = project.record(sys.executable, "outer.py")
    assert answer.stdout == b"0\n"
    run = project.last_run()
    assert len(run.segments) == 3
    assert "main" in run.segments
    assert sorted(scope["label"] for scope in run.scopes) == ["count_items", "migrate"]
    assert [scope["queries"] for scope in run.scopes if scope["label"] == "count_items"] == [1]


@pytest.fixture
def outliving(project) -> Project:
    """A program whose child ends a moment after it, as multiprocessing's fork server does, which may have imported Django."""
    project.write(
        "lingering.py",
        "import os, sys, time, django.apps\n"
        "parent = os.getppid()\n"
        "print('started', flush=True)\n"
        "while os.getppid() == parent: time.sleep(0.01)\n"
        "time.sleep(0.1)\n",
    )
    project.write(
        "outer.py",
        "import subprocess, sys\n"
        "import django.apps\n"
        "child = subprocess.Popen([sys.executable, 'lingering.py'], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n",
    )
    return project


NO_QUERY = b"querysight: no query was seen: Django was imported, but nothing used the database through it\n"


def test_a_process_that_ends_a_moment_after_the_command(outliving):
    """It was not killed, and lost nothing."""
    answer = outliving.record(sys.executable, "outer.py")
    assert answer.stderr == NO_QUERY
    assert len(outliving.last_run().of_type("end")) == 2


def test_a_process_that_waits_for_the_one_that_records_itself(outliving):
    """It goes on, and so was not killed."""
    env = environment(PYTHONPATH=str(RECORDER / "querysight" / "bootstrap"), QUERYSIGHT_RECORD="1")
    answer = outliving.run(sys.executable, "outer.py", env=env)
    assert answer.stderr == NO_QUERY
    assert len(outliving.last_run().segments) == 2


def test_stdlib_path_is_found(project):
    """A guard against this file's own assumption: the standard library's sitecustomize, where there is one, still runs."""
    stdlib = sysconfig.get_path("stdlib")
    script = "import sys; print(getattr(sys.modules.get('sitecustomize'), '__file__', ''))"
    plain = project.run(sys.executable, "-c", script).stdout.decode().strip()
    recorded = project.record(sys.executable, "-c", script).stdout.decode().strip()
    assert plain == recorded or (plain == "" and recorded.startswith(str(RECORDER))), stdlib

"""The parts that need no Django of their own: words of a command, ids, outcomes, view names, import hook."""

from __future__ import annotations

import functools
import json
import os
import sys
import types
import unittest
from pathlib import Path

import pytest

from querysight import django_names, importhook, testid
from querysight.diagnose import why_no_query
from querysight.launch import bootstrapped, resolve, runner_of
from querysight.lingering import goes_on
from querysight.manifest import start_run
from querysight.outcome import observe
from querysight.project import find_root
from querysight.report import conclude
from querysight.run_summary import RunSummary, summarize
from querysight.viewname import view_name

ROOT = Path(__file__).resolve().parent


@pytest.mark.parametrize(
    ("command", "runner"),
    [
        ("pytest -q", "pytest"),
        ("python -m pytest", "pytest"),
        ("/venv/bin/py.test", "pytest"),
        ("coverage run -m pytest", "pytest"),
        ("manage.py test shop", "django"),
        ("python ./manage.py test", "django"),
        ("coverage run manage.py test", "django"),
        ("django-admin test", "django"),
        ("python manage.py runserver 8001", "server"),
        ("python manage.py migrate", "command"),
        ("python runtests.py", "unknown"),
    ],
)
def test_runner_of_a_command(command, runner):
    assert runner_of(command.split()) == runner


def test_words_that_start_are_left_alone():
    assert resolve(["/bin/echo", "manage.py"]) == ["/bin/echo", "manage.py"]


def test_an_executable_script_is_left_alone(tmp_path):
    script = tmp_path / "manage.py"
    script.write_text("#!/usr/bin/env python3\n", encoding="utf-8")
    assert resolve([str(script), "test"]) == [sys.executable, str(script), "test"]
    script.chmod(0o755)
    assert resolve([str(script), "test"]) == [str(script), "test"]


@pytest.mark.parametrize("before", ["", "/a", "/a:/b", ":/a"])
def test_python_path_is_kept_to_the_letter(before):
    path = bootstrapped({"PYTHONPATH": before}, {})["PYTHONPATH"]
    own, _, rest = path.partition(":")
    assert own.endswith("bootstrap")
    assert rest == before


def test_the_root_is_the_folder_itself_where_nothing_marks_one(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_root(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    (tmp_path / "a" / "setup.cfg").touch()
    assert find_root(tmp_path / "a" / "b") == tmp_path / "a"


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        ("sub/test_parts.py::test_x", "test_runner_parts.py::test_x"),
        ("test_parts.py::Class::test_x[a::b/c]", "test_runner_parts.py::Class::test_x[a::b/c]"),
        ("test_parts.py::test_x[a@b]", "test_runner_parts.py::test_x[a@b]"),
        ("test_parts.py::test_x[a@b]@group", "test_runner_parts.py::test_x[a@b]"),
        ("test_parts.py::test_x@group", "test_runner_parts.py::test_x"),
        ("test_parts.py", "test_runner_parts.py"),
    ],
)
def test_ids_of_pytest_items_count_from_the_recordings_root(nodeid, expected):
    assert testid.node_id(nodeid, ROOT / "test_runner_parts.py", ROOT) == expected


class Outer:
    class Inner(unittest.TestCase):
        def test_it(self):
            """A test whose class is nested."""


def test_ids_of_unittest_tests():
    def local() -> type[unittest.TestCase]:
        class Local(unittest.TestCase):
            def test_it(self):
                """A test whose class is made in a function."""

        return Local

    assert testid.unittest_id(Outer.Inner("test_it"), ROOT) == "test_runner_parts.py::Outer::Inner::test_it"
    assert testid.unittest_id(local()("test_it"), ROOT) == "test_runner_parts.py::Local::test_it"
    failed = unittest.defaultTestLoader.loadTestsFromName("no_such_module")
    assert testid.unittest_id(next(iter(failed)), ROOT) == "unittest.loader::_FailedTest::no_such_module"


class Samples(unittest.TestCase):
    __test__ = False

    def test_passed(self):
        self.assertEqual(self._testMethodName, "test_passed")

    def test_failed(self):
        self.fail()

    def test_error(self):
        raise KeyError

    def test_skipped(self):
        self.skipTest("on purpose")

    @unittest.expectedFailure
    def test_xfailed(self):
        self.fail()

    @unittest.expectedFailure
    def test_unexpected(self):
        self.assertEqual(self._testMethodName, "test_unexpected")

    def test_error_after_failure(self):
        self.addCleanup(self.test_error)
        self.fail()

    def test_subtest_skipped(self):
        with self.subTest():
            self.skipTest("on purpose")

    def test_subtest_failed(self):
        with self.subTest():
            self.fail()


@pytest.mark.parametrize(
    ("method", "outcome"),
    [
        ("test_passed", "passed"),
        ("test_failed", "failed"),
        ("test_error", "error"),
        ("test_skipped", "skipped"),
        ("test_xfailed", "xfailed"),
        ("test_unexpected", "failed"),
        ("test_error_after_failure", "error"),
        ("test_subtest_skipped", "passed"),
        ("test_subtest_failed", "failed"),
    ],
)
def test_outcomes_are_heard_and_the_result_is_left_as_it_was(method, outcome):
    listened, plain = unittest.TestResult(), unittest.TestResult()
    case = Samples(method)
    before = set(vars(listened))
    with observe(listened, case) as heard:
        unittest.TestCase.run(case, listened)
    assert heard.name == outcome
    Samples(method).run(plain)
    assert set(vars(listened)) <= {*before, *vars(plain)}
    for name in ("testsRun", "failures", "errors", "skipped", "expectedFailures", "unexpectedSuccesses"):
        one, other = getattr(listened, name), getattr(plain, name)
        assert one == other if isinstance(one, int) else len(one) == len(other)


def test_the_result_is_untouched_while_it_is_told():
    """A result may pickle itself while it is told of a failure."""
    attributes = []

    class Result(unittest.TestResult):
        def addFailure(self, test, err):
            attributes.append([name for name in vars(self) if name.startswith("add")])

    with observe(result := Result(), case := Samples("test_failed")):
        case.run(result)
    assert "addFailure" not in attributes[0]


class View:
    def method(self, request):
        """Handles a request."""


def function_view(request):
    """Handles a request."""


def decorated(view):
    @functools.wraps(view)
    def wrapper(request):
        return view(request)

    return wrapper


def with_attribute(name: str, value: object):
    def view(request):
        """Stands for what ``as_view()`` returns."""

    setattr(view, name, value)
    return view


@pytest.mark.parametrize(
    ("view", "name"),
    [
        (function_view, "function_view"),
        (decorated(function_view), "function_view"),
        (functools.partial(function_view, request=None), "function_view"),
        (with_attribute("view_class", View), "View"),
        (with_attribute("cls", View), "View"),
        (View().method, "View.method"),
        (View(), "View"),
        (with_attribute("model_admin", View()), "View.view"),
    ],
)
def test_view_names(view, name):
    assert view_name(view) == f"{__name__}.{name}"


def note(module: types.ModuleType) -> None:
    module.noted = getattr(module, "noted", 0) + 1


@pytest.fixture
def module_folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_import_hook_calls_once_after_the_import(module_folder):
    (module_folder / "hooked_late.py").write_text("value = 1\n", encoding="utf-8")
    importhook.on_import("hooked_late", __name__, "note")
    assert "hooked_late" not in sys.modules
    import hooked_late

    assert (hooked_late.value, hooked_late.noted) == (1, 1)


def test_the_import_hook_calls_at_once_for_an_imported_module(module_folder):
    (module_folder / "hooked_early.py").write_text("value = 1\n", encoding="utf-8")
    import hooked_early

    importhook.on_import("hooked_early", __name__, "note")
    assert hooked_early.noted == 1


def test_a_module_that_fails_to_import_fails_as_before(module_folder):
    (module_folder / "hooked_broken.py").write_text("raise LookupError('its own')\n", encoding="utf-8")
    importhook.on_import("hooked_broken", __name__, "note")
    with pytest.raises(LookupError, match="its own"):
        __import__("hooked_broken")


def test_a_failing_hook_does_not_fail_the_import(module_folder, monkeypatch):
    monkeypatch.setattr(django_names, "_missing", {})
    (module_folder / "hooked_quietly.py").write_text("value = 1\n", encoding="utf-8")
    importhook.on_import("hooked_quietly", __name__, "no_such_function")
    import hooked_quietly

    assert hooked_quietly.value == 1
    (missing,) = django_names.missing()
    assert missing.startswith("hooked_quietly (AttributeError(")


def test_summary_of_segments_that_are_torn_or_foreign(tmp_path):
    (tmp_path / "main.ndjson").write_text(
        '{"type":"header"}\n'
        '{"type":"collected","tests":["a::x","a::y"],"all":true,"deselected":0}\n'
        '{"type":"scopeEnd","scope":1,"queries":3}\n'
        '{"type":"test","id":"a::x","outcome":"passed"}\n'
        '{"type":"test","id":"a::y","outco',
        encoding="utf-8",
    )
    (tmp_path / "notes.ndjson").write_text('{"type":"test","id":"b::z","outcome":"passed"}\n', encoding="utf-8")
    summary = summarize(tmp_path)
    assert (summary.collected, summary.run, summary.recorded, summary.queries) == (2, 1, 1, 3)
    assert summary.processes == ["main"]
    assert summary.finished == set()


def test_a_manifest_that_cannot_be_finished(tmp_path, capsys):
    """As on a full disk: it goes on to say that the run is on, of a process that is gone."""
    run_dir, manifest = start_run(tmp_path, ["true"], "command")
    # Nobody can write a file in the place of a folder.
    (run_dir / f".run.json.{os.getpid()}").mkdir()
    conclude(run_dir, manifest, ["true"], 0, interrupted=False)
    assert capsys.readouterr().err.splitlines() == [
        f"querysight: cannot finish the manifest in {run_dir}: Is a directory",
        "querysight: no query was seen: the command did not import Django",
    ]
    assert json.loads((run_dir / "run.json").read_text("utf-8"))["state"] == "running"


def test_a_process_that_nobody_asked_how_it_ended_is_gone():
    """In a container without an init, one that was killed stays as a zombie."""
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    os.kill(pid, 0)
    assert not goes_on(pid)
    os.waitpid(pid, 0)
    assert not goes_on(pid)
    assert goes_on(os.getppid())
    assert not goes_on(os.getpid())


@pytest.mark.parametrize(
    ("command", "summary", "reason"),
    [
        (["docker", "compose", "run"], RunSummary(), "docker runs the command elsewhere"),
        (["tox"], RunSummary(), "tox hides PYTHONPATH"),
        (["true"], RunSummary(), "the command did not import Django"),
        (["x"], RunSummary(processes=["main"]), "Django was imported, but nothing used the database"),
        (["x"], RunSummary(processes=["main"], outcomes={"a": "passed"}), "the tests ran, but none of them"),
        (["x"], RunSummary(processes=["main"], outside=1200), "1,200 queries ran, but none inside a test"),
    ],
)
def test_reasons_for_no_query(command, summary, reason):
    assert why_no_query(command, summary).startswith(reason)

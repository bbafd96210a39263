"""The ways of watching queries that are measured beside each other, each set up as its documentation says.

A way runs a body as its tool runs a test or a request: `scope(body)`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import project

Body = Callable[[], None]
TEST = "test_bench.py::test_queries"


class Nothing:
    """No recorder."""

    configuration: ClassVar[dict[str, Any]] = {}

    def __init__(self, folder: Path) -> None:
        """`folder` is empty and may be written to."""
        project.start(**self.configuration)

    def scope(self, body: Body) -> None:
        """Run the body watched, and keep what was seen as the tool keeps it."""
        body()

    def test(self, number: int, body: Body) -> None:
        """The same for one test with its set-up and tear-down."""
        self.scope(body)


class Wrapper(Nothing):
    """An `execute_wrappers` entry that only calls on: what every tool of this kind costs at least."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from django.db import connection

        connection.execute_wrappers.append(self.execute)

    @staticmethod
    def execute(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        return execute(sql, params, many, context)


class Walk(Wrapper):
    """What a capture of a whole stack has to do at least."""

    @staticmethod
    def execute(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        frame: Any = sys._getframe(1)
        stack = []
        while frame is not None:
            stack.append((frame.f_code, frame.f_lasti))
            frame = frame.f_back
        return execute(sql, params, many, context)


class Extract(Wrapper):
    """The naive way."""

    @staticmethod
    def execute(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        traceback.extract_stack()
        return execute(sql, params, many, context)


class Querysight(Nothing):
    """Scopes as the runners' plugins open them. What is measured ends with the scope's rows in the file."""

    def __init__(self, folder: Path) -> None:
        from querysight.config import Config
        from querysight.session import Session

        run_dir = folder / ".querysight" / "runs" / "bench"
        run_dir.mkdir(parents=True)
        root = Path(__file__).resolve().parent
        self.session = Session.start(Config(root=root, run_dir=run_dir, run="bench", process="main", runner="unknown"))
        super().__init__(folder)
        self.session.install()

    @property
    def segment(self) -> Path:
        return self.session.config.run_dir / f"{self.session.process}.ndjson"

    def scope(self, body: Body) -> None:
        self._phase(TEST, "call", body)

    def test(self, number: int, body: Body) -> None:
        test = f"test_bench.py::test_{number}"
        self._phase(test, "setup", lambda: None)
        self._phase(test, "call", body)
        self._phase(test, "teardown", lambda: None)
        self.session.test_finished(test, "passed", 1)

    def _phase(self, test: str, phase: str, body: Body) -> None:
        scope = self.session.open_scope("test", test=test, phase=phase)
        try:
            body()
        finally:
            self.session.close_scope(scope)


class Zeal(Nothing):
    """`zeal_context()` around each test (https://github.com/taobojlen/django-zeal#usage).

    It counts and never warns: a warning walks the stack once more, and costs it more.
    """

    configuration: ClassVar[dict[str, Any]] = {"apps": ["zeal"], "ZEAL_RAISE": False, "ZEAL_NPLUSONE_THRESHOLD": sys.maxsize}

    def scope(self, body: Body) -> None:
        from zeal import zeal_context

        with zeal_context():
            body()


class _Middleware(Nothing):
    """A tool that records requests: the body is a view."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from django.http import HttpResponse
        from django.test import RequestFactory
        from django.utils.module_loading import import_string

        def view(request: Any) -> Any:
            body, self._body = self._body, None
            body()
            return HttpResponse("<html><body></body></html>")

        self._body: Any = None
        self._request = RequestFactory().get
        self._handle = import_string(self.configuration["MIDDLEWARE"][0])(view)

    def scope(self, body: Body) -> None:
        self._body = body
        self._handle(self._request("/shelf/"))


class Silk(_Middleware):
    """Its middleware, which saves what it has seen at the end of each request; no Python profiler, as by default."""

    configuration: ClassVar[dict[str, Any]] = {
        "apps": ["silk"],
        "urls": {"silk": "silk.urls"},
        "MIDDLEWARE": ["silk.middleware.SilkyMiddleware"],
    }


class Toolbar(_Middleware):
    """The middleware of django-debug-toolbar with its SQL panel alone; stack traces on, as by default."""

    configuration: ClassVar[dict[str, Any]] = {
        "apps": ["django.contrib.staticfiles", "debug_toolbar"],
        "urls": {"__debug__": "debug_toolbar.urls"},
        "MIDDLEWARE": ["debug_toolbar.middleware.DebugToolbarMiddleware"],
        "DEBUG_TOOLBAR_CONFIG": {"SHOW_TOOLBAR_CALLBACK": lambda request: True, "IS_RUNNING_TESTS": False},
        "DEBUG_TOOLBAR_PANELS": ["debug_toolbar.panels.sql.SQLPanel"],
    }


WAYS: dict[str, type[Nothing]] = {
    "none": Nothing,
    "wrapper": Wrapper,
    "walk": Walk,
    "extract": Extract,
    "querysight": Querysight,
    "zeal": Zeal,
    "silk": Silk,
    "toolbar": Toolbar,
}

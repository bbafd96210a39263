"""A process's recording: opened once, told about scopes by the runners, finished at the process's end."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from importlib import metadata
from itertools import count
from platform import python_version
from types import FrameType
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from . import __version__, django_names
from .config import Config
from .files import Files
from .scopes import Scope
from .segment import SegmentWriter
from .testfiles import TestFiles

if TYPE_CHECKING:
    from .direct_requests import DirectRequests
    from .engine import Engine

P = ParamSpec("P")

FORMAT = 1
# Threads that the program starts have no context of their own: their queries belong to the scope that runs them.
_AMBIENT_KINDS = frozenset({"test", "command", "task"})

__all__ = ["Scope", "Session", "current"]

# Current where queries are nobody's: such as the making of a test database.
_OUTSIDE = Scope(0, "outside")

# Places of exceptions inside the recorder that are told apart.
_MAX_FAULTS = 20

_current: Session | None = None
_scope: ContextVar[Scope | None] = ContextVar("querysight_scope", default=None)
_follows_forks = False


def current() -> Session | None:
    """The session of this process, from `start` to `finish`."""
    return _current


def _guarded(method: Callable[P, None]) -> Callable[P, None]:
    """The program being recorded never sees an exception of the recorder's: it is counted, and reported once at the end."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(*args, **kwargs)
        except Exception as error:
            cast(Session, args[0]).fault(error)

    return call


class Session:
    """Records one process into one segment. `start` does not import Django; `install` does."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.files = Files(config.root)
        self.keeps_parameters = config.parameters
        self.plan_seconds = config.plan_seconds
        self.started_ns = time.time_ns()
        self._engine: Engine | None = None
        self._finished = False
        self._scopes: list[Scope] = []
        self._scope_ids = count(1)
        self._ordinals: dict[tuple[str | None, str | None], int] = {}
        self.test_files = TestFiles(self.files.root)
        # Set while a test has requests that no handler serves.
        self.direct: DirectRequests | None = None
        self._open_segment(config.process)

    @classmethod
    def start(cls, config: Config) -> Session:
        """Open `<run_dir>/<process>.ndjson`, write the header, become `current()`. Finishes at the interpreter's exit at last."""
        global _current
        _current = cls(config)
        atexit.register(_current.finish)
        _follow_forks()
        return _current

    @property
    def process(self) -> str:
        """The segment's name: the configured one, or `p<pid>` where that was taken or after a fork."""
        return self._writer.process

    def _open_segment(self, process: str) -> None:
        self._lock = threading.RLock()
        self._notices: dict[str, dict[str, Any]] = {}
        self._errors = 0
        self._faults: dict[str, int] = {}
        self._writer = SegmentWriter(self.config.run_dir, process)
        header = {
            "type": "header",
            "format": FORMAT,
            "recorder": __version__,
            "run": self.config.run,
            "process": self._writer.process,
            "pid": os.getpid(),
            "startedAt": _milliseconds(),
            "root": self.config.root.as_posix(),
            "python": python_version(),
            "django": _django_version(),
            "runner": self.config.runner,
        }
        self._writer.write([header])

    @_guarded
    def install(self) -> None:
        """Hook Django in: queries, provenance, templates, async bridges. Idempotent; Django must be importable."""
        if self._engine is not None or self._finished:
            return
        from .engine import Engine

        engine = Engine(self)
        engine.install()
        self._engine = engine

    # Scopes

    def scope(self) -> Scope | None:
        """The scope that a query of this context belongs to, or None."""
        found = _scope.get()
        if found is _OUTSIDE:
            return None
        if found is not None and found.open:
            return found
        return next((scope for scope in reversed(self._scopes) if scope.kind in _AMBIENT_KINDS), None)

    def scope_of(self, frame: FrameType) -> Scope | None:
        """The scope of the query that `frame` executes: `scope()`, or that of the view which a test called itself."""
        scope = self.scope()
        return scope if scope is None or self.direct is None else self.direct.scope_of(scope, frame)

    def enclosing(self) -> Iterator[Scope]:
        """The scope of this context and those around it, innermost first."""
        scope = self.scope()
        while scope is not None:
            yield scope
            scope = scope.outer

    def open_scope(
        self,
        kind: str,
        *,
        test: str | None = None,
        phase: str | None = None,
        method: str | None = None,
        path: str | None = None,
        label: str | None = None,
        view: str | None = None,
        base_frame: FrameType | None = None,
    ) -> Scope:
        """Make a new scope current in this context. Frames outward of `base_frame` are not recorded.

        A scope inside another takes its test, phase and base frame from it where none are given.
        """
        outer = self.scope()
        if test is not None:
            self.test_files.add(test)
        if outer is not None:
            test = outer.test if test is None else test
            phase = outer.phase if phase is None else phase
            base_frame = outer.base if base_frame is None else base_frame
        ordinal = None
        if kind == "request" and test is not None:
            ordinal = self._ordinals[(test, phase)] = self._ordinals.get((test, phase), 0) + 1
        scope = Scope(
            next(self._scope_ids),
            kind,
            outer=outer,
            base=base_frame,
            test=test,
            phase=phase,
            ordinal=ordinal,
            method=method,
            path=path,
            label=label,
            view=view,
        )
        self._scopes.append(scope)
        _scope.set(scope)
        if self._engine is not None:
            try:
                self._engine.register_installed_apps()
            except Exception as error:
                self.fault(error)
        return scope

    @_guarded
    def close_scope(self, scope: Scope, *, status: int | None = None, route: str | None = None, view: str | None = None) -> None:
        """Write the scope with its rows where `is_worth_writing`, make the one around it current again. Idempotent."""
        if _scope.get() is scope:
            _scope.set(scope.outer)
        with self._lock:
            if not scope.open:
                return
            if self.direct is not None:
                self.direct.close_in(scope)
            scope.open = False
            scope.base = None
            self._scopes.remove(scope)
            if not scope.is_worth_writing:
                return
            if scope.outer is not None:
                scope.outer.holds_scopes = True
            records = [] if self._engine is None else self._engine.records(scope)
            records += scope.records(status=status, route=route, view=view)
            self._writer.write(records + self._late_reads())
            scope.clear()
        if self.config.runner == "server" and scope.kind == "request" and not _in_event_loop():
            self.take_plans()  # A server may be killed, and is looked at while it runs.

    @_guarded
    def take_plans(self, database: str | None = None) -> None:
        """Ask for the plans of what ran on the database of this name before it goes, or of all that ran."""
        if self._engine is not None:
            plans = self._engine.plans(database)  # Other threads may go on meanwhile.
            with self._lock:
                self._writer.write(list(self._engine.with_statements(plans)))

    @_guarded
    def suspend(self, scope: Scope) -> None:
        """Make the scope around it current again, and keep this one open for `resume`."""
        if _scope.get() is scope:
            _scope.set(scope.outer)

    @contextmanager
    def resume(self, scope: Scope) -> Iterator[None]:
        """Make a suspended scope current for a while."""
        before = _scope.get()
        _scope.set(scope)
        try:
            yield
        finally:
            _scope.set(before)

    def outside(self) -> AbstractContextManager[None]:
        """Queries in here belong to no scope, whatever is open around them."""
        return self.resume(_OUTSIDE)

    # Outcomes

    @_guarded
    def test_finished(self, test_id: str, outcome: str, duration_ns: int) -> None:
        """Write a test's outcome; to be called after its last scope was closed."""
        self._ordinals = {key: number for key, number in self._ordinals.items() if key[0] != test_id}
        self.direct = None
        self._write({"type": "test", "id": test_id, "outcome": outcome, "durationNs": duration_ns})

    @_guarded
    def collected(self, tests: Sequence[str], *, all: bool, deselected: int) -> None:
        """Write what the runner collected; by the controlling process only."""
        self._write({"type": "collected", "tests": list(tests), "all": all, "deselected": deselected})

    @_guarded
    def notice(self, level: str, code: str, message: str) -> None:
        """Keep a notice for the end: one a code, counted."""
        kept = {"type": "notice", "level": level, "code": code, "message": message, "count": 0}
        self._notices.setdefault(code, kept)["count"] += 1

    def fault(self, error: Exception) -> None:
        """Count an exception inside the recorder by its place."""
        self._errors += 1
        place = _describe(error)
        if place in self._faults or len(self._faults) < _MAX_FAULTS:
            self._faults[place] = self._faults.get(place, 0) + 1

    @_guarded
    def finish(self) -> None:
        """Close open scopes, write notices and the end line, let go of Django. Idempotent."""
        global _current
        if self._finished:
            return
        for scope in reversed(self._scopes[:]):
            self.close_scope(scope)
        self.take_plans()
        self._write(*self._late_reads())
        self._finished = True
        queries = outside = 0
        if self._engine is not None:
            self._engine.uninstall()
            queries, outside = self._engine.executions.queries, self._engine.executions.outside
        if self._errors:
            places = ", ".join(f"{place} ({times} times)" for place, times in self._faults.items())
            self.notice("warning", "recorder-error", f"exceptions inside the recorder: {places}")
        if missing := django_names.missing():
            text = f"not found in Django {_django_version()}, so that less is known: {', '.join(missing)}"
            self.notice("warning", "django-unknown", text)
        end = {"queries": queries, "outside": outside, "finishedAt": _milliseconds(), "errors": self._errors}
        self._write(*self._notices.values(), {"type": "end", **end})
        self._writer.close()
        if _current is self:
            _current = None

    def _late_reads(self) -> list[dict[str, Any]]:
        return [] if self._engine is None else self._engine.late_reads()

    def _write(self, *records: dict[str, Any]) -> None:
        with self._lock:
            self._writer.write(records)

    @_guarded
    def forked(self) -> None:
        """Go on in a forked child with a segment of its own. Called by itself where `os.register_at_fork` exists.

        What was counted before the fork stands in the parent's segment; scopes that are open go on empty.
        """
        if self._finished:
            return
        self._writer.close()
        process = f"p{os.getpid()}"
        self.config = replace(self.config, process=process)
        self._open_segment(process)
        if self._engine is not None:
            self._engine.forget_written()
        for scope in self._scopes:
            scope.clear()
        _finish_with_child(self)


def _follow_forks() -> None:
    global _follows_forks
    if not _follows_forks and hasattr(os, "register_at_fork"):
        _follows_forks = True
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    if _current is not None:
        _current.forked()


def _finish_with_child(session: Session) -> None:
    """`atexit` does not run in multiprocessing's children; their own finalizers do."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, session.finish, exitpriority=0)


def _django_version() -> str:
    """Django's version without importing it; "" where it is not installed."""
    try:
        return metadata.version("django")
    except Exception:
        return ""


def _describe(error: Exception) -> str:
    """Class and place of an exception inside the recorder, with the attribute that an object did not have; never its message,
    which may hold data."""
    what = f"{type(error).__name__} ({error.name})" if isinstance(error, AttributeError) else type(error).__name__
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return what
    code = traceback.tb_frame.f_code
    return f"{what} in {os.path.basename(code.co_filename)}:{traceback.tb_lineno} ({code.co_name})"


def _in_event_loop() -> bool:
    """Where Django lets nobody open a connection."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio.events._get_running_loop() is not None


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000

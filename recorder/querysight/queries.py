"""Sees every query: one wrapper a connection, outermost, that always calls on and returns or raises exactly what comes back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from time import perf_counter_ns
from types import FrameType
from typing import Any, Protocol

from django.db import connections
from django.db.backends.signals import connection_created

from .scopes import Row

_UID = "querysight"


class Recorder(Protocol):
    """What the wrapper needs of the session. Neither method raises."""

    def begin(self, frame: FrameType, sql: Any, params: Any, many: bool, connection: Any) -> Row | None: ...
    def end(self, row: Row, elapsed: int, failed: bool) -> None: ...


class QueryWrapper:
    """An `execute_wrappers` entry (https://docs.djangoproject.com/en/stable/topics/db/instrumentation/)."""

    __slots__ = ("recorder",)

    def __init__(self, recorder: Recorder) -> None:
        self.recorder: Recorder | None = recorder

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        recorder = self.recorder
        row = None if recorder is None else recorder.begin(sys._getframe(1), sql, params, many, context["connection"])
        if row is None or recorder is None:
            return execute(sql, params, many, context)
        started = perf_counter_ns()
        try:
            result = execute(sql, params, many, context)
        except BaseException:
            recorder.end(row, perf_counter_ns() - started, True)
            raise
        recorder.end(row, perf_counter_ns() - started, False)
        return result


def install(recorder: Recorder) -> Callable[[], None]:
    """Wrap every open connection and each that is opened from now on. Returns what takes the wrapper out again."""
    wrapper = QueryWrapper(recorder)

    def connected(connection: Any, **kwargs: Any) -> None:
        if wrapper not in connection.execute_wrappers:
            # Index 0 is outermost, and is not what other tools take off with `.pop()`.
            connection.execute_wrappers.insert(0, wrapper)

    connection_created.connect(connected, weak=False, dispatch_uid=_UID)
    for connection in _open():
        if connection.connection is not None:
            connected(connection)

    def remove() -> None:
        wrapper.recorder = None
        connection_created.disconnect(dispatch_uid=_UID)
        for connection in _open():
            if wrapper in connection.execute_wrappers:
                connection.execute_wrappers.remove(wrapper)

    return remove


def _open() -> Iterator[Any]:
    return iter(connections.all(initialized_only=True))

"""Tells in which test each probed call ran, or what a call made at import was executed, and who had it run.

One line of JSON each in the file that QUERYSIGHT_PROBES names, at once, as workers of a test runner end without a word:
``[number, test, [path, first line, last line]]``. The place is the whole expression
at which the frame stands that is nearest to the call and in no manager or queryset of the project (QUERYSIGHT_MANAGERS, names between commas);
null where it is the frame of the call.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import unittest
from functools import cache
from itertools import islice
from types import FrameType
from typing import Any

_root = os.getcwd() + os.sep
_managers = set(os.environ.get("QUERYSIGHT_MANAGERS", "").split(","))
# Path, and the line and column where the expression ends that the frame executes.
End = tuple[str, "int | None", "int | None"]
_seen: set[tuple[int, str, End | None]] = set()


def _probe(number: int, value: Any) -> Any:
    _report(number, _current_test(), _caller(sys._getframe(1)))
    return value


def _report(number: int, test: str, end: End | None) -> None:
    if (number, test, end) in _seen:
        return
    _seen.add((number, test, end))
    _write(number, test, end)


def _mark(number: int, value: Any) -> Any:
    """A queryset that tells when it, or what is made from it, is executed. Its `Query` hands on to its clones what it holds."""
    _watch()
    queryset = value.all()
    queryset.query._probes = {*getattr(queryset.query, "_probes", ()), number}
    return queryset


@cache
def _watch() -> None:
    from django.db.models.sql.compiler import SQLCompiler

    execute_sql = SQLCompiler.execute_sql

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        for number in getattr(self.query, "_probes", ()):
            _report(number, _current_test(), None)
        return execute_sql(self, *args, **kwargs)

    SQLCompiler.execute_sql = watched  # type: ignore[method-assign]


def _caller(frame: FrameType) -> End | None:
    if not _managers.intersection(_qualname(frame).split(".")):
        return None
    outer: FrameType | None = frame
    while outer is not None:
        path = outer.f_code.co_filename
        if path.startswith(_root) and not _managers.intersection(_qualname(outer).split(".")):
            _, line, _, column = next(islice(outer.f_code.co_positions(), outer.f_lasti // 2, None))
            return path, line, column
        outer = outer.f_back
    return None


def _qualname(frame: FrameType) -> str:
    return frame.f_code.co_qualname


def _current_test() -> str:
    """As the runner itself names it; empty outside a test."""
    if named := os.environ.get("PYTEST_CURRENT_TEST"):
        return named.rpartition(" ")[0]
    frame = sys._getframe(2)
    while frame is not None:
        test = frame.f_locals.get("self") if frame.f_code.co_name == "run" else None
        if isinstance(test, unittest.TestCase):
            return test.id()
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _write(number: int, test: str, end: End | None) -> None:
    line = json.dumps([number, test, end and _place(*end)]) + "\n"
    file = os.open(os.environ["QUERYSIGHT_PROBES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def _place(path: str, line: int | None, column: int | None) -> list[Any]:
    folder = os.path.dirname(os.path.dirname(__file__))
    if folder not in sys.path:
        sys.path.append(folder)
    from find_arguments import chain_ending_at

    return [path.removeprefix(_root).replace(os.sep, "/"), *chain_ending_at(path, line, column)]


if "QUERYSIGHT_PROBES" in os.environ:
    builtins.__querysight_probe__ = _probe  # type: ignore[attr-defined]
    builtins.__querysight_mark__ = _mark  # type: ignore[attr-defined]

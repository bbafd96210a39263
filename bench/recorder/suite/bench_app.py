"""An installed app that watches a suite's queries in the way that QUERYSIGHT_BENCH_WAY names. It has no models."""

from __future__ import annotations

import os
import sys
import traceback
from functools import wraps
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

WAY = os.environ["QUERYSIGHT_BENCH_WAY"]


def _walk(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    frame: Any = sys._getframe(1)
    stack = []
    while frame is not None:
        stack.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return execute(sql, params, many, context)


def _extract(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    traceback.extract_stack()
    return execute(sql, params, many, context)


class BenchConfig(AppConfig):
    name = "bench_app"

    def ready(self) -> None:
        wrapper = {"walk": _walk, "extract": _extract}.get(WAY)
        if wrapper is not None:
            connection_created.connect(lambda connection, **_: connection.execute_wrappers.append(wrapper), weak=False)
        if WAY == "zeal":
            _around_tests()


def _around_tests() -> None:
    """`zeal_context()` around each test, as zeal's documentation has it for unittest and pytest."""
    from django.test import SimpleTestCase
    from zeal import zeal_context

    original = SimpleTestCase.__call__

    @wraps(original)
    def __call__(self: Any, result: Any = None) -> None:
        with zeal_context():
            original(self, result)

    SimpleTestCase.__call__ = __call__  # type: ignore[method-assign]

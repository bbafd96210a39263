"""User frames across threads and event loops: the caller's stack is carried in a context variable.

`asgiref` copies the context into the worker thread (`SyncToAsync`) or event loop (`AsyncToSync`), so that a query there
knows the user frames that led to it although they are not on its own stack.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import Token
from functools import wraps
from types import FrameType
from typing import Any

from asgiref import sync

from . import django_names
from .capture import Callers, carried

# Gives the callers of a frame; replaced when a new session starts.
_callers_of: Callable[[FrameType], Callers | None] | None = None
_installed = False


def install(callers_of: Callable[[FrameType], Callers | None] | None) -> None:
    """Wrap asgiref's two bridges (once per process). `callers_of` must not raise."""
    global _callers_of, _installed
    _callers_of = callers_of
    if _installed:
        return
    _installed = True
    django_names.wrap(sync, "SyncToAsync.__call__", _in_thread)
    django_names.wrap(sync, "AsyncToSync.__call__", _in_loop)


def _in_thread(to_async: Any) -> Any:
    @wraps(to_async)
    async def call_in_thread(self: Any, *args: Any, **kwargs: Any) -> Any:
        token = _carry(sys._getframe(1))
        try:
            return await to_async(self, *args, **kwargs)
        finally:
            _reset(token)

    return call_in_thread


def _in_loop(to_sync: Any) -> Any:
    @wraps(to_sync)
    def call_in_loop(self: Any, *args: Any, **kwargs: Any) -> Any:
        token = _carry(sys._getframe(1))
        try:
            return to_sync(self, *args, **kwargs)
        finally:
            _reset(token)

    return call_in_loop


def _carry(frame: FrameType) -> Token[Callers | None] | None:
    callers = None if _callers_of is None else _callers_of(frame)
    return None if callers is None else carried.set(callers)


def _reset(token: Token[Callers | None] | None) -> None:
    if token is not None:
        try:
            carried.reset(token)
        except ValueError:
            pass  # a coroutine that was closed from another context; that context ends with it

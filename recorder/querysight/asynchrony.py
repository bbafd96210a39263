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

from asgiref.sync import AsyncToSync, SyncToAsync

from .frames import carried_stack

# Gives the stack id of a frame; replaced when a new session starts.
_stack_of: Callable[[FrameType], int] | None = None
_installed = False


def install(stack_of: Callable[[FrameType], int] | None) -> None:
    """Wrap asgiref's two bridges (once per process). `stack_of` must not raise."""
    global _stack_of, _installed
    _stack_of = stack_of
    if _installed:
        return
    _installed = True
    to_async, to_sync = SyncToAsync.__call__, AsyncToSync.__call__

    @wraps(to_async)
    async def call_in_thread(self: Any, *args: Any, **kwargs: Any) -> Any:
        token = _carry(sys._getframe(1))
        try:
            return await to_async(self, *args, **kwargs)
        finally:
            _reset(token)

    @wraps(to_sync)
    def call_in_loop(self: Any, *args: Any, **kwargs: Any) -> Any:
        token = _carry(sys._getframe(1))
        try:
            return to_sync(self, *args, **kwargs)
        finally:
            _reset(token)

    SyncToAsync.__call__ = call_in_thread
    AsyncToSync.__call__ = call_in_loop


def _carry(frame: FrameType) -> Token[int] | None:
    if _stack_of is None:
        return None
    stack = _stack_of(frame)
    return carried_stack.set(stack) if stack else None


def _reset(token: Token[int] | None) -> None:
    if token is not None:
        try:
            carried_stack.reset(token)
        except ValueError:
            pass  # a coroutine that was closed from another context; that context ends with it

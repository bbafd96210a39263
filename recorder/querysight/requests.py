"""A scope for each request, from before the first middleware to after the last: sync and async, test client and servers."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from querysight import django_names, testtracker
from querysight.quiet import quiet
from querysight.route import readable
from querysight.session import Session, current
from querysight.streaming import keep_open_while_streaming
from querysight.viewname import view_name

if TYPE_CHECKING:
    from types import FrameType, ModuleType

    from querysight.session import Scope


def install(base: ModuleType) -> None:
    """Wrap ``BaseHandler.get_response`` and ``get_response_async``, which every handler of Django inherits."""
    django_names.wrap(base, "BaseHandler.get_response", _sync)
    django_names.wrap(base, "BaseHandler.get_response_async", _async)


def _sync(original: Any) -> Any:
    @functools.wraps(original)
    def get_response(self: Any, request: Any) -> Any:
        opened = _open(request, sys._getframe())
        if opened is None:
            return original(self, request)
        response = None
        try:
            response = original(self, request)
            return response
        finally:
            _close(*opened, request, response)

    return get_response


def _async(original: Any) -> Any:
    @functools.wraps(original)
    async def get_response_async(self: Any, request: Any) -> Any:
        opened = _open(request, None)
        if opened is None:
            return await original(self, request)
        response = None
        try:
            response = await original(self, request)
            return response
        finally:
            _close(*opened, request, response)

    return get_response_async


@quiet
def _open(request: Any, frame: FrameType | None) -> tuple[Session, Scope] | None:
    session = current()
    if session is None:
        return None
    test = testtracker.running()
    scope = session.open_scope(
        "request",
        test=test.test_id if test else None,
        phase=test.phase if test else None,
        method=request.method,
        path=request.path,
        # Within a test the test's own frames belong to the stack.
        base_frame=None if test else frame,
    )
    return session, scope


@quiet
def _close(session: Session, scope: Scope, request: Any, response: Any) -> None:
    match = getattr(request, "resolver_match", None)
    status = getattr(response, "status_code", None)
    route = readable(match.route) if match is not None else None
    view = view_name(match.func, request.method) if match is not None else None

    def close() -> None:
        session.close_scope(scope, status=status, route=route, view=view)

    if not keep_open_while_streaming(session, scope, response, close):
        close()

"""A scope for a view that a test calls itself, with a request of ``RequestFactory`` (or DRF's ``APIRequestFactory``).

No handler sees such a call, and the view is any function of the user's. So the call is recognised when it asks for something:
the outermost frame outside the tests' own files that was given the request is the view's. Its scope is of kind ``request`` with
the request's method and path and the view's name; there is no route and no status, because nothing was resolved or answered.
It ends with the test's phase. Calls that follow each other with one and the same request object are one scope.

Only tests in which a factory made a request pay for it.
"""

from __future__ import annotations

import functools
import sys
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from querysight import django_names, testtracker
from querysight.frames import variable
from querysight.quiet import quiet
from querysight.session import current
from querysight.viewname import class_view_name, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, ModuleType

    from querysight.session import Scope, Session

_POSITIONS = 3


def install(client: ModuleType) -> None:
    """Wrap what makes a factory's requests. The test clients override it: theirs go through a handler."""
    django_names.wrap(client, "RequestFactory.request", _noting)
    django_names.wrap(client, "AsyncRequestFactory.request", _noting)
    from asgiref import sync

    # A thread's queries have no frame of the view that awaits them.
    django_names.wrap(sync, "SyncToAsync.__call__", _carrying)


def _carrying(original: Any) -> Any:
    @functools.wraps(original)
    async def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = _awaiting(sys._getframe(1))
        if found is None:
            return await original(self, *args, **kwargs)
        session, scope = found
        with session.resume(scope):
            return await original(self, *args, **kwargs)

    return __call__


@quiet
def _awaiting(frame: FrameType) -> tuple[Session, Scope] | None:
    session = current()
    if session is None or session.direct is None:
        return None
    scope = session.scope_of(frame)
    return None if scope is None else (session, scope)


def _noting(original: Any) -> Any:
    @functools.wraps(original)
    def request(self: Any, **environ: Any) -> Any:
        made = original(self, **environ)
        _note(made)
        return made

    return request


@quiet
def _note(request: Any) -> None:
    session, test = current(), testtracker.running()
    if session is not None and test is not None:
        if session.direct is None:
            session.direct = DirectRequests(session)
        session.direct.add(request)


@dataclass(slots=True)
class _Call:
    """One call of a view. Its frame is not kept, since that would keep its variables alive: another may have the id later."""

    request: weakref.ref[Any]
    frame: int
    code: CodeType
    outer: Scope
    scope: Scope

    def is_of(self, view: FrameType) -> bool:
        return self.frame == id(view) and self.code is view.f_code


class DirectRequests:
    """The requests that the running test made, and the scopes of the views that were called with them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._requests: dict[int, weakref.ref[Any]] = {}
        self._calls: list[_Call] = []

    def add(self, request: Any) -> None:
        """Know a request of the running test. Its id stands for it while it lives."""
        self._requests[id(request)] = weakref.ref(request)

    def scope_of(self, outer: Scope, frame: FrameType) -> Scope:
        """The scope of the view that is on the stack of a query, or `outer` where there is none."""
        if outer.kind != "test":
            return outer
        found = list(self._frames(frame, outer.base))
        if not found:
            return outer
        view, request = found[-1]
        frames = [frame for frame, given in reversed(found) if given is request]
        if not any(self._is_a_views(frame) for frame in frames):
            # A step of Django's own that the test takes, such as a middleware's.
            return outer
        renders = view.f_code.co_name == "render"
        name = _view_name(frames)
        for call in reversed(self._calls):
            if call.request() is request and call.outer is outer and (renders or call.is_of(view)):
                if call.scope.view is None:
                    # The queries so far were a decorator's.
                    call.scope.view = name
                return call.scope
        with self._session.resume(outer):
            scope = self._session.open_scope("request", method=request.method, path=request.path, view=name)
        self._calls.append(_Call(self._requests[id(request)], id(view), view.f_code, outer, scope))
        return scope

    def close_in(self, outer: Scope) -> None:
        """Close the calls of a test's phase that ends."""
        ended = [call for call in self._calls if call.outer is outer]
        self._calls = [call for call in self._calls if call.outer is not outer]
        for call in reversed(ended):
            self._session.close_scope(call.scope)

    def _frames(self, frame: FrameType | None, base: FrameType | None) -> Iterator[tuple[FrameType, Any]]:
        """Frames between a query and its test that were given a request, innermost first; none of the tests' own."""
        while frame is not None and frame is not base:
            request = self._given(frame)
            if request is not None and not self._session.test_files.has(frame.f_code.co_filename):
                yield frame, request
            frame = frame.f_back

    def _given(self, frame: FrameType) -> Any:
        """The request among a frame's first arguments, or that of the response which it renders."""
        code = frame.f_code
        names = code.co_varnames[: min(code.co_argcount, _POSITIONS)]
        for name in names:
            if "req" in name:
                value = variable(frame, name)
                if self._is_known(value):
                    return value
        if code.co_name == "render" and names[:1] == ("self",):
            value = getattr(variable(frame, "self"), "_request", None)
            if self._is_known(value):
                return value
        return None

    def _is_a_views(self, frame: FrameType) -> bool:
        """Whether a frame is of an application's view rather than of Django's own steps: by its code or by its class."""
        code = frame.f_code
        if code.co_name == "render" or _is_as_view(frame) or self._session.files.user_path(code.co_filename) is not None:
            return True
        if code.co_varnames[:1] != ("self",):
            return False
        module = sys.modules.get(type(variable(frame, "self")).__module__)
        return self._session.files.user_path(getattr(module, "__file__", None) or "") is not None

    def _is_known(self, value: Any) -> bool:
        known = self._requests.get(id(value))
        return known is not None and known() is value


def _view_name(frames: list[FrameType]) -> str | None:
    """Name the view by its frames, outermost first: as `viewname.view_name` does, but decorators have no names of their own."""
    for frame in frames:
        code = frame.f_code
        if _is_as_view(frame):
            method = getattr(variable(frame, "request"), "method", None)
            return class_view_name(variable(frame, "cls"), variable(frame, "actions"), method)
        if code.co_varnames[:1] == ("self",):
            owner = type(variable(frame, "self"))
            if code.co_name == "render":
                return None
            is_view = hasattr(owner, "as_view") or code.co_name == "__call__"
            return dotted(owner) if is_view else f"{dotted(owner)}.{code.co_name}"
        function = frame.f_globals.get(code.co_name)
        if getattr(_unwrapped(function), "__code__", None) is code:
            return f"{frame.f_globals.get('__name__')}.{code.co_name}"
    return None


def _is_as_view(frame: FrameType) -> bool:
    """Whether the frame is of what ``View.as_view()`` returns, or Django REST framework's."""
    code = frame.f_code
    return code.co_name == "view" and "cls" in code.co_freevars and isinstance(variable(frame, "cls"), type)


def _unwrapped(function: Any) -> Any:
    seen = 0
    while hasattr(function, "__wrapped__") and seen < 100:
        function, seen = function.__wrapped__, seen + 1
    return function

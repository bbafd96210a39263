"""Streaming responses run their queries while their content is consumed, after the handler has returned.

The response's iterator, synchronous or not, is stood in for by one that makes the request's scope current around each step.
Files are left alone: servers hand them to the operating system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from querysight.session import Scope, Session

# The closing functions of responses that were neither consumed nor closed yet.
_open_streams: list[_Stream] = []


def keep_open_while_streaming(session: Session, scope: Scope, response: Any, close: Callable[[], None]) -> bool:
    """Put off ``close`` to the end of the response's content; ``False`` where there is nothing to wait for."""
    if not getattr(response, "streaming", False):
        return False
    if getattr(response, "file_to_stream", None) is not None:
        return False
    if not (hasattr(response, "_iterator") and hasattr(response, "_resource_closers")):
        return False
    session.suspend(scope)
    kind = _AsyncScopedIterator if getattr(response, "is_async", False) else _ScopedIterator
    streamed = kind(session, scope, response._iterator, close)
    response._iterator = streamed
    response._resource_closers.append(streamed.end)
    _open_streams.append(streamed)
    return True


def close_open_streams() -> None:
    """End what is still streaming, at the end of a test's phase."""
    for streamed in list(_open_streams):
        streamed.end()


class _Stream:
    """A request's scope while the response's content is consumed."""

    def __init__(self, session: Session, scope: Scope, content: Any, close: Callable[[], None]) -> None:
        self._session = session
        self._scope = scope
        self._content = content
        self._close: Callable[[], None] | None = close

    def end(self) -> None:
        """Close the scope, once."""
        if self._close is not None:
            close, self._close = self._close, None
            if self in _open_streams:
                _open_streams.remove(self)
            close()


class _ScopedIterator(_Stream):
    """Iterates over ``content`` within a request's scope."""

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._close is None:
            return next(self._content)
        try:
            with self._session.resume(self._scope):
                return next(self._content)
        except BaseException:
            # The end of the content, or a failure in it.
            self.end()
            raise


class _AsyncScopedIterator(_Stream):
    """The same where the content is awaited: the scope is current in this task's context alone."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        if self._close is None:
            return await anext(self._content)
        try:
            with self._session.resume(self._scope):
                return await anext(self._content)
        except BaseException:
            self.end()
            raise

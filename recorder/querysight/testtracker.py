"""Which test runs in this process, and in which of its phases.

A test is begun by whichever hook meets it first; its phases then follow each other, one open scope at a time:

    begin("a.py::T::f")  ->  enter("setup")  ->  enter("call")  ->  enter("teardown")  ->  finish("passed")

One test runs at a time in a process. What a test runs inside itself (a test of a test runner) belongs to that test.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from querysight.quiet import quiet
from querysight.session import Session, current
from querysight.streaming import close_open_streams

if TYPE_CHECKING:
    import contextvars
    import unittest
    from collections.abc import Callable, Iterator
    from types import FrameType

    from querysight.session import Scope


class RunningTest:
    """A test between its first set-up and its last clean-up."""

    def __init__(self, session: Session, test_id: str) -> None:
        self.test_id = test_id
        self.phase: str | None = None
        self.case: unittest.TestCase | None = None
        self.pid = os.getpid()
        self._session = session
        self._context: contextvars.Context | None = None
        self._base_frame: FrameType | None = None
        self._scope: Scope | None = None
        self._started = time.perf_counter_ns()

    @quiet
    def attach(self, case: unittest.TestCase) -> None:
        """Let ``case`` mark the phases of this test.

        ``IsolatedAsyncioTestCase`` runs its test in a context of its own, in which the scopes must be current.
        """
        context: contextvars.Context | None = getattr(case, "_asyncioTestContext", None)
        if context is not self._context:
            self.leave()
            self._context = context
        self.case = case

    @quiet
    def enter(self, phase: str, base_frame: FrameType | None = None) -> None:
        """Close the phase before and open this one.

        Frames outward of ``base_frame`` belong to the runner; without one, the last one given stays.
        """
        if base_frame is not None:
            self._base_frame = base_frame
        if phase == self.phase:
            return
        self.leave()
        self.phase = phase
        self._in_context(self._open)

    @quiet
    def leave(self) -> None:
        """Close the open phase, if any."""
        self.phase = None
        try:
            close_open_streams()
        finally:
            if self._scope is not None:
                self._in_context(self._close)

    @quiet
    def abandon(self) -> None:
        """Close the last phase of a test that did not come to an end (Ctrl-C): it has no outcome."""
        global _running
        _running = None
        self.leave()
        self._base_frame = self.case = None

    @quiet
    def finish(self, outcome: str) -> None:
        """Close the last phase and report the outcome: ``passed``, ``failed``, ``error``, ``skipped`` or ``xfailed``."""
        self.abandon()
        self._session.test_finished(self.test_id, outcome, time.perf_counter_ns() - self._started)

    def _open(self) -> None:
        self._scope = self._session.open_scope("test", test=self.test_id, phase=self.phase, base_frame=self._base_frame)

    def _close(self) -> None:
        scope, self._scope = self._scope, None
        if scope is not None:
            self._session.close_scope(scope)

    def _in_context(self, step: Callable[[], None]) -> None:
        if self._context is None:
            step()
        else:
            self._context.run(step)


_running: RunningTest | None = None


def running() -> RunningTest | None:
    """The test that runs in this process, or ``None``; a forked child does not run its parent's test."""
    return _running if _running is not None and _running.pid == os.getpid() else None


@quiet
def begin(test_id: str) -> RunningTest | None:
    """Start a test; ``None`` where nothing is recorded, or within another test."""
    global _running
    session = current()
    if session is None or running() is not None:
        return None
    _running = RunningTest(session, test_id)
    return _running


@contextmanager
def shared_setup(owner_id: str, base_frame: FrameType | None) -> Iterator[None]:
    """What runs inside belongs to all tests of a class or module: phase ``class``."""
    session = current()
    if session is None:
        yield
        return
    # The first test that needs it happens to run it: it stands beside that test's scopes, not in them.
    with session.outside():
        scope = session.open_scope("test", test=owner_id, phase="class", base_frame=base_frame)
        try:
            yield
        finally:
            session.close_scope(scope)

"""Scopes for unittest's tests: Django's runner, pytest's and unittest's own all come through here.

Each method is wrapped where it is defined: Django's ``SimpleTestCase._setup_and_call`` (database set-up and clean-up around a
test), ``TestCase.__call__``, ``_callSetUp`` and ``_callTearDown``, and the suite's class and module fixtures. No frame comes to
stand between ``__call__`` and the test method: unittest counts them when it warns.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from querysight import django_names, testid, testtracker
from querysight.outcome import observe
from querysight.quiet import quiet
from querysight.session import current

if TYPE_CHECKING:
    import unittest
    from collections.abc import Callable
    from types import FrameType, ModuleType

# unittest and pytest leave frames of modules that set this out of the tracebacks they print.
__unittest = True


def install_django(testcases: ModuleType) -> None:
    """Wrap ``SimpleTestCase._setup_and_call``, which ``__call__`` and ``debug`` share since Django 3.0."""
    django_names.wrap(testcases, "SimpleTestCase._setup_and_call", _around)


def _around(original: Any) -> Any:
    @functools.wraps(original)
    def _setup_and_call(self: unittest.TestCase, result: Any, *args: Any, **kwargs: Any) -> Any:
        return _tracked(self, result, sys._getframe(), lambda: original(self, result, *args, **kwargs))

    return _setup_and_call


def install_case(case: ModuleType) -> None:
    """Wrap ``unittest.TestCase.__call__`` and the two methods that mark a test's phases."""
    original = case.TestCase.__call__

    @functools.wraps(original)
    def __call__(self: unittest.TestCase, *args: Any, **kwargs: Any) -> Any:
        result = args[0] if args else kwargs.get("result")
        return _tracked(self, result, sys._getframe(), lambda: original(self, *args, **kwargs))

    case.TestCase.__call__ = __call__
    _mark_phases(case.TestCase)


def install_async_case(async_case: ModuleType) -> None:
    """``IsolatedAsyncioTestCase`` overrides the methods that mark the phases."""
    _mark_phases(async_case.IsolatedAsyncioTestCase)


def install_suite(suite: ModuleType) -> None:
    """Wrap class and module fixtures. The suite asks for them before every test, and most of the time there is nothing to do."""
    test_suite = suite.TestSuite
    _share(test_suite, "_handleClassSetUp", _class_to_set_up)
    _share(test_suite, "_tearDownPreviousClass", _class_to_tear_down)
    _share(test_suite, "_handleModuleFixture", _module_to_set_up)


def _tracked(test: unittest.TestCase, result: Any, frame: FrameType, call: Callable[[], Any]) -> Any:
    """Run ``call``, the whole of a test or its inner part, in the scopes of the test."""
    running = testtracker.running()
    if running is not None:
        if running.case is test:
            # Database set-up and clean-up stand around the test: theirs is the outermost frame.
            running.enter(running.phase or "setup")
        return call()
    test_id = _test_id(test)
    running = testtracker.begin(test_id) if test_id else None
    if running is None:
        return call()
    running.attach(test)
    running.enter("setup", frame)
    with observe(result, test) as outcome:
        try:
            answer = call()
        except BaseException:
            running.abandon()
            raise
    running.finish(outcome.name)
    return answer


@quiet
def _test_id(test: unittest.TestCase) -> str | None:
    session = current()
    return testid.unittest_id(test, session.config.root) if session is not None else None


def _mark_phases(case: Any) -> None:
    set_up, tear_down = case._callSetUp, case._callTearDown

    @functools.wraps(set_up)
    def _callSetUp(self: unittest.TestCase) -> None:
        set_up(self)
        _enter(self, "call")

    @functools.wraps(tear_down)
    def _callTearDown(self: unittest.TestCase) -> None:
        _enter(self, "teardown")
        tear_down(self)

    case._callSetUp, case._callTearDown = _callSetUp, _callTearDown


def _enter(test: unittest.TestCase, phase: str) -> None:
    running = testtracker.running()
    if running is not None and running.case is test:
        running.enter(phase)


def _share(owner: Any, name: str, find: Callable[..., str | None]) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapper(self: Any, test: Any, result: Any) -> None:
        shared_id = find(test, result)
        if shared_id is None:
            original(self, test, result)
            return
        with testtracker.shared_setup(shared_id, sys._getframe()):
            original(self, test, result)

    setattr(owner, name, wrapper)


@quiet
def _class_to_set_up(test: Any, result: Any) -> str | None:
    session = current()
    case = type(test)
    if session is None or case is getattr(result, "_previousTestClass", None):
        return None
    return testid.class_id(case, session.config.root)


@quiet
def _class_to_tear_down(test: Any, result: Any) -> str | None:
    session = current()
    case = getattr(result, "_previousTestClass", None)
    if session is None or not isinstance(case, type) or case is type(test):
        return None
    return testid.class_id(case, session.config.root)


@quiet
def _module_to_set_up(test: Any, result: Any) -> str | None:
    session = current()
    name = type(test).__module__
    previous = getattr(result, "_previousTestClass", None)
    if session is None or name == getattr(previous, "__module__", None):
        return None
    if not hasattr(sys.modules.get(name), "setUpModule"):
        return None
    return testid.module_id(name, session.config.root)

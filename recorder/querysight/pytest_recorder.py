"""Turns pytest's protocol into scopes: the phases of each test, shared fixtures, outcomes, and what was collected.

Every hook is a wrapper that lets pytest's own go first or after and never touches their result.
"""

from __future__ import annotations

import sys
import unittest
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from querysight import testid, testtracker
from querysight.outcome import Outcome
from querysight.pytest_selection import is_narrowed
from querysight.quiet import quiet
from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import FrameType

    from querysight.testtracker import RunningTest

# The key under which an xdist worker tells its controller how many tests were deselected.
_DESELECTED = "querysight_deselected"


class PytestRecorder:
    """Registered only while recording, once in each process: controller, xdist workers, or the only one."""

    def __init__(self, config: pytest.Config, root: Path) -> None:
        self._config = config
        self._root = root
        self._deselected = 0
        self._collected = False
        self._outcome = Outcome()

    # Tests

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, None]:
        test = testtracker.begin(self._id_of(item) or item.nodeid)
        if test is not None:
            # The caller of this generator is pluggy, which stays on the stack all through the test.
            test.enter("setup", sys._getframe(1))
        self._outcome = Outcome()
        protocol = yield
        if test is None:
            return
        if protocol.excinfo is None:
            test.finish(self._outcome.name)
        else:
            test.abandon()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        self._enter(item, "setup")
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        test = self._running(item)
        case = getattr(item, "instance", None)
        if test is not None and isinstance(case, unittest.TestCase):
            # The unittest hooks tell setUp, the test and tearDown apart.
            test.attach(case)
        elif test is not None:
            test.enter("call")
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        self._enter(item, "teardown")
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        if call.when == "setup":
            # A plugin may run a test again.
            self._outcome = Outcome()
        made = yield
        if made.excinfo is None:
            _judge(self._outcome, made.get_result())

    def _enter(self, item: pytest.Item, phase: str) -> None:
        test = self._running(item)
        if test is not None:
            test.enter(phase)

    def _running(self, item: pytest.Item) -> RunningTest | None:
        """The running test if it is this item's, and not one that runs pytest inside itself."""
        test = testtracker.running()
        return test if test is not None and test.test_id == self._id_of(item) else None

    @quiet
    def _id_of(self, item: pytest.Item | pytest.Collector) -> str:
        return testid.node_id(item.nodeid, item.path, self._root)

    # Fixtures that several tests share

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, None, None]:
        with self._shared(fixturedef.scope, request.node, sys._getframe(1)):
            yield

    def _shared(self, scope: str, node: Any, frame: FrameType) -> AbstractContextManager[None]:
        session = current()
        # For a function outside any class, a class's fixture is its own.
        if scope == "function" or isinstance(node, pytest.Item) or session is None:
            return nullcontext()
        owner = self._id_of(node) if scope in ("class", "module") else None
        if owner is None:
            # A package's or the whole session's fixtures belong to no class or module.
            return session.outside()
        return testtracker.shared_setup(owner, frame)

    # What was collected: told by the process that controls the run

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._deselected += len(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_DESELECTED] = self._deselected
        elif not self._config.pluginmanager.has_plugin("dsession"):
            self._tell([self._id_of(item) or item.nodeid for item in session.items], self._deselected)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Every worker collects everything: the first to be done speaks for all."""
        if not self._collected:
            rootpath = self._config.rootpath
            paths = [rootpath / nodeid.partition("::")[0] for nodeid in ids]
            tests = [testid.node_id(nodeid, path, self._root) for nodeid, path in zip(ids, paths, strict=True)]
            self._tell(tests, 0)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        deselected = getattr(node, "workeroutput", None) or {}
        if deselected.get(_DESELECTED) and not self._deselected:
            self._deselected = deselected[_DESELECTED]
            self._tell([], self._deselected)

    @quiet
    def _tell(self, tests: list[str], deselected: int) -> None:
        session = current()
        self._collected = True
        if session is not None:
            session.collected(tests, all=not is_narrowed(self._config), deselected=deselected)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """A worker's process may be ended before Python's own clean-up."""
        session = current()
        if session is not None and hasattr(self._config, "workerinput"):
            session.finish()


def _judge(outcome: Outcome, report: pytest.TestReport) -> None:
    """pytest's words for an outcome in ours. A test that fails outside its call is in ``error``."""
    if hasattr(report, "wasxfail"):
        outcome.add("xfailed" if report.skipped else "passed")
    elif report.failed:
        outcome.add("failed" if report.when == "call" else "error")
    elif report.skipped:
        outcome.add("skipped")
    elif report.when == "call":
        outcome.add("passed")

"""How a unittest test ended, as its result object was told."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import unittest
    from collections.abc import Callable, Iterator

_WORST_LAST = ("passed", "xfailed", "skipped", "failed", "error")


class Outcome:
    """The worst of what was reported. A test of which nothing was reported did not come to its end: ``error``."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    @property
    def name(self) -> str:
        return max(self._seen, key=_WORST_LAST.index, default="error")

    def add(self, name: str) -> None:
        self._seen.add(name)


@contextmanager
def observe(result: Any, test: unittest.TestCase) -> Iterator[Outcome]:
    """Listen to ``result`` while ``test`` runs.

    Results of every class are used (Django's remote ones, XML writers, …), few of which call their base class. So the listeners
    are put on the instance, and taken off again while the method itself runs: that may pickle the result.
    """
    outcome = Outcome()
    attributes: Any = getattr(result, "__dict__", None)
    if attributes is None:
        yield outcome
        return
    listeners = {
        name: _listener(attributes, name, result, partial(judge, outcome, test))
        for name, judge in _JUDGES.items()
        if name not in attributes and hasattr(result, name)
    }
    attributes.update(listeners)
    try:
        yield outcome
    finally:
        for name, listener in listeners.items():
            if attributes.get(name) is listener:
                del attributes[name]


def _listener(attributes: dict[str, Any], name: str, result: Any, judge: Callable[[tuple[Any, ...]], None]) -> Callable[..., Any]:
    def listen(*args: Any, **kwargs: Any) -> Any:
        judge(args)
        del attributes[name]
        try:
            return getattr(result, name)(*args, **kwargs)
        finally:
            attributes[name] = listen

    return listen


def _is_whole(test: unittest.TestCase, args: tuple[Any, ...]) -> bool:
    """Whether a report is about the test rather than one of its subtests."""
    return bool(args) and args[0] is test


def _judge_success(outcome: Outcome, _test: unittest.TestCase, _args: tuple[Any, ...]) -> None:
    outcome.add("passed")


def _judge_skip(outcome: Outcome, test: unittest.TestCase, args: tuple[Any, ...]) -> None:
    # A skipped subtest leaves the test itself without a report: it passed if nothing else comes.
    outcome.add("skipped" if _is_whole(test, args) else "passed")


def _judge_subtest(outcome: Outcome, test: unittest.TestCase, args: tuple[Any, ...]) -> None:
    error = args[2] if len(args) > 2 else None
    if error is not None:
        outcome.add("failed" if issubclass(error[0], test.failureException) else "error")


_JUDGES: dict[str, Callable[[Outcome, unittest.TestCase, tuple[Any, ...]], None]] = {
    "addSuccess": _judge_success,
    "addSkip": _judge_skip,
    "addSubTest": _judge_subtest,
    "addError": lambda outcome, _test, _args: outcome.add("error"),
    "addFailure": lambda outcome, _test, _args: outcome.add("failed"),
    "addExpectedFailure": lambda outcome, _test, _args: outcome.add("xfailed"),
    "addUnexpectedSuccess": lambda outcome, _test, _args: outcome.add("failed"),
}

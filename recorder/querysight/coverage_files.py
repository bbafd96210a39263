"""The recorder's own files are none of what a project measures: coverage leaves them out, and its numbers are those without us.

An installed package is left out by itself; ours comes from a folder of its own, which coverage would take for the project's code.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from querysight.quiet import quiet

if TYPE_CHECKING:
    from types import ModuleType

_FOLDER = Path(__file__).resolve().parent


def leave_us_out(control: ModuleType) -> None:
    """Add this folder to ``[run] omit`` of each ``Coverage`` before it starts, through its public options."""
    original = control.Coverage.start

    @functools.wraps(original)
    def start(self: Any) -> None:
        _omit(self)
        original(self)

    control.Coverage.start = start
    # With `patch = subprocess` one is started before any sitecustomize.
    running = control.Coverage.current()
    if running is not None:
        _omit_from_now(running)


@quiet
def _omit(coverage: Any) -> None:
    omitted = list(coverage.get_option("run:omit") or ())
    pattern = str(_FOLDER / "*")
    if pattern not in omitted:
        coverage.set_option("run:omit", [*omitted, pattern])


@quiet
def _omit_from_now(coverage: Any) -> None:
    """The options of one that runs are read no more. Where it is made otherwise than coverage 7, our start-up is measured."""
    inorout, collector = coverage._inorout, coverage._collector
    inorout.omit_match = _Omitted(inorout.omit_match)
    for measured in [name for name in collector.should_trace_cache if _is_ours(name)]:
        del collector.should_trace_cache[measured]
        collector.data.pop(measured, None)


class _Omitted:
    """A matcher as coverage has them, of our files and those that it leaves out anyway."""

    def __init__(self, others: Any) -> None:
        self._others = others

    def match(self, filename: str) -> bool:
        return _is_ours(filename) or (self._others is not None and self._others.match(filename))

    def info(self) -> list[str]:
        """What ``coverage debug sys`` prints."""
        return [] if self._others is None else list(self._others.info())


def _is_ours(filename: str) -> bool:
    return _FOLDER in Path(filename).parents

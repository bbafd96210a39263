"""The one line that a recording ends with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from querysight.diagnose import why_no_query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from querysight.run_summary import RunSummary


def say(message: str) -> None:
    """One line on stderr: stdout is the recorded command's."""
    print(f"querysight: {message}", file=sys.stderr, flush=True)


def describe(command: Sequence[str], summary: RunSummary, run_dir: Path, *, interrupted: bool) -> str:
    """``recorded 57 of 57 tests, 1,234 queries -> .querysight/runs/…``, or why there is nothing."""
    if summary.queries == 0:
        return f"no query was seen: {why_no_query(command, summary)}"
    how = "interrupted: recorded" if interrupted else "recorded"
    tests = f"{summary.recorded:,} of {summary.collected:,} tests"
    what = tests if summary.collected else f"{summary.scopes:,} scopes"
    return f"{how} {what}, {summary.queries:,} queries -> {_as_typed(run_dir)}"


def _as_typed(path: Path) -> str:
    """A path as short as it can be typed from here."""
    try:
        return str(path.relative_to(Path.cwd().resolve()))
    except (OSError, ValueError):
        return str(path)

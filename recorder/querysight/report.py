"""What a recording ends with: one line, and a second one only where something went wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from querysight.diagnose import why_no_query
from querysight.lingering import goes_on, wait_for
from querysight.manifest import finish_run
from querysight.run_summary import summarize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from querysight.manifest import Manifest
    from querysight.run_summary import RunSummary


_SHOWN = 5


def say(message: str) -> None:
    """One line on stderr: stdout is the recorded command's."""
    print(f"querysight: {message}", file=sys.stderr, flush=True)


def conclude(
    run_dir: Path, manifest: Manifest, command: Sequence[str], exit_code: int | None, *, interrupted: bool, waits: bool = True
) -> None:
    """Finish the manifest and say what was recorded. On a full disk the manifest goes on to say that the run is on.

    `waits`: whether processes that are still there may come to their end first.
    """
    try:
        summary = summarize(run_dir)
        if waits and wait_for([summary.pids.get(name, 0) for name in summary.unfinished]):
            summary = summarize(run_dir)
    except OSError as error:
        say(f"cannot read {run_dir}: {error.strerror or error}")
        return
    try:
        finish_run(run_dir, manifest, summary, exit_code, interrupted=interrupted)
    except OSError as error:
        say(f"cannot finish the manifest in {run_dir}: {error.strerror or error}")
    say(describe(command, summary, run_dir, interrupted=interrupted))


def describe(command: Sequence[str], summary: RunSummary, run_dir: Path, *, interrupted: bool) -> str:
    """``recorded 57 of 57 tests, 1,234 queries -> .querysight/runs/…``, or why there is nothing."""
    return "\nquerysight: ".join([_recorded(command, summary, run_dir, interrupted=interrupted), *_wrong(summary)])


def _recorded(command: Sequence[str], summary: RunSummary, run_dir: Path, *, interrupted: bool) -> str:
    if summary.queries == 0:
        return f"no query was seen: {why_no_query(command, summary)}"
    how = "interrupted: recorded" if interrupted else "recorded"
    tests = f"{summary.recorded:,} of {summary.collected:,} tests"
    what = tests if summary.collected else f"{summary.scopes:,} scopes"
    return f"{how} {what}, {summary.queries:,} queries -> {_as_typed(run_dir)}"


def _wrong(summary: RunSummary) -> list[str]:
    """What the numbers do not hold."""
    lines = []
    if summary.warnings:
        lines.append(f"what was recorded may be incomplete: {'; '.join(summary.warnings[:_SHOWN])}")
    # What is still there was neither killed nor kept from writing.
    lost = [name for name in summary.unfinished if not goes_on(summary.pids.get(name, 0))]
    if lost:
        names = ", ".join(lost[:_SHOWN])
        lines.append(f"not recorded to their end (killed, or nothing could be written): {names}")
    return lines


def _as_typed(path: Path) -> str:
    """A path as short as it can be typed from here."""
    try:
        return str(path.relative_to(Path.cwd().resolve()))
    except (OSError, ValueError):
        return str(path)

"""The manifest of a run, ``run.json``: written when it starts and when it ends. See docs/segment-format.md, "The manifest"."""

from __future__ import annotations

import calendar
import errno
import json
import os
import re
import secrets
import subprocess
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from querysight.run_summary import RunSummary

FORMAT = 1
_STAMP = "%Y%m%dT%H%M%SZ"
_RUN = re.compile(r"\d{8}T\d{6}Z-")
FOLDER = ".querysight"


@dataclass(frozen=True, slots=True)
class TestCounts:
    """Distinct tests: collected by the runner, run to an outcome, recorded (run and not skipped)."""

    collected: int = 0
    run: int = 0
    recorded: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run. Times are milliseconds since the epoch; ``state`` is running, complete, partial or interrupted."""

    id: str
    command: tuple[str, ...]
    runner: str
    root: str
    commit: str | None
    startedAt: int
    pid: int
    recorder: str
    state: str = "running"
    finishedAt: int | None = None
    exitCode: int | None = None
    tests: TestCounts = TestCounts()
    processes: tuple[str, ...] = ()

    def write(self, run_dir: Path) -> None:
        """Replace ``run.json`` atomically. Raises ``OSError`` where the folder cannot be written."""
        path = run_dir / "run.json"
        temporary = run_dir / f".run.json.{os.getpid()}"
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
        os.replace(temporary, path)


def home_of(root: Path, *inside: str) -> Path:
    """Make ``.querysight``, which git ignores. Raises ``OSError`` where it cannot be written, or it or one inside is a link."""
    home = root / FOLDER
    for folder in (home, *(home / name for name in inside)):
        # A link in a checkout may point anywhere; the server does not follow it either.
        if folder.is_symlink():
            raise OSError(errno.ELOOP, f"{folder.name} is a link")
    home.mkdir(exist_ok=True)
    ignore = home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return home


def start_run(root: Path, command: Sequence[str], runner: str) -> tuple[Path, Manifest]:
    """Make the run's folder and its manifest. Raises ``OSError`` where that cannot be written."""
    from querysight import __version__

    runs = home_of(root, "runs") / "runs"
    run = _run_id(runs)
    run_dir = runs / run
    run_dir.mkdir(parents=True)
    manifest = Manifest(
        id=run,
        command=tuple(command),
        runner=runner,
        root=str(root),
        commit=_commit(root),
        startedAt=_now(),
        pid=os.getpid(),
        recorder=__version__,
    )
    manifest.write(run_dir)
    return run_dir, manifest


def finish_run(run_dir: Path, manifest: Manifest, summary: RunSummary, exit_code: int | None, *, interrupted: bool) -> None:
    """Write the last manifest from what the segments say. Raises ``OSError`` where it cannot be written."""
    finished = replace(
        manifest,
        state=_state(summary, interrupted=interrupted),
        finishedAt=_now(),
        exitCode=exit_code,
        tests=TestCounts(summary.collected, summary.run, summary.recorded),
        processes=tuple(summary.processes),
    )
    finished.write(run_dir)


def _state(summary: RunSummary, *, interrupted: bool) -> str:
    """A run that a selection, a crash of a worker or ``--failfast`` kept from being whole is partial."""
    if interrupted or (summary.processes and "main" not in summary.finished):
        return "interrupted"
    whole = summary.all and summary.deselected == 0 and summary.run >= summary.collected
    return "complete" if whole else "partial"


def _run_id(runs: Path) -> str:
    """Sorts behind all runs that are there, and is unique on one machine and among several that share a folder.

    What was recorded last counts: one that starts in the same second as another, or after the clock was set back, gets the
    time of the newest run and a second.
    """
    stamp = time.strftime(_STAMP, time.gmtime())
    return f"{_behind(runs, stamp)}-{os.getpid()}-{secrets.token_hex(2)}"


def _behind(runs: Path, stamp: str) -> str:
    try:
        newest = max((name[:16] for name in os.listdir(runs) if _RUN.match(name)), default="")
    except OSError:
        return stamp
    if newest < stamp:
        return stamp
    try:
        later = time.strftime(_STAMP, time.gmtime(calendar.timegm(time.strptime(newest, _STAMP)) + 1))
    except (ValueError, OverflowError):
        return stamp  # no recorder gave that name
    return later if len(later) == len(newest) else stamp


def _now() -> int:
    return time.time_ns() // 1_000_000


def _commit(root: Path) -> str | None:
    """The commit that is checked out; ``None`` without git or outside a repository."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None

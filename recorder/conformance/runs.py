"""One run of Django's ``runtests.py``, and what its processes recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.comparison import Outcomes
from conformance.django_source import DjangoSource

RECORDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """Outcomes by test id, wall-clock seconds, what was printed, and the id of the process that was started."""

    outcomes: Outcomes
    seconds: float
    exit_code: int
    output: str
    pid: int


@dataclass(slots=True)
class Recorded:
    """What the segments hold: executions by Django's test module (and those of no test), and what is wrong with them.

    `idle` are the processes that ran tests and saw no query, `faults` the recorder's own errors and notices of missing hooks.
    """

    processes: int = 0
    queries: int = 0
    by_module: Counter[str] = field(default_factory=Counter)
    idle: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def run_suite(
    source: DjangoSource, database: str, modules: Sequence[str], parallel: int, outcomes: Path, *, recorded: bool
) -> SuiteRun:
    """Run the modules with or without the recorder; `outcomes` is where the runner writes."""
    outcomes.unlink(missing_ok=True)
    suite = [
        str(source.python),
        "runtests.py",
        "--settings=conformance.suite_settings",
        f"--parallel={parallel}",
        "--verbosity=1",
        "--noinput",
        *modules,
    ]
    # The tests' own folder is the root, so that their frames are user frames.
    record = [str(source.python), "-m", "querysight", "record", "--root", ".", "--"]
    env = {
        **os.environ,
        "PYTHONPATH": str(RECORDER),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CONFORMANCE_OUTCOMES": str(outcomes),
        "CONFORMANCE_DATABASE": database,
        # The same in both runs: tests print it.
        "CONFORMANCE_NAME": f"querysight_conformance_{os.getpid()}",
    }
    started = time.monotonic()
    process = subprocess.Popen(
        [*record, *suite] if recorded else suite,
        cwd=source.tests,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    output, _ = process.communicate()
    seconds = time.monotonic() - started
    read = json.loads(outcomes.read_text("utf-8")) if outcomes.exists() else {}
    return SuiteRun(read, seconds, process.returncode, output, process.pid)


def read_recording(root: Path, pid: int) -> Recorded:
    """Read every segment of the recording that this process made, and remove it; others may be under way beside it."""
    found = Recorded()
    for manifest in root.glob(".querysight/runs/*/run.json"):
        if json.loads(manifest.read_text("utf-8"))["pid"] == pid:
            for segment in sorted(manifest.parent.glob("*.ndjson")):
                _read_segment(segment, found)
            shutil.rmtree(manifest.parent)
    return found


def _read_segment(segment: Path, found: Recorded) -> None:
    modules: dict[int, str] = {}
    tests = queries = 0
    ended = False
    with segment.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            kind = record["type"]
            if kind == "scope":
                modules[record["id"]] = _module(record["test"])
            elif kind == "row":
                queries += record["count"]
                found.by_module[modules[record["scope"]]] += record["count"]
            elif kind == "test":
                tests += 1
            elif kind == "notice" and record["code"] in {"recorder-error", "django-unknown"}:
                found.faults.append(f"{segment.stem}: {record['message']}")
            elif kind == "end":
                ended = True
    found.processes += bool(tests)
    found.queries += queries
    if tests and not queries:
        found.idle.append(segment.stem)
    if tests and not ended:
        found.faults.append(f"{segment.stem}: did not come to its end")


def _module(test: str | None) -> str:
    """Django's test module of a test id; "" for what ran outside tests."""
    return (test or "").partition("::")[0].partition("/")[0]

"""``python -m conformance --django 5.2``, from the recorder's folder.

Answers 1 on any difference, 2 where Django is not to be had.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from conformance.comparison import Outcomes, differences
from conformance.django_source import DjangoSource, Unavailable, default_cache, prepare

RECORDER = Path(__file__).resolve().parent.parent
MODULES = ("queries", "select_related", "prefetch_related", "foreign_object")


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One run of ``runtests.py``: outcomes by test id, wall-clock seconds, and what was printed."""

    outcomes: Outcomes
    seconds: float
    exit_code: int
    output: str


def main() -> int:
    options = _options()
    failed = False
    for version in options.django:
        try:
            source = prepare(version, options.cache)
        except Unavailable as error:
            print(error, file=sys.stderr)
            return 2
        failed |= not _conforms(source, options.modules, options.parallel)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("--django", nargs="+", default=["4.2", "5.2"], metavar="VERSION")
    parser.add_argument("--modules", nargs="+", default=MODULES, metavar="MODULE")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="default: %(default)s")
    parser.add_argument("--parallel", type=int, default=1, help="processes (default: 1)")
    return parser.parse_args()


def _conforms(source: DjangoSource, modules: list[str], parallel: int) -> bool:
    """Run both ways, print one line, then each difference."""
    with tempfile.TemporaryDirectory(prefix="querysight-conformance-") as folder:
        outcomes = Path(folder) / "outcomes.json"
        plain = _run(source, modules, parallel, outcomes, recorded=False)
        # The tests' own folder is the root, so that their frames are user frames.
        shutil.rmtree(source.tests / ".querysight", ignore_errors=True)
        recorded = _run(source, modules, parallel, outcomes, recorded=True)
        queries, idle, faults = _recorded_queries(source.tests)
    for run in (plain, recorded):
        if not run.outcomes:
            print(run.output, file=sys.stderr)
            print(f"Django {source.version}: runtests.py ran no test", file=sys.stderr)
            return False
    found = differences(plain.outcomes, recorded.outcomes)
    print(
        f"Django {source.version:8} {' '.join(modules)}: {_counts(plain.outcomes)} in {plain.seconds:.1f} s; "
        f"recorded {_counts(recorded.outcomes)} in {recorded.seconds:.1f} s, {queries:,} queries; "
        f"{len(found)} differences"
    )
    for difference in found:
        print(f"  {difference.test}\n    without  {difference.without}\n    recorded {difference.recorded}")
    if queries == 0 or idle:
        print(f"  processes that ran tests and saw no query: {', '.join(idle) or 'all'}")
    for fault in faults:
        print(f"  {fault}")
    if plain.exit_code != recorded.exit_code:
        print(f"  exit code {plain.exit_code} without, {recorded.exit_code} recorded")
    return not found and queries > 0 and not idle and not faults and plain.exit_code == recorded.exit_code


def _run(source: DjangoSource, modules: list[str], parallel: int, outcomes: Path, *, recorded: bool) -> SuiteRun:
    outcomes.unlink(missing_ok=True)
    suite = [
        str(source.python),
        "runtests.py",
        "--settings=conformance.suite_settings",
        f"--parallel={parallel}",
        "--verbosity=1",
        *modules,
    ]
    record = [str(source.python), "-m", "querysight", "record", "--root", ".", "--"]
    env = {
        **os.environ,
        "PYTHONPATH": str(RECORDER),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CONFORMANCE_OUTCOMES": str(outcomes),
    }
    started = time.monotonic()
    answer = subprocess.run(
        [*record, *suite] if recorded else suite,
        cwd=source.tests,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    read = json.loads(outcomes.read_text("utf-8")) if outcomes.exists() else {}
    return SuiteRun(read, seconds, answer.returncode, answer.stdout)


def _recorded_queries(root: Path) -> tuple[int, list[str], list[str]]:
    """Queries over all processes, the processes that ran tests without seeing one, and the recorder's own faults."""
    total, idle, faults = 0, [], []
    for segment in sorted(root.glob(".querysight/runs/*/*.ndjson")):
        types: Counter[str] = Counter()
        queries = 0
        for line in segment.read_bytes().splitlines():
            record = json.loads(line)
            types[record["type"]] += 1
            if record["type"] == "scopeEnd":
                queries += record["queries"]
            elif record["type"] == "notice" and record["code"] == "recorder-error":
                faults.append(f"{segment.stem}: {record['message']}")
        if types["test"] and not types["end"]:
            faults.append(f"{segment.stem}: did not come to its end")
        total += queries
        if types["test"] and not queries:
            idle.append(segment.stem)
    return total, idle, faults


def _counts(outcomes: Outcomes) -> str:
    words = Counter(report[0].partition(" ")[0] for report in outcomes.values())
    return ", ".join(f"{number} {word}" for word, number in sorted(words.items()))


if __name__ == "__main__":
    raise SystemExit(main())

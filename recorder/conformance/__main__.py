"""``python -m conformance --django 5.2``, from the recorder's folder.

Answers 1 on any difference, 2 where Django is not to be had.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from conformance.comparison import excused
from conformance.django_source import DjangoSource, Unavailable, default_cache, prepare
from conformance.modules import PART, WHOLE
from conformance.report import Report
from conformance.runs import read_recording, run_suite


def main() -> int:
    options = _options()
    modules = WHOLE if options.whole else tuple(options.modules)
    failed = False
    for version in options.django:
        try:
            source = prepare(version, options.cache)
        except Unavailable as error:
            print(error, file=sys.stderr)
            return 2
        there = [module for module in modules if (source.tests / module).is_dir()]
        for database in options.database:
            failed |= not _conforms(source, database, there, options)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("--django", nargs="+", default=["4.2", "5.2"], metavar="VERSION")
    parser.add_argument("--database", nargs="+", default=["sqlite"], choices=("sqlite", "postgresql"))
    parser.add_argument("--modules", nargs="+", default=PART, metavar="MODULE", help="default: the part that CI runs")
    parser.add_argument("--whole", action="store_true", help="all modules")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="default: %(default)s")
    parser.add_argument("--parallel", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--logs", type=Path, help="keep outcomes, output and counts in this folder")
    return parser.parse_args()


def _conforms(source: DjangoSource, database: str, modules: Sequence[str], options: argparse.Namespace) -> bool:
    """Run both ways and print what came of it."""
    with tempfile.TemporaryDirectory(prefix="querysight-conformance-") as folder:
        outcomes = Path(folder) / "outcomes.json"
        plain = run_suite(source, database, modules, options.parallel, outcomes, recorded=False)
        recorded = run_suite(source, database, modules, options.parallel, outcomes, recorded=True)
        recording = read_recording(source.tests, recorded.pid)
    if options.logs is not None:
        options.logs.mkdir(parents=True, exist_ok=True)
        for name, run in (("plain", plain), ("recorded", recorded)):
            stem = f"django-{source.version}-{database}-{name}"
            (options.logs / f"{stem}.log").write_text(run.output, "utf-8")
            (options.logs / f"{stem}.json").write_text(json.dumps(run.outcomes, indent=1), "utf-8")
    for run in (plain, recorded):
        if not run.outcomes:
            print(run.output, file=sys.stderr)
            print(f"Django {source.version}: runtests.py ran no test", file=sys.stderr)
            return False
    report = Report(source.version, database, plain, recorded, recording, excused(plain.outcomes, recorded.outcomes))
    for line in report.lines(modules):
        print(line, flush=True)
    return report.same


if __name__ == "__main__":
    raise SystemExit(main())

"""Times a project's whole suite under each way of watching, in turns, in a copy of the checkout.

``python suite.py CHECKOUT SETTINGS ROUNDS WAY,… -- COMMAND…`` prints one line of JSON,
``{way: {"seconds", "ratio", "wall", "megabytes", "summary"}}``: medians of the processor time (user and system, with all child
processes), of its ratio to the first way's in the same round, and of the wall time; the largest resident set of a process; the
last line in which the runner counts failures.

Needs `os.wait4`, so Linux or macOS.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
RECORDER = HERE.parents[1] / "recorder"
_SUMMARY = re.compile(r"^(OK|FAILED)\b.*|^=* ?\d+ (passed|failed)\b.*", re.MULTILINE)
_LEFT_OUT = shutil.ignore_patterns(".git", ".querysight", "node_modules", ".venv", "venv", "__pycache__")


class Run(NamedTuple):
    seconds: float
    wall: float
    megabytes: float
    summary: str


def run(way: str, command: list[str], settings: str, checkout: Path, output: Path) -> Run:
    """One run in a fresh copy, so that no way finds what another left behind."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / checkout.name
        shutil.copytree(checkout, copy, ignore=_LEFT_OUT, symlinks=True)
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        words = command
        own = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
        if way == "querysight":
            words = [command[0], "-m", "querysight", "record", "--", *command]
            environment["PYTHONPATH"] = os.pathsep.join([*own, str(RECORDER)])
        elif way != "none":
            environment["PYTHONPATH"] = os.pathsep.join([*own, str(HERE / "suite")])
            environment |= {
                "DJANGO_SETTINGS_MODULE": "bench_settings",
                "QUERYSIGHT_BENCH_SETTINGS": settings,
                "QUERYSIGHT_BENCH_WAY": way,
                "QUERYSIGHT_BENCH_SITE": next(path for path in sys.path if path.endswith("site-packages")),
            }
        started = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            try:
                os.chdir(copy)
                log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
                os.dup2(log, 1)
                os.dup2(log, 2)
                os.execvpe(words[0], words, environment)
            finally:
                os._exit(127)
        _, _, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - started
    found = list(_SUMMARY.finditer(output.read_text(errors="replace")))
    # Kilobytes, but bytes on macOS.
    megabytes = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Run(usage.ru_utime + usage.ru_stime, wall, megabytes, found[-1][0].strip("= ") if found else "no summary")


def main(checkout: Path, settings: str, rounds: int, ways: list[str], command: list[str]) -> dict[str, dict[str, float | str]]:
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(rounds):
            for way in ways if number % 2 == 0 else reversed(ways):
                output = Path(temporary) / f"{way}.txt"
                runs[way].append(run(way, command, settings, checkout, output))
                print(f"{way}: {runs[way][-1]}", file=sys.stderr, flush=True)
                if runs[way][-1].summary == "no summary":
                    sys.exit(f"{way}: the command did not say how its tests ended:\n{output.read_text(errors='replace')[-4000:]}")
    first = [each.seconds for each in runs[ways[0]]]
    return {
        way: {
            "seconds": median(each.seconds for each in runs[way]),
            "ratio": median(each.seconds / plain for each, plain in zip(runs[way], first, strict=True)),
            "wall": median(each.wall for each in runs[way]),
            "megabytes": max(each.megabytes for each in runs[way]),
            "summary": runs[way][-1].summary,
        }
        for way in ways
    }


if __name__ == "__main__":
    folder, module, count, names, _, *words = sys.argv[1:]
    print(json.dumps(main(Path(folder).resolve(), module, int(count), names.split(","), words)))

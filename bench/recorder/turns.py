"""Measures ways of watching in turns: one after the other, round by round, each in a process of its own.

``python turns.py ROUNDS WAY,… SHAPE,…`` prints ``{way: {shape: nanoseconds}}`` as JSON: the median of the fastest quarter of
rounds. Other programs can only add to a round, and all ways meet them alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

WARM_UP = 3


class Measured:
    """A process of cost.py."""

    def __init__(self, way: str) -> None:
        # Dictionaries and sets of strings are laid out alike in all of them.
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        command = [sys.executable, str(Path(__file__).with_name("cost.py")), way]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, shape: str) -> float:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{shape}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def main(count: int, ways: list[str], shapes: list[str]) -> dict[str, dict[str, float]]:
    processes = {way: Measured(way) for way in ways}
    rounds: dict[tuple[str, str], list[float]] = {(way, shape): [] for way in ways for shape in shapes}
    try:
        for number in range(WARM_UP + count):
            for shape in shapes:
                # Nobody always follows the same neighbour.
                for way in ways if number % 2 else reversed(ways):
                    figure = processes[way].ask(shape)
                    if number >= WARM_UP:
                        rounds[way, shape].append(figure)
    finally:
        for process in processes.values():
            process.end()
    return {way: {shape: typical(rounds[way, shape]) for shape in shapes} for way in ways}


def typical(figures: list[float]) -> float:
    return median(sorted(figures)[: max(1, len(figures) // 4)])


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3].split(","))))

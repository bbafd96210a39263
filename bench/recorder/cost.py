"""What one way of watching costs in this process: prints nanoseconds as JSON.

``python cost.py (none|walk|extract|querysight)``. Each figure is the lowest of several rounds, because other programs can only add to it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import frames
import project
from frames import USER_FRAMES, Body
from watching import Watching

QUERIES = 300
QUERIES_PER_TEST = 20
TESTS = 20
ROUNDS = 9


def lowest(body: Body, count: int) -> float:
    """The shortest of some rounds, ns per unit."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter_ns()
        body()
        times.append(time.perf_counter_ns() - started)
    return min(times) / count


def main(variant: str, folder: Path) -> dict[str, float]:
    project.start()
    from django.contrib.contenttypes.models import ContentType

    watching = Watching(variant, folder)
    # Every stack is met once: a path of its own for each query.
    paths = iter(range(2**USER_FRAMES))

    def query() -> None:
        ContentType.objects.filter(pk=1).first()

    def loop() -> None:
        for _ in range(QUERIES):
            ContentType.objects.filter(pk=1).first()

    def loop_at(depth: int) -> Body:
        return lambda: frames.below(depth - USER_FRAMES, lambda: frames.left(0, USER_FRAMES, loop))

    def ever_new() -> None:
        for _ in range(QUERIES):
            frames.left(next(paths), USER_FRAMES, query)

    def rows() -> None:
        len(ContentType.objects.filter(app_label="bench"))

    def constructions() -> None:
        for _ in range(QUERIES):
            ContentType.objects.all()

    def tests(queries: int) -> Body:
        """Each has its three phases; its queries stand on stacks of their own."""

        def body() -> None:
            for number in range(TESTS):
                test = f"test_bench.py::test_{number}"
                with watching.phase(test, "setup"):
                    pass
                with watching.phase(test, "call"):
                    for path in range(queries):
                        frames.left(path, USER_FRAMES, query)
                with watching.phase(test, "teardown"):
                    pass
                watching.finished(test)

        return body

    with watching.phase("test_bench.py::test_queries", "call"):
        loop()
        figures = {
            "shallow": lowest(loop, QUERIES),
            "deep": lowest(loop_at(65), QUERIES),
            "deepest": lowest(loop_at(150), QUERIES),
            "new": lowest(lambda: frames.below(65 - USER_FRAMES, ever_new), QUERIES),
            "row": lowest(rows, project.ROWS),
            "construction": lowest(constructions, QUERIES),
        }
    return figures | {"emptyTest": lowest(tests(0), TESTS), "test": lowest(tests(QUERIES_PER_TEST), TESTS)}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(main(sys.argv[1], Path(temporary))))

"""A process that watches in one way and measures whenever it is asked.

``python cost.py WAY`` reads a shape a line, and answers with the nanoseconds of processor time that one unit of it takes. What a
scope costs without its units is measured at the same time and taken off, but for the shapes of whole tests.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frames
import project
from frames import USER_FRAMES, Body
from watching import WAYS, Nothing

# Long enough that it is the loop which counts, and not its first turn: that is what the ever-new stacks are for.
TURNS = 200
QUERIES = 50
QUERIES_PER_TEST = 20
TESTS = 3


def nothing() -> None:
    """The body of a scope that is only opened and closed."""


class Shapes:
    """Each shape prepares what it needs inside the scope, and gives the body and how many units it has."""

    def __init__(self) -> None:
        from shelf.models import Author, Book

        self._authors, self._books = Author.objects, Book.objects
        # Every stack is met once: a path of its own for each query.
        self._paths = iter(range(2**USER_FRAMES))
        self.named: dict[str, tuple[Callable[[], Callable[[], None]], int]] = {
            "loop-10": (lambda: self._loop(10), TURNS),
            "loop-65": (lambda: self._loop(65), TURNS),
            "loop-150": (lambda: self._loop(150), TURNS),
            "manager-65": (self._managers, TURNS),
            "new-10": (lambda: self._ever_new(10), QUERIES),
            "new-65": (lambda: self._ever_new(65), QUERIES),
            "new-150": (lambda: self._ever_new(150), QUERIES),
            "row": (self._rows, project.ROWS),
            "joined-row": (self._joined_rows, project.ROWS),
            "prefetched-row": (self._prefetched_rows, project.ROWS),
            "construction": (self._constructions, QUERIES),
        }

    def _few_books(self, number: int) -> list[Any]:
        return list(self._books.all()[:number])

    def _loop(self, depth: int) -> Body:
        books = self._few_books(TURNS)

        def loop() -> None:
            for book in books:
                book.author  # noqa: B018

        return _at(depth, loop)

    def _managers(self) -> Body:
        authors = list(self._authors.all()[:TURNS])

        def loop() -> None:
            for author in authors:
                len(author.book_set.all())

        return _at(65, loop)

    def _ever_new(self, depth: int) -> Body:
        books = self._few_books(QUERIES)

        def loop() -> None:
            for book in books:
                frames.left(next(self._paths), min(depth - 1, USER_FRAMES), lambda: book.author)  # noqa: B023

        return lambda: frames.below(depth - USER_FRAMES, loop)

    def _rows(self) -> Body:
        authors = self._authors.all()
        return lambda: authors._fetch_all()

    def _joined_rows(self) -> Body:
        books = self._books.select_related("author")
        return lambda: books._fetch_all()

    def _prefetched_rows(self) -> Body:
        authors = self._authors.prefetch_related("book_set")
        return lambda: authors._fetch_all()

    def _constructions(self) -> Body:
        authors = self._authors

        def loop() -> None:
            for _ in range(QUERIES):
                authors.all()

        return loop

    def queries_of_a_test(self) -> None:
        """Each stands on a stack of its own, the same ones in each test."""
        for path in range(QUERIES_PER_TEST):
            frames.left(path, USER_FRAMES, lambda: self._authors.filter(pk=1).first())


def _at(depth: int, loop: Body) -> Body:
    return lambda: frames.below(depth - USER_FRAMES, lambda: frames.left(0, min(depth - 1, USER_FRAMES), loop))


def main(way: Nothing) -> None:
    shapes = Shapes()

    def timed(prepare: Callable[[], Body] | None, run: bool) -> int:
        """Nanoseconds from after the preparation until the scope is closed."""
        started = 0

        def body() -> None:
            nonlocal started
            prepared = nothing if prepare is None else prepare()
            gc.collect()
            started = time.process_time_ns()
            if run:
                prepared()

        way.scope(body)
        return time.process_time_ns() - started

    def tests(body: Body) -> float:
        gc.collect()
        started = time.process_time_ns()
        for number in range(TESTS):
            way.test(number, body)
        return (time.process_time_ns() - started) / TESTS

    gc.freeze()
    for line in sys.stdin:
        name = line.strip()
        if name in shapes.named:
            prepare, units = shapes.named[name]
            figure = (timed(prepare, True) - timed(prepare, False)) / units
        else:
            figure = tests({"test-0": nothing, "test-20": shapes.queries_of_a_test}[name])
        print(figure, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(WAYS[sys.argv[1]](Path(temporary)))

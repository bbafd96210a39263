"""How often a loop ran, read from rows and their order as docs/segment-format.md says."""

from __future__ import annotations

from typing import NamedTuple

import pytest

FILE, TEMPLATE = "lending/loops.py", "templates/loops.html"


class Loop(NamedTuple):
    """`path`, the lines of header and body, and that where the header's expression starts: CPython 3.11 gives the position of a
    whole comprehension, or `for` statement, to the step that asks for its rows."""

    path: str
    header: int
    body: int
    start: int = 0

    def asks(self, row):
        """The innermost of the row's sites within the loop is its header."""
        inside = [site for site in row.stack if self._spans(site)]
        return bool(inside) and inside[-1].line != self.body

    def holds(self, row):
        return any(site.path == self.path and site.line == self.body for site in row.stack)

    def _spans(self, site):
        return site.path == self.path and site.line in {self.header, self.body, self.start}


class Reading(NamedTuple):
    """Of a loop in a scope: how often it was entered, how often it turned at most, and for each run the body's executions.
    None where the recording does not tell."""

    runs: int | None
    turns: int | None
    executions: list[int] | None


def read(scope, loop):
    asking = [row for row in scope.rows if loop.asks(row)]
    if not asking:
        return Reading(None, None, None)
    # What the header asks first, it asks once in each run; what else it asks may be more: prefetches, a generator's own loads.
    first = min(asking, key=lambda row: row.first)
    entering = [row for row in asking if row.chain == first.chain and row.cause["kind"] == first.cause["kind"]]
    entries, inside = {row.id for row in entering}, {row.id for row in scope.rows if loop.holds(row)}
    assert scope.end["orderRest"] == 0
    executions = []
    for times, *cycle in scope.end["order"]:
        for row in cycle * times:
            if row in entries and (row not in inside or not executions):
                executions.append(0)
            elif row in inside and executions:
                executions[-1] += 1
    return Reading(sum(row.count for row in entering), sum(row.rows for row in entering), executions)


@pytest.fixture
def loops(store):
    from lending import loops

    return loops


@pytest.fixture
def run(recording, loops):
    """Run a function and read the loop that is marked so."""

    def run(function, marker=""):
        suffix = f" {marker}" if marker else ""
        lines = (recording.root / FILE).read_text().splitlines()
        parts = (
            next((number for number, line in enumerate(lines, 1) if line.endswith(f"# {part}{suffix}")), 0)
            for part in ("header", "body", "start")
        )
        return read(recording.run(getattr(loops, function)), Loop(FILE, *parts))

    return run


@pytest.mark.parametrize(
    ("function", "marker", "reading"),
    [
        ("once", "", Reading(1, 3, [3])),
        ("twice", "of a function", Reading(2, 6, [3, 3])),
        ("of_several_sizes", "of a function", Reading(4, 6, [1, 3, 0, 2])),
        ("from_two_places", "of a function", Reading(2, 3, [1, 2])),
        ("nested", "of the inner", Reading(2, 5, [2, 3])),
        ("nested_twice", "of the inner", Reading(4, 10, [2, 3, 2, 3])),
        ("header_with_a_prefetch", "with a prefetch", Reading(1, 5, [3])),
        ("over_nothing", "of nothing", Reading(1, 0, [0])),
        ("left_early", "left early", Reading(1, 3, [1])),
        ("iterator_left_early", "of an iterator left early", Reading(1, 1, [1])),
        ("over_values", "of values", Reading(1, 3, [3])),
        ("over_raw", "of raw", Reading(1, 3, [3])),
        ("over_a_generator", "of a generator", Reading(1, 3, [3])),
        ("in_a_comprehension", "of a comprehension", Reading(1, 3, [3])),
        ("asynchronous", "of async for", Reading(1, 3, [3])),
    ],
)
def test_runs_and_turns(run, function, marker, reading):
    assert run(function, marker) == reading


@pytest.mark.parametrize(
    ("function", "marker"),
    [
        ("over_a_list", "of a list"),
        ("over_kept_rows", "of kept rows"),
        ("over_an_evaluated_queryset", "of what was evaluated"),
        ("nested_over_prefetched", "of prefetched"),
    ],
)
def test_a_header_that_asks_nothing_tells_nothing(run, function, marker):
    assert run(function, marker) == Reading(None, None, None)


def test_a_loop_around_another_counts_all_that_is_in_it(recording, loops):
    scope = recording.run(loops.nested_twice)
    outer, inner, body = scope.rows
    header = recording.line(FILE, "# header of the outer")
    assert (outer.stack[-1].line, outer.count, outer.rows) == (header, 2, 4)
    assert (inner.count, inner.rows, body.count) == (4, 10, 10)
    # Two runs of the outer loop, each of 1 + 2 + 5.
    assert scope.end["order"] in (
        [[2, outer.id, inner.id, body.id, body.id, inner.id, body.id, body.id, body.id]],
        [[1, outer.id, inner.id], [2, body.id], [1, inner.id], [3, body.id]] * 2,
    )


def test_what_was_prefetched_tells_the_turns(recording, loops):
    """All the runs of an inner loop over a prefetched relation turn as often as the prefetch brought rows."""
    outer, prefetch, body = recording.run(loops.nested_over_prefetched).rows
    assert (outer.count, outer.rows) == (1, 2)
    assert (prefetch.parent.id, prefetch.instances, prefetch.rows) == (outer.id, 2, 5)
    assert (body.parent.id, body.count, body.instances) == (prefetch.id, 5, 5)


def test_rows_that_were_kept_tell_their_turns_by_instances(recording, loops):
    """Two runs over three rows: six executions on three instances."""
    kept, body = recording.run(loops.over_kept_rows).rows
    assert (kept.stack[-1].line, kept.rows) == (recording.line(FILE, "# kept"), 3)
    assert (body.parent.id, body.count, body.instances) == (kept.id, 6, 3)


def test_a_while_asks_once_more_than_it_turns(recording, loops):
    asked, body = recording.run(loops.in_a_while).rows
    assert asked.stack[-1].line == recording.line(FILE, "# header of a while")
    assert (asked.count, asked.rows, body.count) == (4, None, 3)


def test_a_recursive_loop_is_entered_at_each_depth(recording, loops):
    """The rows of each depth have a stack of their own; all of them ask at the header."""
    scope = recording.run(loops.recursive)
    line = recording.line(FILE, "# header of a recursion")
    headers = [row for row in scope.rows if row.stack[-1].line == line]
    assert [len([site for site in row.stack if site.path == FILE]) for row in headers] == [2, 3, 4]
    assert [(row.count, row.rows) for row in headers] == [(1, 1)] * 3


def test_the_loops_of_a_template(recording, loops):
    scope = recording.run(loops.in_a_template)
    assert read(scope, Loop(TEMPLATE, 4, 5)) == Reading(2, 5, [2, 3])
    outer = Loop(TEMPLATE, 2, 4)
    assert [loop.asks(row) for loop in (outer,) for row in scope.rows] == [True, False, False]
    assert [row.count for row in scope.rows] == [1, 2, 5]

"""The cheap capture gives what a full walk gives, and leaves nothing behind that anybody could see."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import pytest
from capture_fuzz import Fuzz, Numbers, UserFiles

from querysight import capture
from querysight.capture import Callers, Walker

SECONDS, CAPTURES = 30, 4_000


@pytest.mark.parametrize("mode", ["plain", "threads", "async"])
def test_captures_are_what_a_full_walk_finds(mode):
    fuzz = Fuzz(seed=7)
    fuzz.run(mode, SECONDS, CAPTURES)
    assert not fuzz.mismatches
    assert fuzz.captures > CAPTURES / 4
    assert fuzz.marked > 0


@pytest.mark.parametrize("mistake", ["marks generators", "predicts any instruction", "predicts any place"])
def test_the_comparison_finds_mistakes(monkeypatch, mistake):
    if mistake == "marks generators":
        monkeypatch.setattr(capture, "_SUSPENDABLE", 0)
    elif mistake == "predicts any instruction":
        monkeypatch.setattr(capture._At, "matches", lambda self, frame: frame.f_code is self.code)
    else:
        monkeypatch.setattr(capture._Acting, "matches", lambda self, frame: frame.f_code is self.known.code)
    fuzz = Fuzz(seed=3)
    fuzz.run("plain", SECONDS)
    assert fuzz.mismatches


@pytest.fixture
def walker():
    return Walker(UserFiles(Path("/")), lambda _: False, Numbers())


def below(depth, body):
    return body() if depth <= 0 else below(depth - 1, body)


def traces(frame):
    found = []
    while frame is not None:
        found.append(frame.f_trace)
        frame = frame.f_back
    return found


def marks(frame):
    """Those on frames of `below`: earlier tests left some further out."""
    found = []
    while frame is not None:
        if frame.f_code is below.__code__ and isinstance(frame.f_trace, Callers):
            found.append(frame.f_trace)
        frame = frame.f_back
    return found


def test_a_long_walk_leaves_marks_that_look_like_nothing(walker):
    def query():
        walker.capture(sys._getframe(), None)
        return [(bool(mark), mark(sys._getframe(), "line", None)) for mark in marks(sys._getframe())]

    seen = below(40, query)
    assert seen
    assert set(seen) == {(False, None)}


def test_nothing_is_marked_while_somebody_traces(walker):
    def query():
        walker.capture(sys._getframe(), None)
        return marks(sys._getframe())

    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: None)
    try:
        assert below(40, query) == []
    finally:
        sys.settrace(before)


def test_a_foreign_trace_function_stays(walker):
    def foreign(frame, event, arg):
        return None

    def query():
        frame = sys._getframe()
        while frame is not None:
            if frame.f_code is below.__code__:
                frame.f_trace = foreign
            frame = frame.f_back
        walker.capture(sys._getframe(), None)
        return [trace for trace in traces(sys._getframe()) if trace is foreign]

    assert len(below(40, query)) == 41


def test_a_capture_outside_any_scope_marks_nothing(walker):
    def query():
        walker.capture(sys._getframe(), None, mark=False)
        return marks(sys._getframe())

    assert below(40, query) == []


def test_another_recordings_marks_mean_nothing(walker):
    other = Walker(UserFiles(Path("/")), lambda _: False, Numbers())
    other.register(below.__code__, "role")

    def query():
        other.capture(sys._getframe(), None)
        return walker.capture(sys._getframe(), None).inner.hits, other.capture(sys._getframe(), None).inner.hits

    mine, others = below(40, query)
    assert (len(mine), len(others)) == (0, 41)


def test_no_frame_outlives_its_call(walker):
    class Thing:
        pass

    def call():
        thing = Thing()
        below(40, lambda: [walker.capture(sys._getframe(), None) for _ in range(3)])
        return weakref.ref(thing)

    gc.disable()
    try:
        assert call()() is None
    finally:
        gc.enable()


def test_what_was_learnt_is_bounded(walker, monkeypatch):
    monkeypatch.setattr(capture, "_MAX_WALKS", 20)
    for depth in range(2, 60):
        below(depth, lambda: walker.capture(sys._getframe(), None))
        assert len(walker._leaves) <= 20

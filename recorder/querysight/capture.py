"""The cheap capture of a query's stack: who called, without walking to the outermost frame each time.

Two facts make it cheap. A frame that is not a generator's keeps its callers, each at the same instruction, for as long as it
lives; so what is known of them can be kept on the frame itself, in `f_trace`, where it dies with the frame. And the frames
further in are nearly always those of the query before; so they are compared with a prediction, one after the other.

Where the walk after the last one is the same as the last time, a comparison of its frames is all (`_Leaf.following`). Else the
walk goes outward through a trie of `Step`s, to the first frame that carries a `Callers`, to the scope's base frame, or to
the end. Where it ended and what it found there lead to the `Callers` of the whole stack: an interned object, on which the rest
of the recorder keeps all that follows from the stack alone.

`f_trace` is only ever used where nobody traces: nothing is marked while this thread has a trace function, a foreign value is
never overwritten, and a `Callers` is falsy, callable and answers None, which is what a tracer that starts late takes for "no
local trace function" (`trace_trampoline` in CPython's Python/sysmodule.c).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any, NamedTuple, Protocol, cast

from .files import Files
from .frames import CARRIER, Codes, Known, Place, PlaceReader, Role

# Generators, coroutines and asynchronous generators are called by somebody else each time they go on: never marked.
_SUSPENDABLE = 0x20 | 0x80 | 0x200
# Walks longer than this leave marks: on the innermost user frames, and further out ever more sparsely.
_LONG = 10
_MARKED_USER_FRAMES = 3
_HOPS = frozenset({12, 20, 34, 60, 110, 200, 400, 800})
# Longer walks are the first of their kind in a test and seldom come again.
_MAX_PREDICTED = 48
# Everything is forgotten and learnt anew beyond this: some 50 MB.
_MAX_STEPS = 200_000

_CAN_MARK = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()
_traces = sys.gettrace


class Hit(NamedTuple):
    """A frame of Django's whose code has a role, `distance` frames outward."""

    known: Known
    distance: int


class Callers:
    """What is known of a stack, from some frame outward; equal stacks are one object.

    `stack` is the stack's id, `edge` the site of the innermost user frame or place that is no method of a manager or queryset,
    nor of a decorator of one (0: there is none), `hits` the frames with a role further in than that, innermost first,
    `prefetching` tells whether `prefetch_related` is at work anywhere on the stack. `kept` and `construction` belong to those who
    ask for the stack again and again.
    """

    __slots__ = ("construction", "edge", "hits", "kept", "prefetching", "stack")

    def __init__(self, stack: int, edge: int, hits: tuple[Hit, ...], prefetching: bool) -> None:
        self.stack = stack
        self.edge = edge
        self.hits = hits
        self.prefetching = prefetching
        self.kept: Any = None
        self.construction = -1

    def __bool__(self) -> bool:
        return False

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        return None


# The callers of whoever called into this thread or event loop (see asynchrony.py).
carried: ContextVar[Callers | None] = ContextVar("querysight_carried", default=None)


class _At:
    """A user frame of a predicted walk: its code at one instruction."""

    __slots__ = ("code", "lasti")

    def __init__(self, code: CodeType, lasti: int) -> None:
        self.code = code
        self.lasti = lasti

    def matches(self, frame: FrameType) -> bool:
        return frame.f_code is self.code and frame.f_lasti == self.lasti


class _Acting:
    """A library's frame of a predicted walk that acts for a place."""

    __slots__ = ("known", "place")

    def __init__(self, known: Known, place: Place | None) -> None:
        self.known = known
        self.place = place

    def matches(self, frame: FrameType) -> bool:
        reader = self.known.reader
        return frame.f_code is self.known.code and reader is not None and reader(frame) == self.place


class _Leaf:
    """Where a walk led: the stack, and what to leave on which of its frames (hops from the innermost).

    `codes` are the frames it passed, `final` the one where it ended and `found` what it found: compared with the next walk when
    this one comes again after the same other one. They are filled in when it comes again at all: many stacks come once.
    """

    __slots__ = ("callers", "codes", "final", "following", "found", "known", "marks")

    def __init__(self, callers: Callers, marks: tuple[tuple[int, Callers], ...], found: Callers | None) -> None:
        self.callers = callers
        self.marks = marks
        self.codes: tuple[Any, ...] = ()
        self.final: Any = _NEVER
        self.found = found
        self.known = False
        self.following: _Leaf = self

    def expect(self, step: _Step) -> None:
        """Fill in the frames that lead to `step`."""
        self.known = True
        if step.depth <= _MAX_PREDICTED:
            codes = _codes(step)
            self.codes, self.final = codes[:-1], codes[-1]


class _Step:
    """One frame of a walk, reached from the frame further in. `next` is the step that was taken last: the prediction.

    A user frame (`exact`) matches at one instruction only, a library's by its code alone. Places and carriers are looked up
    each time: their `code` matches none. `depth` counts from 1, `notable` is the outermost step so far of which more than its
    code is known, `candidates` are the hops of the frames that a walk which comes this far may mark.
    """

    __slots__ = (
        "candidates",
        "code",
        "depth",
        "due",
        "exact",
        "inner",
        "kids",
        "known",
        "lasti",
        "leaves",
        "markable",
        "next",
        "notable",
        "stops",
        "users",
        "value",
    )

    def __init__(self, inner: _Step | None, code: CodeType | None, known: Known | None, lasti: int, value: Any) -> None:
        self.inner = inner
        self.known = known
        self.lasti = lasti
        self.value = value
        special = known is not None and (known.reader is not None or known.role is CARRIER)
        self.code = None if special else code
        self.exact = known is not None and not known.role
        self.stops = special and isinstance(value, Callers)
        self.markable = self.stops or (code is not None and not code.co_flags & _SUSPENDABLE)
        self.kids: dict[Any, _Step] | None = None
        self.leaves: dict[Callers | None, _Leaf] | None = None
        if inner is None:
            self.next: _Step = self
            self.depth = self.users = 0
            self.due = False
            self.notable: _Step | None = None
            self.candidates: tuple[int, ...] = ()
            return
        self.next = _NOWHERE
        self.depth = inner.depth + 1
        self.users = inner.users + self.exact
        self.notable = inner.notable if known is None else self
        self.candidates = inner.candidates
        # The next frame outward that lives on in one piece takes the mark that is due.
        self.due = inner.due or inner.depth in _HOPS or (self.exact and self.users <= _MARKED_USER_FRAMES)
        if self.due and self.markable and not self.stops:
            self.candidates += (inner.depth,)
            self.due = False


# Code that runs nowhere: a carrier's callers are looked up each time.
_NEVER = compile("", "", "exec")
# Matches no frame. Not a step's own self: a recursive call would match that.
_NOWHERE = _Step(None, None, None, 0, None)


class Stacks(Protocol):
    """Who gives sites and stacks their ids."""

    def python_site(self, known: Known, lasti: int) -> int: ...
    def push(self, stack: int, site: int) -> int: ...
    def push_place(self, stack: int, place: Place) -> tuple[int, int]: ...


class Walker(Codes):
    """Captures stacks.

    `prefetch` is the role of frames at which `prefetch_related` is at work, `carried` that of frames which are told of in other
    threads that they call into; none of their variables is read.
    """

    def __init__(
        self,
        files: Files,
        is_manager: Callable[[object], bool],
        stacks: Stacks,
        prefetch: Role = "prefetch",
        carried: Role = "auth",
    ) -> None:
        super().__init__(files, is_manager)
        self._stacks = stacks
        self._prefetch = prefetch
        self._carried = carried
        self._learning = threading.RLock()
        # An earlier walker's ids mean something else, and its callers may still be on frames.
        self._mine = type("Callers", (Callers,), {"__slots__": ()})
        self.nobody = self._mine(0, 0, (), False)
        self._forget()

    def register(self, code: CodeType, role: Role, name: str = "", kind: str = "") -> None:
        super().register(code, role, name, kind)
        self._forget()

    def register_place(self, code: CodeType, reader: PlaceReader) -> None:
        super().register_place(code, reader)
        self._forget()

    def forked(self) -> None:
        """Go on in a forked child, where a thread that is gone may have held the locks."""
        super().forked()
        self._learning = threading.RLock()

    def _forget(self) -> None:
        """Start to learn anew. What frames carry stays true."""
        self._root = _Step(None, None, None, 0, None)
        self._root.next = _NOWHERE
        self._interned: dict[tuple[Any, ...], Callers] = {}
        self._steps = 0
        self._last = _Leaf(self.nobody, (), None)
        self._base = 0

    def capture(self, frame: FrameType | None, base: FrameType | None, mark: bool = True) -> Callers:
        """The stack from `frame` outward, to `base` (included) or to the end.

        `mark` says that frames may be marked: not where `base` is not yet that of the scope to come.
        """
        last = self._last
        leaf = last.following
        here: Any = frame
        if self._base == id(base):
            try:
                for code in leaf.codes:
                    if here.f_code is not code and (code.__class__ is CodeType or not code.matches(here)):
                        break
                    here = here.f_back
                else:
                    code = leaf.final
                    if here.f_code is code or (code.__class__ is not CodeType and code.matches(here)):
                        found = leaf.found
                        if here.f_trace is found if found is not None else (here is base or here.f_back is None):
                            self._last = leaf
                            return leaf.callers
            except AttributeError:
                pass  # this stack is shorter than the predicted one
        return self._walk(frame, base, mark).callers

    def _walk(self, frame: FrameType | None, base: FrameType | None, mark: bool) -> _Leaf:
        step, mine = self._root, self._mine
        here = frame
        found: Callers | None = None
        while here is not None:
            following = step.next
            if here.f_code is not following.code or (following.exact and here.f_lasti != following.lasti):
                following = self._follow(step, here)
            step = following
            if here is base:
                break
            if step.markable:
                if step.stops:
                    break
                trace: Any = here.f_trace
                if trace is not None and trace.__class__ is mine:
                    found = cast(Callers, trace)
                    break
            here = here.f_back
        leaf = None if step.leaves is None else step.leaves.get(found)
        if leaf is None:
            leaf = self._learn(step, found)
        elif not leaf.known:
            leaf.expect(step)
        last, self._last = self._last, leaf
        last.following, self._base = leaf, id(base)
        if leaf is not last and leaf.marks and mark and _CAN_MARK and _traces() is None:
            _leave(frame, leaf.marks)
        return leaf

    def _follow(self, step: _Step, frame: FrameType) -> _Step:
        """The step to this frame; it becomes the prediction where it can be one."""
        code = frame.f_code
        known = self.of(frame)
        key: Any
        value: Any = None
        lasti = 0
        if known is None:
            key = id(code)
        elif not known.role:
            lasti = frame.f_lasti
            key = (id(code), lasti)
        elif known.reader is not None:
            value = known.reader(frame)
            key = (id(code), value)
        elif known.role is CARRIER:
            value = carried.get()
            key = (id(code), value)
        else:
            key = id(code)
        kids = step.kids
        following = None if kids is None else kids.get(key)
        if following is None:
            with self._learning:
                if step.kids is None:
                    step.kids = {}
                following = step.kids[key] = _Step(step, code, known, lasti, value)
                self._steps += 1
        if following.code is not None:
            step.next = following
        return following

    def _learn(self, step: _Step, found: Callers | None) -> _Leaf:
        """Put the stack together: what the walk passed, on top of what it found."""
        with self._learning:
            leaf = self._compose(step, step.value if step.stops else self.nobody if found is None else found, found)
            if step.leaves is None:
                step.leaves = {}
            step.leaves[found] = leaf
            if self._steps > _MAX_STEPS:
                self._forget()
            return leaf

    def _compose(self, last: _Step, outer: Callers, found: Callers | None) -> _Leaf:
        """`last` is the outermost step, `outer` what is known of the frames beyond it."""
        length = last.depth
        hops = [hop for hop in last.candidates if hop < length - 1] if length > _LONG else []
        stack, edge, prefetching = outer.stack, outer.edge, outer.prefetching
        # By hops: those of the frames beyond the walk are its length and more. What called into this thread has frames of its own
        # thread, which are not outward of these: of it only counts that somebody is signing in.
        beyond = [hit for hit in outer.hits if hit.known.role == self._carried] if last.stops else outer.hits
        hits = [(hit.known, length + hit.distance) for hit in reversed(beyond)]
        marks = []
        # Edge and hits of a decorator's caller, which hold on where the decorated function is a manager's method.
        around: tuple[int, list[tuple[Known, int]]] | None = None
        step = last.notable
        while step is not None and step.inner is not None:
            hop = step.depth - 1
            while hops and hops[-1] >= hop:
                mark = hops.pop()
                if around is None:
                    marks.append((mark, self._intern(stack, edge, hits, mark + 1, prefetching)))
            known = step.known
            if known is None or step.stops:
                pass
            elif not known.role:
                site = self._stacks.python_site(known, step.lasti)
                stack = self._stacks.push(stack, site)
                if known.in_manager:
                    if around is not None:
                        edge, hits = around[0], around[1] + hits
                    around = None
                else:
                    outside = (edge, hits) if around is None else (around[0], around[1] + hits)
                    around = outside if known.wraps else None
                    edge, hits = site, []
            elif known.reader is not None:
                if step.value is not None:
                    stack, edge = self._stacks.push_place(stack, step.value)
                    hits, around = [], None
            elif known.role is not CARRIER:
                hits.append((known, hop))
                prefetching = prefetching or known.role == self._prefetch
            step = step.inner.notable
        while hops:
            mark = hops.pop()
            if around is None:
                marks.append((mark, self._intern(stack, edge, hits, mark + 1, prefetching)))
        marks.reverse()
        callers = self._intern(stack, edge, hits, 0, prefetching)
        return _Leaf(callers, tuple(marks), found)

    def _intern(self, stack: int, edge: int, hits: list[tuple[Known, int]], innermost: int, prefetching: bool) -> Callers:
        distances = tuple([Hit(known, hop - innermost) for known, hop in reversed(hits)]) if hits else ()
        key = (stack, edge, distances, prefetching)
        found = self._interned.get(key)
        if found is None:
            found = self._interned[key] = self._mine(stack, edge, distances, prefetching)
        return found


def _codes(last: _Step) -> tuple[Any, ...]:
    """What the frames of a walk are compared with where it is predicted, innermost first."""
    codes: list[Any] = []
    step: _Step | None = last
    while step is not None and step.inner is not None:
        known = step.known
        if known is None or (known.role and step.code is not None):
            codes.append(step.code)
        elif step.exact:
            codes.append(_At(known.code, step.lasti))
        else:
            codes.append(_NEVER if known.reader is None else _Acting(known, step.value))
        step = step.inner
    codes.reverse()
    return tuple(codes)


def _leave(frame: FrameType | None, marks: tuple[tuple[int, Callers], ...]) -> None:
    here, at = frame, 0
    for hop, callers in marks:
        while at < hop and here is not None:
            here = here.f_back
            at += 1
        if here is None:
            return
        trace = here.f_trace
        if trace is None or isinstance(trace, Callers):
            here.f_trace = callers


def frame_at(frame: FrameType, distance: int) -> FrameType:
    """The frame that a hit stands for: `distance` outward of the one that was captured."""
    for _ in range(distance):
        outer = frame.f_back
        if outer is None:
            raise LookupError("the stack is shorter than its capture")
        frame = outer
    return frame

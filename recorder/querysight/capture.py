"""The cheap capture of a query's stack: who called, without walking to the outermost frame each time.

Two facts make it cheap. A frame that is not a generator's keeps its callers, each at the same instruction, for as long as it
lives; so what is known of them can be kept on the frame itself, in `f_trace`, where it dies with the frame. And the frames
further in are nearly always those of the query before; so they are compared with a prediction, one after the other.

Where the walk after the last one is the same as the last time, a comparison of its frames is all (`_Leaf.following`). Else the
walk goes outward to the first frame that carries a `Callers`, to the scope's base frame, or to the end, and notes a number for
each frame. The numbers lead to the `Callers` of the whole stack: an interned object, on which the rest of the recorder keeps
all that follows from the stack alone.

Most stacks of a test suite are new, and what is kept of them makes the program's garbage collections longer: so it is little,
and where it can be of integers, which the collector need not visit.

`f_trace` is only ever used where nobody traces: nothing is marked while this thread has a trace function, a foreign value is
never overwritten, and a `Callers` is falsy, callable and answers None, which is what a tracer that starts late takes for "no
local trace function" (`trace_trampoline` in CPython's Python/sysmodule.c).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from itertools import count
from types import CodeType, FrameType
from typing import Any, NamedTuple, Protocol, cast

from .files import Files
from .frames import CARRIER, UNSEEN, Codes, Known, Place, PlaceReader, Role, next_token

# Generators, coroutines and asynchronous generators are called by somebody else each time they go on: never marked.
_SUSPENDABLE = 0x20 | 0x80 | 0x200
# Walks longer than this leave marks: on the innermost user frames, and further out ever more sparsely.
_LONG = 10
_MARKED_USER_FRAMES = 3
_HOPS = (12, 20, 34, 60, 110, 200, 400, 800)
# Longer walks are the first of their kind in a test and seldom come again.
_MAX_PREDICTED = 48
# Everything is forgotten and learnt anew beyond so many walks: some 50 MB.
_MAX_WALKS = 40_000

_CAN_MARK = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()
_traces = sys.gettrace


class Hit(NamedTuple):
    """A frame of Django's whose code has a role, `distance` frames outward."""

    known: Known
    distance: int


class Inner:
    """The frames with a role further in than the first site of a stack, innermost first; many stacks share one.

    `kept` belongs to those who read the frames again and again.
    """

    __slots__ = ("hits", "kept")

    def __init__(self, hits: tuple[Hit, ...]) -> None:
        self.hits = hits
        self.kept: Any = None


class Callers:
    """What is known of a stack, from some frame outward; equal stacks are one object once they were met twice.

    `number` stands for it among a walk's tokens, `stack` is the stack's id, `edge` the site of the innermost user frame or place
    that is no method of a manager or queryset, nor of a decorator of one (0: there is none), `inner` the frames with a role
    further in than that, `prefetching` tells whether `prefetch_related` is at work anywhere on the stack. `construction` belongs
    to those who ask for the stack again and again.
    """

    __slots__ = ("construction", "edge", "inner", "number", "prefetching", "stack")

    def __init__(self, number: int, stack: int, edge: int, inner: Inner, prefetching: bool) -> None:
        self.number = number
        self.stack = stack
        self.edge = edge
        self.inner = inner
        self.prefetching = prefetching
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

    __slots__ = ("callers", "codes", "final", "following", "found", "marks")

    def __init__(self, callers: Callers, marks: tuple[tuple[int, Callers], ...], found: Callers | None) -> None:
        self.callers = callers
        self.marks = marks
        self.codes: tuple[Any, ...] = ()
        self.final: Any = _NEVER
        self.found = found
        self.following: _Leaf = self


# The token of a frame that was called into by another thread or event loop.
_CARRIED = next_token()
# Code that runs nowhere: a carrier's callers are looked up each time.
_NEVER = compile("", "", "exec")
_NOTHING = Inner(())


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
        self._numbers = count(1)
        self.nobody = self._mine(0, 0, 0, _NOTHING, False)
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
        self._leaves: dict[tuple[int, ...], _Leaf | None] = {}
        self._interned: dict[tuple[int, int, int, bool], Callers] = {}
        self._inners: dict[tuple[Hit, ...], Inner] = {}
        self._places: dict[Place, int] = {}
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
        """The leaf of a stack, whatever was expected.

        A frame's token is 0 for a library's, the site's id for a user's, and else below 0. The first is what the walk found.
        """
        tokens = [0]
        frames: list[FrameType] = []
        add, note, known_of, mine = tokens.append, frames.append, self.known.get, self._mine
        here = frame
        found: Callers | None = None
        while here is not None:
            note(here)
            known = known_of(id(here.f_code), UNSEEN)
            if known is not None:
                if known is UNSEEN:
                    known = self.of(here)
                if known is None:
                    add(0)
                elif not known.role:
                    lasti = here.f_lasti
                    add(known.sites.get(lasti) or self._site(known, lasti))
                elif known.reader is not None:
                    add(self._place(known.reader(here)))
                elif known.role is CARRIER:
                    caller = carried.get()
                    if caller.__class__ is mine:
                        found = caller
                        add(_CARRIED)
                        break
                    add(0)
                else:
                    add(known.token)
            else:
                add(0)
            if here is base:
                break
            trace: Any = here.f_trace
            if trace is not None and trace.__class__ is mine:
                found = cast(Callers, trace)
                break
            here = here.f_back
        if found is not None:
            tokens[0] = found.number
        key = tuple(tokens)
        leaf = self._leaves.get(key)
        if leaf is None:
            leaf = self._learn(key, frames, found)
        last, self._last = self._last, leaf
        last.following, self._base = leaf, id(base)
        if leaf is not last and leaf.marks and mark and _CAN_MARK and _traces() is None:
            for hop, callers in leaf.marks:
                trace = frames[hop].f_trace
                if trace is None or isinstance(trace, Callers):
                    frames[hop].f_trace = callers
        return leaf

    def _site(self, known: Known, lasti: int) -> int:
        with self._learning:
            found = known.sites[lasti] = self._stacks.python_site(known, lasti)
        return found

    def _place(self, place: Place | None) -> int:
        """The token of a place; a frame that acts for none is a library's."""
        if place is None:
            return 0
        found = self._places.get(place)
        if found is None:
            with self._learning:
                found = self._places[place] = next_token()
        return found

    def _learn(self, key: tuple[int, ...], frames: Sequence[FrameType], found: Callers | None) -> _Leaf:
        """Put the stack together: what the walk passed, on top of what it found. It is kept from its second time on."""
        with self._learning:
            again = key in self._leaves
            leaf = self._compose(key, frames, self.nobody if found is None else found, found, again)
            if not again:
                self._leaves[key] = None
                if len(self._leaves) > _MAX_WALKS:
                    self._forget()
            else:
                self._leaves[key] = leaf
                if 0 < len(frames) <= _MAX_PREDICTED:
                    codes = [self._expected(here) for here in frames]
                    leaf.final = codes.pop()
                    leaf.codes = tuple(codes)
            return leaf

    def _compose(
        self, key: tuple[int, ...], frames: Sequence[FrameType], outer: Callers, found: Callers | None, keep: bool
    ) -> _Leaf:
        """`frames` are those that the walk passed, innermost first, `outer` is what is known of the frames beyond them."""
        length = len(frames)
        notable = [hop for hop, token in enumerate(key, -1) if token and hop >= 0]
        hops = _to_mark([hop for hop in notable if key[hop + 1] > 0], frames) if length > _LONG else []
        stack, edge, prefetching = outer.stack, outer.edge, outer.prefetching
        # By hops: those of the frames beyond the walk are its length and more. What called into this thread has frames of its own
        # thread, which are not outward of these: of it only counts that somebody is signing in.
        carries = key[-1] == _CARRIED
        beyond = [hit for hit in outer.inner.hits if hit.known.role == self._carried] if carries else outer.inner.hits
        hits = [Hit(hit.known, length + hit.distance) for hit in reversed(beyond)]
        marks: list[tuple[int, Callers]] = []
        # Edge and hits of a decorator's caller, which hold on where the decorated function is a manager's method.
        around: tuple[int, list[Hit]] | None = None
        for hop in reversed(notable):
            # What they say is of the frames outward of theirs.
            while hops and hops[-1] >= hop:
                mark = hops.pop()
                if around is None:
                    marks.append((mark, self._intern(stack, edge, hits, mark + 1, prefetching)))
            token = key[hop + 1]
            known = self.of(frames[hop])
            if known is None or token == _CARRIED:
                continue
            if token > 0:
                stack = self._stacks.push(stack, token)
                if known.in_manager:
                    if around is not None:
                        edge, hits = around[0], around[1] + hits
                    around = None
                else:
                    outside = (edge, hits) if around is None else (around[0], around[1] + hits)
                    around = outside if known.passes_on(frames[hop].f_lasti) else None
                    edge, hits = token, []
            elif known.reader is not None:
                place = known.reader(frames[hop])
                if place is not None:
                    stack, edge = self._stacks.push_place(stack, place)
                    hits, around = [], None
            else:
                hits.append(Hit(known, hop))
                prefetching = prefetching or known.role == self._prefetch
        for mark in reversed(hops):
            if around is None:
                marks.append((mark, self._intern(stack, edge, hits, mark + 1, prefetching)))
        return _Leaf(self._intern(stack, edge, hits, 0, prefetching, keep), tuple(marks), found)

    def _intern(
        self, stack: int, edge: int, hits: Sequence[Hit], innermost: int, prefetching: bool, keep: bool = True
    ) -> Callers:
        inner = _NOTHING
        if hits:
            distances = tuple([Hit(known, hop - innermost) for known, hop in reversed(hits)])
            found = self._inners.get(distances)
            inner = self._inners.setdefault(distances, Inner(distances)) if found is None else found
        key = (stack, edge, id(inner), prefetching)
        callers = self._interned.get(key)
        if callers is None:
            callers = self._mine(next(self._numbers), stack, edge, inner, prefetching)
            if keep:
                self._interned[key] = callers
        return callers

    def _expected(self, frame: FrameType) -> Any:
        """What a frame is compared with where its walk is predicted."""
        known = self.of(frame)
        if known is None:
            return frame.f_code
        if not known.role:
            return _At(known.code, frame.f_lasti)
        if known.reader is not None:
            return _Acting(known, known.reader(frame))
        return _NEVER if known.role is CARRIER else known.code


def _to_mark(users: Sequence[int], frames: Sequence[FrameType]) -> list[int]:
    """The hops of the frames that take a mark: the first that live on in one piece, from where one is due."""
    hops: list[int] = []
    # The outermost has told all it knows.
    end = len(frames) - 1
    for hop in sorted({*users[:_MARKED_USER_FRAMES], *_HOPS}):
        if hop >= end:
            break
        if hops and hops[-1] >= hop:
            continue
        while hop < end and frames[hop].f_code.co_flags & _SUSPENDABLE:
            hop += 1
        if hop < end:
            hops.append(hop)
    return hops


def frame_at(frame: FrameType, distance: int) -> FrameType:
    """The frame that a hit stands for: `distance` outward of the one that was captured."""
    for _ in range(distance):
        outer = frame.f_back
        if outer is None:
            raise LookupError("the stack is shorter than its capture")
        frame = outer
    return frame

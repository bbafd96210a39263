"""Random programs whose every capture is compared with a full walk over all frames.

Recursion, loops, comprehensions, generators that are resumed by others, coroutines, threads, `__del__`, properties, kept
exceptions, callbacks from C, code that is made and thrown away while its addresses are used again, roles and places on the way,
and scopes' base frames. Run by hand for longer: ``python tests/capture_fuzz.py plain|threads|async SECONDS SEED``.
"""

from __future__ import annotations

import asyncio
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from querysight.capture import Callers, Walker
from querysight.files import Files
from querysight.frames import Place
from querysight.tables import Tables

_USER, _LIBRARY = "/fuzz-app/", "/fuzz-library/"

# `step` chooses what a user function does next; the same text is also a library's, whose frames are no sites.
_PROGRAM = """
def {n}(depth, chance):
    if depth <= 0 or spent():
        return query()
    choice = chance.randrange(15)
    if choice == 0:
        for _ in range(chance.randrange(1, 4)):
            call(depth - 2, chance)
        return
    if choice == 1:
        return [call(depth - 2, chance) for _ in range(chance.randrange(3))]
    if choice == 2:
        for _ in generator(depth - 1, chance):
            query()
        return
    if choice == 3:
        return list(map(lambda _: call(depth - 2, chance), range(chance.randrange(3))))
    if choice == 4:
        try:
            call(depth - 1, chance)
            raise ValueError
        except ValueError as error:
            kept.append(error)
            del kept[:-20]
            query()
        return
    if choice == 5:
        thing = Thing(depth - 2, chance)
        thing.load
        thing[0]
        return query()
    if choice == 6:
        dying = Dying(depth - 2, chance)
        del dying
        return
    if choice == 7:
        suspended.append(generator(depth - 1, chance))
        if len(suspended) > 20:
            suspended.pop(chance.randrange(len(suspended)))
        return
    if choice == 8 and suspended:
        resumed = suspended.pop(chance.randrange(len(suspended)))
        try:
            next(resumed); query(); next(resumed)
        except (StopIteration, ValueError):
            pass
        return
    if choice == 9:
        for _ in range(6):
            query() if chance.random() < 0.5 else query()
        query(); query()
        query(); return call(depth - 1, chance)
    if choice == 10:
        return sorted(range(2), key=lambda value: (call(depth - 3, chance), value)[1]) and None
    if choice == 11:
        return placed(depth - 1, chance)
    if choice == 12 and chance.random() < 0.5:
        for place in (1, 2, 1, 2, 0, 1):
            shown(place)
        return
    if choice == 12:
        return role(depth - 1, chance)
    if choice == 13:
        method = manager.method if chance.random() < 0.7 else call
        for _ in range(chance.randrange(3)):
            method = {n}_decorated(method)
        return method(depth - 1, chance)
    return call(depth - 1, chance)

class {n}_Manager(Manager):
    def method(self, depth, chance):
        query()
        role(depth - 1, chance) if chance.random() < 0.5 else call(depth - 1, chance)
        return [call(depth - 2, chance) for _ in range(chance.randrange(2))]

manager = {n}_Manager()

def {n}_decorated(function):
    def wrapper(*args):
        if args[-1].random() < 0.3:
            query()
        return role_of(function, *args) if args[-1].random() < 0.3 else function(*args)
    return wrapper

def {n}_generator(depth, chance):
    yield query()
    if chance.random() < 0.5 and depth > 0:
        yield from generator(depth - 2, chance)
    try:
        yield call(depth - 2, chance)
    finally:
        query()

async def {n}_coroutine(depth, chance):
    query()
    if depth <= 0:
        return
    choice = chance.randrange(4)
    if choice == 0:
        await coroutine(depth - 1, chance)
    elif choice == 1:
        await asyncio.sleep(0)
        query()
    elif choice == 2:
        await asyncio.gather(coroutine(depth - 2, chance), coroutine(depth - 2, chance))
    call(depth - 2, chance)
"""
_LIBRARY_PROGRAM = '''
def call(depth, chance):
    return chance.choice(functions)(depth, chance)

def generator(depth, chance):
    return chance.choice(generators)(depth, chance)

def coroutine(depth, chance):
    return chance.choice(coroutines)(depth, chance)

def placed(depth, chance):
    place = chance.randrange(3)
    return call(depth, chance)

def shown(place):
    return query()

def role(depth, chance):
    return call(depth, chance)

def role_of(function, depth, chance):
    return function(depth, chance)

class Manager:
    pass

class Thing:
    def __init__(self, depth, chance):
        self.depth, self.chance = depth, chance

    @property
    def load(self):
        return call(self.depth, self.chance)

    def __getitem__(self, index):
        return call(self.depth, self.chance)

class Dying(Thing):
    def __del__(self):
        query()

class scope:
    """A runner: its frame is the base of what it runs."""
    def run(self, depth, chance):
        return based(depth, chance, call)
'''


class UserFiles(Files):
    """Judges by the made-up folders."""

    def user_path(self, filename: str) -> str | None:
        return filename if filename.startswith(_USER) else None


class Numbers:
    """Gives sites and stacks their ids as `Tables` does, without reading files: a site is (code name and file, line, column)."""

    def __init__(self) -> None:
        self.sites: list[Any] = [None]
        self._site_ids: dict[Any, int] = {}
        self.stacks: list[tuple[int, int]] = [(0, 0)]
        self._stack_ids: dict[tuple[int, int], int] = {}
        self._fold = Tables(UserFiles(Path("/")), 0)._fold

    def _site(self, key: Any) -> int:
        if key not in self._site_ids:
            self._site_ids[key] = len(self.sites)
            self.sites.append(key)
        return self._site_ids[key]

    def python_site(self, known: Any, lasti: int) -> int:
        return self._site((known.code, self._fold(known.code, lasti)[0]))

    def push(self, stack: int, site: int) -> int:
        key = (stack, site)
        if key not in self._stack_ids:
            self._stack_ids[key] = len(self.stacks)
            self.stacks.append(key)
        return self._stack_ids[key]

    def push_place(self, stack: int, place: Place) -> tuple[int, int]:
        site = self._site(place)
        return self.push(stack, site), site

    def spelled(self, stack: int) -> list[Any]:
        """The sites of a stack, innermost first."""
        sites = []
        while stack:
            stack, site = self.stacks[stack]
            sites.append(self.sites[site])
        return sites


class Fuzz:
    """Builds programs, runs them, and keeps what differed."""

    def __init__(self, seed: int) -> None:
        self.numbers = Numbers()
        self.walker = Walker(UserFiles(Path("/")), lambda value: isinstance(value, self._names["Manager"]), self.numbers)
        self.captures = self.marked = 0
        self.mismatches: list[str] = []
        self._chance = random.Random(seed)
        self._local = threading.local()
        self._names: dict[str, Any] = {
            "query": self._query,
            "spent": self._spent,
            "based": self._based,
            "asyncio": asyncio,
            "kept": [],
            "suspended": [],
            "functions": [],
            "generators": [],
            "coroutines": [],
        }
        exec(compile(_LIBRARY_PROGRAM, f"{_LIBRARY}core.py", "exec"), self._names)
        self._placed = [self._names[name].__code__ for name in ("placed", "shown")]
        for code in self._placed:
            self.walker.register_place(code, self._place)
        self._roles = [self._names[name].__code__ for name in ("role", "role_of")]
        for code in self._roles:
            self.walker.register(code, "role")
        for number in range(6):
            self._add(f"{_USER if number % 3 else _LIBRARY}module{number}.py")

    def run(self, mode: str, seconds: float, captures: int = sys.maxsize) -> None:
        """Run programs until the time is over or there were so many captures; `mode` is plain, threads or async."""
        end = time.monotonic() + seconds
        self._most = captures
        if mode != "threads":
            self._run(mode, end, self._chance.randrange(1 << 30))
            return
        # A list of suspended generators is shared: one thread may resume what another began.
        threads = [threading.Thread(target=self._run, args=(mode, end, seed)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run(self, mode: str, end: float, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < end and self.captures < self._most and not self.mismatches:
            self._local.budget = 400
            self._local.base = None
            try:
                if mode == "async":
                    asyncio.run(self._names["coroutine"](chance.randrange(1, 10), chance))
                elif chance.random() < 0.3:
                    self._names["scope"]().run(chance.randrange(1, 30), chance)
                else:
                    self._names["call"](chance.randrange(1, 40), chance)
            except (RecursionError, RuntimeError, ValueError):
                pass
            if chance.random() < 0.02:
                self._add(f"{_USER}dynamic{chance.randrange(1000)}.py", chance)
            if chance.random() < 0.002:
                self.walker._forget()

    def _add(self, filename: str, chance: random.Random | None = None) -> None:
        """Compile a module; with `chance` it takes another's place, whose code objects may die."""
        names = dict(self._names)
        exec(compile(_PROGRAM.format(n="function"), filename, "exec"), names)
        for kind, name in (("functions", "function"), ("generators", "function_generator"), ("coroutines", "function_coroutine")):
            known = self._names[kind]
            if chance is None:
                known.append(names[name])
            else:
                known[chance.randrange(len(known))] = names[name]

    def _spent(self) -> bool:
        self._local.budget = getattr(self._local, "budget", 400) - 1
        return self._local.budget < 0

    def _based(self, depth: int, chance: random.Random, call: Callable[..., Any]) -> Any:
        """Run with this frame as the base, as a test's scope does."""
        if getattr(self._local, "base", None) is not None:
            return call(depth, chance)
        self._local.base = sys._getframe()
        try:
            return call(depth, chance)
        finally:
            self._local.base = None

    def _place(self, frame: FrameType) -> Place | None:
        place = frame.f_locals["place"]
        return None if place == 0 else Place("template", f"{_USER}page.html", place, "tag", "")

    def _query(self) -> None:
        base = getattr(self._local, "base", None)
        frame = sys._getframe(1)
        # As the engine does: no scope, no marks.
        callers = self.walker.capture(frame, base, base is not None or self._chance.random() < 0.9)
        self.captures += 1
        expected = self._walked(frame, base)
        found = self.numbers.spelled(callers.stack)
        hits = [hit.distance for hit in callers.inner.hits]
        edge = self.numbers.sites[callers.edge]
        if (found, hits, edge) != expected:
            self.mismatches.append(f"{found} {hits} {edge}\n  instead of {expected}")

    def _walked(self, frame: FrameType | None, base: FrameType | None) -> tuple[list[Any], list[int], Any]:
        """The truth: (sites innermost first, distances of roles further in than the edge, the edge).

        The edge is the first site that is not in a manager's method, nor in a decorator's function around one.
        """
        sites: list[Any] = []
        hits: list[int] = []
        edge: Any = None
        in_manager = False
        distance = 0
        while frame is not None:
            code = frame.f_code
            self.marked += isinstance(frame.f_trace, Callers)
            if code.co_filename.startswith(_USER):
                sites.append((code, self.numbers._fold(code, frame.f_lasti)[0]))
                # A comprehension of a method's is a frame of its own before Python 3.12.
                within = "_Manager.method" in code.co_qualname
                in_manager = within or (in_manager and code.co_name == "wrapper")
                edge = edge or (None if in_manager else sites[-1])
            elif code in self._placed:
                place = self._place(frame)
                if place is not None:
                    sites.append(place)
                    edge, in_manager = edge or place, False
            elif code in self._roles and edge is None:
                hits.append(distance)
            if frame is base:
                break
            frame = frame.f_back
            distance += 1
        return sites, hits, edge


if __name__ == "__main__":
    mode, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    sys.setrecursionlimit(500)
    sys.setswitchinterval(1e-5)
    fuzz = Fuzz(seed)
    fuzz.run(mode, seconds)
    print(
        sys.version.split()[0],
        mode,
        seed,
        f"{fuzz.captures} captures, {len(fuzz.mismatches)} mismatches, {fuzz.marked} marks met",
    )
    print(*fuzz.mismatches[:3], sep="\n")
    sys.exit(bool(fuzz.mismatches))

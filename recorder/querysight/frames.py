"""What a code object means to the recorder: a user's code, Django's code with a role, or neither."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dis import opmap
from inspect import CO_VARARGS
from itertools import count, islice
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .files import Files

Role = str


class Place(NamedTuple):
    """Where a frame of a library's stands in the user's own files, if it acts for something written there.

    `kind` is the site's (docs/segment-format.md), `path` the real path of a user file of this `language`, `line` and
    `end_line` count from 1 and columns from 0 in UTF-8 bytes, `text` is what is written there (a template's tag, a
    serializer's field), `name` what it stands in (a serializer's class), and for a Django template the block that it opens.
    `modified_ns` is when the file was saved that a Jinja template was loaded from, 0 where it was saved again since.
    """

    kind: str
    path: str
    line: int
    text: str | None
    name: str
    language: str = "django-template"
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    modified_ns: int | None = None


PlaceReader = Callable[[FrameType], "Place | None"]

# Below 0, each another.
next_token = count(-1, -1).__next__


class Known:
    """What is known of a code object.

    `role` is the name under which `causes.py` reads its frame ("" for a user frame), `name` the method, `kind` the cause's
    kind where the role has several, `reader` what finds the place of a PLACE frame, `wraps` tells that the code may be a
    decorator's. `code` pins the code object, so that its id is not given to another while it is a key.
    `token` stands for a role among integers; `sites` are a user code's by the instruction at which a frame stands.
    """

    __slots__ = ("code", "in_manager", "kind", "name", "reader", "real", "role", "sites", "token", "wraps")

    def __init__(
        self,
        code: CodeType,
        role: Role = "",
        name: str = "",
        kind: str = "",
        real: str = "",
        in_manager: bool = False,
        reader: PlaceReader | None = None,
    ) -> None:
        self.code = code
        self.reader = reader
        self.role = role
        self.name = name
        self.kind = kind
        self.real = real
        self.in_manager = in_manager
        self.wraps = not role and not in_manager and bool(code.co_flags & CO_VARARGS and code.co_freevars)
        self.token = next_token()
        self.sites: dict[int, int] = {}

    def passes_on(self, lasti: int) -> bool:
        """True where a decorator's code calls with all that it was given, `function(*args)`. What it calls otherwise is its own
        affair: a manager's method that looks up who asks."""
        return self.wraps and self.code.co_code[lasti] == _CALL_WITH_ALL


_CALL_WITH_ALL = opmap["CALL_FUNCTION_EX"]

PLACE: Role = "place"
CARRIER: Role = "carrier"
UNSEEN = Known((lambda: None).__code__)


class Codes:
    """`known` maps `id(code)` to a Known, or None for library code without a role: one look-up, and no code object is hashed."""

    def __init__(self, files: Files, is_manager: Callable[[object], bool]) -> None:
        self.known: dict[int, Known | None] = {}
        self._pinned: list[CodeType] = []
        self._generated: list[tuple[str, PlaceReader]] = []
        self._files = files
        self._is_manager = is_manager
        self._lock = threading.Lock()

    def register(self, code: CodeType, role: Role, name: str = "", kind: str = "") -> None:
        """Give a code object of Django's a role; also where it was met before as one without."""
        self.known[id(code)] = Known(code, role, name, kind)

    def register_place(self, code: CodeType, reader: PlaceReader) -> None:
        """Make a library's frames sites wherever `reader` finds their place; it reads what stands still while the frame waits."""
        self.known[id(code)] = Known(code, PLACE, reader=reader)

    def register_generated(self, marker: str, reader: PlaceReader) -> None:
        """The same for code that a library generates from user files, known by a name among its globals."""
        self._generated.append((marker, reader))

    def forked(self) -> None:
        """Take a new lock: a thread that is gone may have held the old one."""
        self._lock = threading.Lock()

    def of(self, frame: FrameType) -> Known | None:
        """What is known of the frame's code, found out when it is first met."""
        code = frame.f_code
        found = self.known.get(id(code), UNSEEN)
        return self._classify(code, frame) if found is UNSEEN else found

    def _classify(self, code: CodeType, frame: FrameType) -> Known | None:
        with self._lock:
            if id(code) in self.known:
                return self.known[id(code)]
            real = self._files.user_path(code.co_filename)
            found = None
            reader = next((reader for marker, reader in self._generated if marker in frame.f_globals), None)
            if real is None:
                self._pinned.append(code)
            elif reader is not None:
                found = Known(code, PLACE, reader=reader)
            else:
                found = Known(code, real=real, in_manager=self._in_manager(code, frame))
            self.known[id(code)] = found
            return found

    def _in_manager(self, code: CodeType, frame: FrameType) -> bool:
        """True for a method of a manager or queryset, judged by its first argument when first met.

        A comprehension, lambda or function inside such a method counts as part of it. A decorator's function may serve other
        functions as well, and is no method.
        """
        if code.co_flags & CO_VARARGS and code.co_freevars:
            return False
        names = code.co_varnames
        if code.co_argcount and names[0] in {"self", "cls"}:
            return self._is_manager(variable(frame, names[0]))
        outer = frame.f_back
        return outer is not None and _is_within(code, outer.f_code) and self._in_manager(outer.f_code, outer)


def _is_within(code: CodeType, outer: CodeType) -> bool:
    """True if the code's function is written inside that of its caller; before Python 3.11 known of those without a name only."""
    if code.co_filename != outer.co_filename or code.co_name == "<module>":
        return False
    within = f"{getattr(outer, 'co_qualname', '')}.<locals>."
    return code.co_name[:1] == "<" or str(getattr(code, "co_qualname", "")).startswith(within)


def variable(frame: FrameType, name: str) -> Any:
    """A local variable of a user's running function; None where it is not set.

    Before Python 3.13 the frame keeps a copy of all its variables once it was asked for one, and so keeps alive what the function
    has let go of since. Nobody else having that copy, it is emptied.
    """
    values = frame.f_locals
    found = values.get(name)
    if values.__class__ is dict and sys.getrefcount(values) <= _HELD_BY_US:
        values.clear()
    return found


# By the frame, by `variable` and by the call of `getrefcount`.
_HELD_BY_US = 3


def positions_up_to(code: CodeType, index: int) -> list[tuple[int | None, int | None, int | None, int | None]] | None:
    """`co_positions()` as (line, endLine, column, endColumn) of an instruction and those before it, or None before Python 3.11.

    Not kept: the list of a long function is large, and most of its instructions call nothing that queries.
    """
    positions = getattr(code, "co_positions", None)
    return None if positions is None else list(islice(positions(), index + 1))

"""The walk over a query's frames: one dictionary look-up a frame, keyed on the code object's identity.

This is the only module that knows how a stack is captured; a cheaper capture replaces `Walker.capture` and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any, NamedTuple

from .files import Files

# The stack id of the user frames that called into another thread or event loop (see asynchrony.py).
carried_stack: ContextVar[int] = ContextVar("querysight_carried_stack", default=0)

Role = str


class Known:
    """What is known of a code object.

    `role` is the name under which `causes.py` reads its frame ("" for a user frame), `name` the method, `kind` the cause's
    kind where the role has several. `code` pins the code object, so that its id is not given to another while it is a key.
    """

    __slots__ = ("code", "in_manager", "kind", "name", "real", "role")

    def __init__(
        self,
        code: CodeType,
        role: Role = "",
        name: str = "",
        kind: str = "",
        real: str = "",
        in_manager: bool = False,
    ) -> None:
        self.code = code
        self.role = role
        self.name = name
        self.kind = kind
        self.real = real
        self.in_manager = in_manager


TEMPLATE: Role = "template"
CARRIER: Role = "carrier"
_UNSEEN = Known((lambda: None).__code__)


class Hit(NamedTuple):
    """A frame of Django's whose code has a role."""

    known: Known
    frame: FrameType


class Capture(NamedTuple):
    """One walk, innermost frame first.

    `key` identifies the stack: `id(code), f_lasti` for a user frame, `origin, line, contents, block` for a template node,
    and last the carried stack's id. `hits[:inner]` stand further in than the first user frame or template node that is no
    method of a manager or queryset; `edge` is how many items of `key` that place and those inside it take (0: there is none).
    """

    key: tuple[Any, ...]
    hits: list[Hit]
    inner: int
    edge: int


class Walker:
    """Walks frames outward. `known` maps `id(code)` to a Known, or None for library code without a role."""

    def __init__(self, files: Files, is_manager: Callable[[object], bool]) -> None:
        self.known: dict[int, Known | None] = {}
        self._pinned: list[CodeType] = []
        self._files = files
        self._is_manager = is_manager
        self._lock = threading.Lock()

    def register(self, code: CodeType, role: Role, name: str = "", kind: str = "") -> None:
        """Give a code object of Django's a role; also where it was met before as one without."""
        self.known[id(code)] = Known(code, role, name, kind)

    def capture(self, frame: FrameType | None, base: FrameType | None, stop: Role | None = None) -> Capture:
        """Walk from `frame` outward to `base` (included), to the first frame of the role `stop`, or to the end.

        The caller must not keep the hits' frames.
        """
        known = self.known
        key: list[Any] = []
        hits: list[Hit] = []
        inner = edge = -1
        carried = 0
        while frame is not None:
            code = frame.f_code
            info = known.get(id(code), _UNSEEN)
            if info is _UNSEEN:
                info = self._classify(code, frame)
            if info is not None:
                role = info.role
                if not role:
                    key.append(id(code))
                    key.append(frame.f_lasti)
                    if inner < 0 and not info.in_manager:
                        inner, edge = len(hits), len(key)
                elif role is TEMPLATE:
                    if self._template(frame, key) and inner < 0:
                        inner, edge = len(hits), len(key)
                elif role is CARRIER:
                    carried = carried_stack.get()
                    if carried:
                        break
                else:
                    hits.append(Hit(info, frame))
                    if role is stop:
                        break
            if frame is base:
                break
            frame = frame.f_back
        key.append(carried)
        if inner < 0:
            inner, edge = len(hits), 0
        return Capture(tuple(key), hits, inner, edge)

    def _template(self, frame: FrameType, key: list[Any]) -> bool:
        """Add the node of a `Node.render_annotated` frame if its template is a user file.

        `origin` and `token` are set by `Parser.extend_nodelist` (django/template/base.py), with and without debug.
        """
        node = frame.f_locals["self"]
        origin, token = getattr(node, "origin", None), getattr(node, "token", None)
        if origin is None or token is None or self._files.user_path(origin.name) is None:
            return False
        key.append(origin.name)
        key.append(token.lineno)
        key.append(token.contents)
        key.append(getattr(node, "name", "") if type(node).__name__ == "BlockNode" else "")
        return True

    def _classify(self, code: CodeType, frame: FrameType) -> Known | None:
        with self._lock:
            if id(code) in self.known:
                return self.known[id(code)]
            real = self._files.user_path(code.co_filename)
            found = None
            if real is None:
                self._pinned.append(code)
            else:
                found = Known(code, real=real, in_manager=self._in_manager(code, frame))
            self.known[id(code)] = found
            return found

    def _in_manager(self, code: CodeType, frame: FrameType) -> bool:
        """True for a method of a manager or queryset, judged by its first argument when first met.

        A comprehension or lambda inside such a method counts as part of it.
        """
        names = code.co_varnames
        if code.co_argcount and names[0] in {"self", "cls"}:
            return self._is_manager(frame.f_locals.get(names[0]))
        outer = frame.f_back
        if code.co_name[:1] == "<" and code.co_name != "<module>" and outer is not None:
            same_file = outer.f_code.co_filename == code.co_filename
            return same_file and self._in_manager(outer.f_code, outer)
        return False


def position_table(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]] | None:
    """`co_positions()` as (line, endLine, column, endColumn) an instruction, or None before Python 3.11."""
    positions = getattr(code, "co_positions", None)
    return None if positions is None else list(positions())

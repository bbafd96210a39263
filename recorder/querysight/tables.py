"""The segment's tables: sites, stacks, constructions, causes, statements, origins.

Each record gets its id once and is written when first referred to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple

from . import statements
from .files import Files, UserFile
from .frames import Known, Place, position_table

MAX_STACK = 128
MAX_TOKEN = 200
# A site that has shown this many statements builds its SQL by hand: literals are folded from then on.
MAX_STATEMENTS_PER_STACK = 50
_MAX_SQL_CACHE = 10_000


class Cause(NamedTuple):
    """Why a query ran; see `cause` in docs/segment-format.md."""

    kind: str
    model: str | None = None
    field: str | None = None
    lookup: str | None = None
    api: str | None = None
    path: str | None = None
    refined: bool = False
    target: str | None = None


class Origin(NamedTuple):
    """What loaded an instance: the row and the lookup path through that row's own joins."""

    row: int
    path: str


class _Block(NamedTuple):
    """The template and block in which a stack ends; `opens` where what follows stands in the block whatever template it is of."""

    path: str
    name: str
    opens: bool


_NO_BLOCK = _Block("", "", False)


class Statement(NamedTuple):
    """A statement's id and verb."""

    id: int
    verb: str


class Tables:
    """Interns records and writes each once per segment, those it refers to first.

    Ids live as long as the process; what was written is forgotten at a fork, since the child has its own segment.
    """

    def __init__(self, files: Files, started_ns: int) -> None:
        self.lock = threading.RLock()
        self._files = files
        self._started_ns = started_ns
        self._records: dict[str, dict[int, dict[str, Any]]] = {
            kind: {} for kind in ("site", "stack", "construction", "statement", "cause")
        }
        self._written: dict[str, set[int]] = {}
        self._positions: dict[int, Any] = {}
        # By id(code) and f_lasti; the codes are pinned by their Known.
        self._folded: dict[tuple[int, int], tuple[int, int, int, int | None, int | None]] = {}
        self._sites: dict[tuple[Any, ...], int] = {}
        self._stacks: dict[tuple[int, int], int] = {}
        self._depths: list[int] = [0]
        self._blocks: dict[int, _Block] = {}
        self._bounded: dict[int, int] = {}
        self._constructions: dict[tuple[int, int], int] = {}
        self._causes: dict[Cause, int] = {}
        self._sql: dict[str, Statement] = {}
        self._statements: dict[str, Statement] = {}
        self._per_stack: dict[int, set[int]] = {}
        self.origins: list[Origin] = [Origin(0, "")]
        self._origin_ids: dict[Origin, int] = {}
        self._first_origin = 1
        self.forget_written()

    # Interning

    def push(self, stack: int, site: int) -> int:
        """The id of a stack with one more site, the innermost."""
        found = self._stacks.get((stack, site))
        if found is None:
            with self.lock:
                found = self._stacks.get((stack, site))
                if found is None:
                    found = self._add("stack", {"parent": stack, "site": site})
                    self._depths.append(self._depths[stack] + 1)
                    if stack in self._blocks:
                        self._blocks[found] = self._blocks[stack]
                    self._stacks[(stack, site)] = found
        return found

    def push_place(self, stack: int, place: Place) -> tuple[int, int]:
        """(stack id with the place on top, its site). A template node's block is that of the nearest block tag around it in the
        same template."""
        with self.lock:
            if place.language != "django-template":
                site = self._place_site(place, place.name)
                return self.push(stack, site), site
            around = self._blocks.get(stack, _NO_BLOCK)
            block = around.name if around.path == place.path or around.opens else ""
            site = self._place_site(place, block)
            found = self.push(stack, site)
            opens = bool(place.name) or (place.text or "").startswith("extends")
            self._blocks[found] = _Block(place.path, place.name or block, opens)
            return found, site

    def bounded(self, stack: int) -> int:
        """The id of the stack as it is written: of more than MAX_STACK sites the outermost and the innermost halves."""
        if self._depths[stack] <= MAX_STACK:
            return stack
        found = self._bounded.get(stack)
        if found is None:
            sites = []
            outer = stack
            while outer:
                record = self._records["stack"][outer]
                sites.append(record["site"])
                outer = record["parent"]
            sites.reverse()
            found = 0
            for site in sites[: MAX_STACK // 2] + sites[-MAX_STACK // 2 :]:
                found = self.push(found, site)
            self._bounded[stack] = found
        return found

    def construction(self, stack: int, chain: int) -> int:
        """The id of the construction of a queryset made at this stack; 0 where no user frame took part."""
        if not stack:
            return 0
        pair = (self.bounded(stack), chain)
        found = self._constructions.get(pair)
        if found is None:
            with self.lock:
                found = self._constructions.get(pair)
                if found is None:
                    found = self._constructions[pair] = self._add("construction", {"stack": pair[0], "chain": chain})
        return found

    def known_construction(self, identifier: int) -> int:
        """The id, or 0 for one that an earlier recording in this process gave."""
        return identifier if identifier in self._records["construction"] else 0

    def cause(self, cause: Cause) -> int:
        found = self._causes.get(cause)
        if found is None:
            with self.lock:
                found = self._causes.get(cause) or len(self._causes) + 1
                self._causes[cause] = found
                self._records["cause"][found] = cause._asdict()
        return found

    def statement(self, sql: str, stack: int, tables: Callable[[], Iterable[str]]) -> Statement:
        """The statement of an SQL string. `tables` is called at first sight and gives the tables' names."""
        seen = self._per_stack.get(stack)
        if seen is None:
            seen = self._per_stack[stack] = set()
        by_hand = len(seen) >= MAX_STATEMENTS_PER_STACK
        found = None if by_hand else self._sql.get(sql)
        if found is None:
            with self.lock:
                found = self._build_statement(sql, by_hand, tables)
        seen.add(found.id)
        return found

    def origin(self, row: int, path: str) -> int:
        """The id under which instances remember what loaded them."""
        key = Origin(row, path)
        found = self._origin_ids.get(key)
        if found is None:
            with self.lock:
                found = self._origin_ids[key] = len(self.origins)
                self.origins.append(key)
        return found

    def origin_of(self, identifier: int) -> Origin:
        """The origin, or the unknown one for a row that stands in another process's segment."""
        return self.origins[identifier if identifier >= self._first_origin else 0]

    # Writing

    def forget_written(self) -> None:
        """Start a new segment: nothing is written yet, and rows of the old one can no longer be referred to."""
        self.lock = threading.RLock()
        self._written = {kind: set() for kind in (*self._records, "file")}
        self._first_origin = len(self.origins)

    def emit(self, kind: str, identifier: int) -> Iterator[dict[str, Any]]:
        """The record and all that it refers to, unless written before; 0 is nothing."""
        if not identifier or identifier in self._written[kind]:
            return
        self._written[kind].add(identifier)
        record = self._records[kind][identifier]
        if kind == "site":
            yield from self._emit_file(record["file"])
        elif kind == "stack":
            yield from self.emit("stack", record["parent"])
            yield from self.emit("site", record["site"])
        elif kind == "construction":
            yield from self.emit("stack", record["stack"])
            yield from self.emit("site", record["chain"])
        yield {"type": kind, "id": identifier, **record}

    def _emit_file(self, identifier: int) -> Iterator[dict[str, Any]]:
        if identifier in self._written["file"]:
            return
        self._written["file"].add(identifier)
        file = self._files.by_id[identifier]
        yield {
            "type": "file",
            "id": file.id,
            "path": file.path,
            "language": file.language,
            "hash": file.digest,
            "text": file.text,
            "changed": file.changed,
        }

    # Building

    def _add(self, kind: str, record: dict[str, Any]) -> int:
        records = self._records[kind]
        identifier = len(records) + 1
        records[identifier] = record
        return identifier

    def python_site(self, known: Known, lasti: int) -> int:
        """The id of the site of a user frame that stands at an instruction."""
        code = known.code
        place = self._folded.get((id(code), lasti))
        if place is None:
            place = self._folded[(id(code), lasti)] = self._fold(code, lasti)
        index, line, end_line, column, end_column = place
        key = (id(code), index)
        found = self._sites.get(key)
        if found is None:
            file = self._files.code_file(known.real, code, self._started_ns)
            found = self._sites[key] = self._add(
                "site",
                {
                    "file": file.id,
                    "kind": "python",
                    "qualname": getattr(code, "co_qualname", code.co_name),
                    "functionLine": code.co_firstlineno,
                    "line": line,
                    "column": column,
                    "endLine": end_line,
                    "endColumn": end_column,
                    "token": None,
                },
            )
        return found

    def _fold(self, code: CodeType, lasti: int) -> tuple[int, int, int, int | None, int | None]:
        """(index of the first instruction with the same positions, line, endLine, column, endColumn).

        `f_lasti` is not canonical on 3.11 and 3.12, where specialisation moves some call sites within one expression.
        """
        table = self._positions.get(id(code), self)
        if table is self:
            table = self._positions[id(code)] = position_table(code)
        if table is None:
            line = next((n for start, end, n in code.co_lines() if n and start <= lasti < end), code.co_firstlineno)
            return lasti, line, line, None, None
        position = table[lasti // 2]
        line = position[0] or code.co_firstlineno
        index = table.index(position) if position[2] is not None else lasti // 2
        while position[2] is None and index and code.co_code[2 * index] == 0 and table[index - 1] == position:
            index -= 1  # without columns: back over the instruction's inline caches only
        return index, line, position[1] or line, position[2], position[3]

    def _place_site(self, place: Place, qualname: str) -> int:
        key = (place, qualname)
        found = self._sites.get(key)
        if found is None:
            file = self._place_file(place)
            found = self._sites[key] = self._add(
                "site",
                {
                    "file": file.id,
                    "kind": place.kind,
                    "qualname": qualname,
                    "functionLine": 0,
                    "line": place.line,
                    "column": place.column,
                    "endLine": place.end_line or place.line,
                    "endColumn": place.end_column,
                    "token": place.text and place.text[:MAX_TOKEN],
                },
            )
        return found

    def _place_file(self, place: Place) -> UserFile:
        if place.kind != "template":
            return self._files.file(place.path, place.language)
        if place.text is None:
            return self._files.line_file(place.path, place.language, place.modified_ns != 0, self._started_ns)
        return self._files.tag_file(place.path, place.language, place.line, place.text, self._started_ns)

    def _build_statement(self, sql: str, by_hand: bool, tables: Callable[[], Iterable[str]]) -> Statement:
        key = statements.without_literals(sql) if by_hand else statements.identity(sql)
        found = self._statements.get(key)
        if found is None:
            verb = statements.verb(sql)
            shown = key if by_hand else statements.shown(sql)
            found = Statement(self._add("statement", {"sql": shown, "verb": verb, "tables": list(tables())}), verb)
            self._statements[key] = found
        if not by_hand:
            if len(self._sql) >= _MAX_SQL_CACHE:
                self._sql.clear()
            self._sql[sql] = found
        return found

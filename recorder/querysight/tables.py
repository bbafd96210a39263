"""The segment's tables: sites, stacks, constructions, causes, statements, origins.

Each record gets its id once and is written when first referred to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple

from . import statements
from .capture import Callers
from .files import Files, UserFile
from .frames import Known, Place, positions_up_to
from .stacks import MAX_STACK, Pairs, StackTree

MAX_TOKEN = 200
# A stack at which this many statements were first seen builds its SQL by hand: literals are folded from then on.
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
        self._records: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in ("site", "statement", "cause")}
        self._stacks = StackTree()
        self._constructions = Pairs()
        self._written: dict[str, set[int]] = {}
        self._sites: dict[tuple[Any, ...], int] = {}
        self._blocks: dict[int, _Block] = {}
        self._causes: dict[Cause, int] = {}
        self._sql: dict[str, Statement] = {}
        self._statements: dict[str, Statement] = {}
        # How many statements were first seen at a stack.
        self._new_at: dict[int, int] = {}
        self._origin_rows = [0]
        self._origin_paths = [""]
        self._joined: dict[str, int] = {}
        self._first_origin = 1
        self.forget_written()

    # Interning

    def push(self, stack: int, site: int) -> int:
        """The id of a stack with one more site, the innermost."""
        found = self._stacks.find(stack, site)
        if not found:
            with self.lock:
                found = self._stacks.find(stack, site)
                if not found:
                    found = self._stacks.add(stack, site)
                    if stack in self._blocks:
                        self._blocks[found] = self._blocks[stack]
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
        """The id of the stack as it is written: a very deep one without its middle."""
        if self._stacks.depth[stack] <= MAX_STACK:
            return stack
        with self.lock:
            return self._stacks.bounded(stack)

    def construction(self, stack: int, chain: int) -> int:
        """The id of the construction of a queryset made at this stack; 0 where no user frame took part."""
        if not stack:
            return 0
        stack = self.bounded(stack)
        found = self._constructions.find(stack, chain)
        if not found:
            with self.lock:
                found = self._constructions.find(stack, chain) or self._constructions.add(stack, chain)
        return found

    def construction_of(self, callers: Callers) -> int:
        """The id of the construction of a queryset made where these callers are known from.

        What prefetching makes, for its own query and to be cached on each instance, is written nowhere: it has none.
        """
        if callers.construction < 0:
            callers.construction = 0 if callers.prefetching else self.construction(callers.stack, callers.edge)
        return callers.construction

    def known_construction(self, identifier: int) -> int:
        """The id, or 0 for one that an earlier recording in this process gave."""
        return identifier if identifier <= len(self._constructions) else 0

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
        by_hand = self._new_at.get(stack, 0) >= MAX_STATEMENTS_PER_STACK
        found = None if by_hand else self._sql.get(sql)
        if found is None:
            with self.lock:
                found = self._build_statement(sql, stack, by_hand, tables)
        return found

    def origin(self, row: int, path: str = "") -> int:
        """A new id under which instances remember what loaded them. Asked for once a row; `joined` knows those with a path."""
        with self.lock:
            self._origin_rows.append(row)
            self._origin_paths.append(path)
            return len(self._origin_rows) - 1

    def joined(self, row: int, path: str) -> int:
        """The id for what a row's query loaded along a path of its own joins."""
        key = f"{row} {path}"
        found = self._joined.get(key)
        if found is None:
            found = self._joined[key] = self.origin(row, path)
        return found

    def origin_of(self, identifier: int) -> Origin:
        """The origin, or the unknown one for a row that stands in another process's segment."""
        known = identifier if identifier >= self._first_origin else 0
        return Origin(self._origin_rows[known], self._origin_paths[known])

    def loaded_by(self, identifier: int) -> int:
        """The row of an origin; 0 for the unknown one."""
        return self._origin_rows[identifier] if identifier >= self._first_origin else 0

    # Writing

    def forget_written(self) -> None:
        """Start a new segment: nothing is written yet, and rows of the old one can no longer be referred to."""
        self.lock = threading.RLock()
        self._written = {kind: set() for kind in (*self._records, "stack", "construction", "file")}
        self._first_origin = len(self._origin_rows)
        # Statements of which a row with a sample is written.
        self.sampled: set[int] = set()

    def emit(self, kind: str, identifier: int) -> list[dict[str, Any]]:
        """The record and all that it refers to, without those that were written before; 0 is nothing."""
        written = self._written[kind]
        if not identifier or identifier in written:
            return []
        if kind == "stack":
            return self._emit_stack(identifier)
        written.add(identifier)
        if kind == "construction":
            stack, chain = self._constructions.first[identifier], self._constructions.second[identifier]
            record = {"type": kind, "id": identifier, "stack": stack, "chain": chain}
            return [*self.emit("stack", stack), *self.emit("site", chain), record]
        found = self._records[kind][identifier]
        record = {"type": kind, "id": identifier, **found}
        return [*self._emit_file(found["file"]), record] if kind == "site" else [record]

    def _emit_stack(self, identifier: int) -> list[dict[str, Any]]:
        sites, records = self._written["site"], []
        for record in self._stacks.unwritten(identifier, self._written["stack"]):
            if record["site"] not in sites:
                records += self.emit("site", record["site"])
            records.append(record)
        return records

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
        index, line, end_line, column, end_column = self._fold(code, lasti)
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
        table = positions_up_to(code, lasti // 2)
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

    def _build_statement(self, sql: str, stack: int, by_hand: bool, tables: Callable[[], Iterable[str]]) -> Statement:
        key = statements.without_literals(sql) if by_hand else statements.identity(sql)
        found = self._statements.get(key)
        if found is None:
            verb = statements.verb(sql)
            shown = key if by_hand else statements.shown(sql)
            found = Statement(self._add("statement", {"sql": shown, "verb": verb, "tables": list(tables())}), verb)
            self._statements[key] = found
            self._new_at[stack] = self._new_at.get(stack, 0) + 1
        if not by_hand:
            if len(self._sql) >= _MAX_SQL_CACHE:
                self._sql.clear()
            self._sql[sql] = found
        return found

"""Running code under a session, and reading the segment back with every line checked against the schema."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema

from querysight.config import Config
from querysight.session import Session

_SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "segment.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA)

PROJECT = Path(__file__).parent / "project"
_VALID: set[str] = set()


class Recording:
    """One session. `run(f)` gives the row views of a test scope in which `f` was called."""

    def __init__(self, root: Path, run_dir: Path, **options: Any) -> None:
        self.root = root
        self.run_dir = run_dir
        self.session = Session.start(
            # However slow the machine is: what is left out for its time's sake has a test of its own.
            Config(root=root, run_dir=run_dir, run=run_dir.name, process="main", runner="pytest", plan_seconds=60, **options)
        )
        self.session.install()
        self.result: Any = None

    def run(self, function: Any, *arguments: Any) -> ScopeView:
        scope = self.session.open_scope("test", test="t.py::t", phase="call", base_frame=sys._getframe())
        try:
            self.result = function(*arguments)
        finally:
            self.session.close_scope(scope)
        return self.read().scope(scope.id)

    def read(self, process: str = "main") -> Segment:
        return Segment.load(self.run_dir / f"{process}.ndjson")

    def line(self, file: str, marker: str) -> int:
        """The line of a project file that holds the text."""
        lines = (self.root / file).read_text().splitlines()
        found = [number for number, line in enumerate(lines, 1) if marker in line]
        assert len(found) == 1, f"{marker!r} stands on lines {found} of {file}"
        return found[0]


@dataclass(frozen=True)
class Segment:
    records: list[dict[str, Any]]

    @classmethod
    def load(cls, path: Path) -> Segment:
        data = path.read_bytes()
        assert data.endswith(b"\n")
        lines = data.decode().splitlines()
        records = [json.loads(line) for line in lines]
        for line, record in zip(lines, records, strict=True):
            # The models, the files: the same lines in most tests.
            if line not in _VALID:
                VALIDATOR.validate(record)
                _VALID.add(line)
        _check_order(records)
        return cls(records)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["type"] == kind]

    @cached_property
    def by_id(self) -> dict[tuple[str, int], dict[str, Any]]:
        return {(record["type"], record["id"]): record for record in self.records if "id" in record}

    def scope(self, identifier: int) -> ScopeView:
        return ScopeView(self, identifier)

    def site(self, identifier: int) -> SiteView:
        site = self.by_id["site", identifier]
        return SiteView(path=self.by_id["file", site["file"]]["path"], **{key: site[key] for key in SiteView.KEYS})

    def stack(self, identifier: int) -> list[SiteView]:
        """Outermost first."""
        sites = []
        while identifier:
            stack = self.by_id["stack", identifier]
            sites.append(self.site(stack["site"]))
            identifier = stack["parent"]
        return sites[::-1]


@dataclass(frozen=True)
class SiteView:
    KEYS = ("kind", "qualname", "line", "column", "endLine", "endColumn", "token")

    path: str
    kind: str
    qualname: str
    line: int
    column: int | None
    endLine: int
    endColumn: int | None
    token: str | None

    @property
    def place(self) -> tuple[str, int]:
        return self.path, self.line


class RowView:
    """A row with what it refers to. Members of the record are attributes."""

    def __init__(self, segment: Segment, record: dict[str, Any]) -> None:
        self._segment = segment
        self.record = record

    def __getattr__(self, name: str) -> Any:
        return self.record[name]

    @property
    def cause(self) -> dict[str, Any]:
        return self._segment.by_id["cause", self.record["cause"]]

    @property
    def statement(self) -> dict[str, Any]:
        return self._segment.by_id["statement", self.record["statement"]]

    @property
    def parent(self) -> RowView | None:
        found = self._segment.by_id.get(("row", self.record["parent"]))
        return None if found is None else RowView(self._segment, found)

    @property
    def stack(self) -> list[SiteView]:
        return self._segment.stack(self.record["stack"])

    @property
    def chain(self) -> SiteView | None:
        construction = self._segment.by_id.get(("construction", self.record["construction"]))
        return self._segment.site(construction["chain"]) if construction and construction["chain"] else None

    @property
    def built(self) -> list[SiteView]:
        construction = self._segment.by_id.get(("construction", self.record["construction"]))
        return self._segment.stack(construction["stack"]) if construction else []


@dataclass(frozen=True)
class ScopeView:
    segment: Segment
    id: int

    @cached_property
    def rows(self) -> list[RowView]:
        """Rows of application queries, in the order of their first execution."""
        return [row for row in self.all_rows if row.statement["verb"] not in {"savepoint", "transaction"}]

    @cached_property
    def all_rows(self) -> list[RowView]:
        rows = [RowView(self.segment, record) for record in self.segment.of("row") if record["scope"] == self.id]
        return sorted(rows, key=lambda row: row.first)

    @property
    def record(self) -> dict[str, Any]:
        return self.segment.by_id["scope", self.id]

    @property
    def end(self) -> dict[str, Any]:
        return next(record for record in self.segment.of("scopeEnd") if record["scope"] == self.id)

    def only(self, kind: str) -> RowView:
        found = [row for row in self.rows if row.cause["kind"] == kind]
        assert len(found) == 1, [row.cause for row in self.rows]
        return found[0]


_REFERENCES = {
    "site": {"file": "file"},
    "stack": {"parent": "stack", "site": "site"},
    "construction": {"stack": "stack", "chain": "site"},
    "row": {
        "scope": "scope",
        "stack": "stack",
        "construction": "construction",
        "cause": "cause",
        "statement": "statement",
    },
    "scopeEnd": {"scope": "scope"},
    "plan": {"statement": "statement"},
    "probe": {"statement": "statement"},
}


def _check_order(records: list[dict[str, Any]]) -> None:
    """A header first, ids given once, and nothing referred to before it is written."""
    assert records[0]["type"] == "header"
    seen: set[tuple[str, Any]] = set()
    for record in records:
        for member, kind in _REFERENCES.get(record["type"], {}).items():
            assert not record[member] or (kind, record[member]) in seen, (record, member)
        if "id" in record:
            key = (record["type"], record["id"])
            assert key not in seen, key
            seen.add(key)

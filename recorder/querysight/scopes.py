"""What is counted per scope: rows, their order, and how they become records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from .capture import Callers
from .eager import Level
from .order import Order
from .statements import BOOKKEEPING

# Sets of parents and parameters are exact up to this size; then "at least".
EXACT = 1024


class Row:
    """One distinct query of one scope; see `row` in docs/segment-format.md. Times in ns.

    `counted`: an application query, neither savepoint nor transaction. `explainable`: a plan can still be asked for. `origin`:
    that of the instances which it loads (tables.py; 0: not asked for yet). `levels`: what it loaded along, by path.
    """

    __slots__ = (
        "_instance",
        "_instances",
        "_parameter",
        "_parameters",
        "cause",
        "construction",
        "count",
        "counted",
        "db",
        "errors",
        "explainable",
        "first",
        "id",
        "instances_more",
        "last",
        "levels",
        "maximum",
        "minimum",
        "origin",
        "parameters_more",
        "parent",
        "path",
        "rows",
        "sample",
        "scope",
        "single",
        "stack",
        "statement",
        "token",
        "total",
    )

    def __init__(
        self,
        identifier: int,
        scope: int,
        key: tuple[int, int, int, int, int, str],
        parent: int,
        path: str,
        *,
        verb: str,
        single: bool,
        first: int,
    ) -> None:
        self.id = identifier
        self.counted = verb not in BOOKKEEPING
        self.explainable = verb == "select"
        self.scope = scope
        self.stack, self.construction, self.cause, _, self.statement, self.db = key
        self.parent = parent
        self.path = path
        self.origin = 0
        self.single = single
        self.count = 0
        self.rows: int | None = None
        self.first = self.last = first
        self.total = self.maximum = 0
        self.minimum = -1
        # The first one, and all once there is another: most rows need no set.
        self._instance = 0
        self._instances: set[int] | None = None
        self.instances_more = False
        self._parameter: int | None = None
        self._parameters: set[int] | None = None
        self.parameters_more = False
        self.errors = 0
        self.sample: list[str] | None = None
        self.levels: dict[str, Level] | None = None
        # By what it was last recognised.
        self.token: tuple[Any, ...] = ()

    @property
    def instances(self) -> int:
        return (self._instance > 0) if self._instances is None else len(self._instances)

    @property
    def parameters(self) -> int:
        return (self._parameter is not None) if self._parameters is None else len(self._parameters)

    def add_instances(self, marks: Sequence[int]) -> None:
        """Count parent instances by their marks; 0 is no instance."""
        for mark in marks:
            known = self._instances
            if not mark or mark == self._instance or (known is not None and mark in known):
                continue
            if not self._instance:
                self._instance = mark
            elif known is None:
                self._instances = {self._instance, mark}
            elif len(known) < EXACT:
                known.add(mark)
            else:
                self.instances_more = True
                return

    def add_parameters(self, fingerprint: int) -> None:
        known = self._parameters
        if known is not None:
            if len(known) < EXACT:
                known.add(fingerprint)
            elif fingerprint not in known:
                self.parameters_more = True
        elif self._parameter is None:
            self._parameter = fingerprint
        elif fingerprint != self._parameter:
            self._parameters = {self._parameter, fingerprint}

    def level(self, path: str) -> Level:
        """What was loaded along with the instances at this path."""
        if self.levels is None:
            self.levels = {}
        found = self.levels.get(path)
        if found is None:
            found = self.levels[path] = Level(self.id, path)
        return found

    def record(self) -> dict[str, Any]:
        """The `row` record."""
        record = {
            "type": "row",
            "id": self.id,
            "scope": self.scope,
            "stack": self.stack,
            "construction": self.construction,
            "cause": self.cause,
            "statement": self.statement,
            "db": self.db,
            "parent": self.parent,
            "path": self.path,
            "count": self.count,
            "rows": self.rows,
            "single": self.single,
            "ns": [self.total, max(self.minimum, 0), self.maximum],
            "first": self.first,
            "last": self.last,
            "instances": int(self.instances),
            "parameters": int(self.parameters),
            "errors": self.errors,
            "sample": self.sample,
        }
        if self.instances_more:
            record["instancesAtLeast"] = True
        if self.parameters_more:
            record["parametersAtLeast"] = True
        if self.levels is not None:
            record["eager"] = [relation.record() for level in self.levels.values() for relation in level.relations.values()]
        return record


class Scope:
    """What a count is per: a test's phase, a request, a command, a task. Made by `Session.open_scope`."""

    __slots__ = (
        "base",
        "executions",
        "holds_scopes",
        "id",
        "kind",
        "label",
        "latest",
        "method",
        "open",
        "order",
        "ordinal",
        "outer",
        "path",
        "phase",
        "rows",
        "test",
        "view",
    )

    def __init__(
        self,
        identifier: int,
        kind: str,
        *,
        outer: Scope | None = None,
        base: FrameType | None = None,
        test: str | None = None,
        phase: str | None = None,
        ordinal: int | None = None,
        method: str | None = None,
        path: str | None = None,
        label: str | None = None,
        view: str | None = None,
    ) -> None:
        self.id = identifier
        self.kind = kind
        self.outer = outer
        self.base = base
        self.test = test
        self.phase = phase
        self.ordinal = ordinal
        self.method = method
        self.path = path
        self.label = label
        self.view = view
        self.open = True
        self.holds_scopes = False
        self.rows: dict[tuple[Any, ...], Row] = {}
        self.clear()

    def clear(self) -> None:
        """Forget all executions: they are written, or a forked child starts with none."""
        self.rows = {}
        self.latest: dict[Callers, Row] = {}
        self.order = Order()
        self.executions = 0

    @property
    def is_worth_writing(self) -> bool:
        """False for the set-up of a class that ran nothing: pytest makes several such a class."""
        return self.phase != "class" or self.kind != "test" or self.executions > 0 or self.holds_scopes

    def records(self, *, status: int | None, route: str | None, view: str | None) -> Iterator[dict[str, Any]]:
        """`scope`, its rows, `scopeEnd`."""
        yield {
            "type": "scope",
            "id": self.id,
            "kind": self.kind,
            "test": self.test,
            "phase": self.phase,
            "ordinal": self.ordinal,
            "parent": self.outer.id if self.outer is not None else 0,
            "method": self.method,
            "path": self.path,
            "route": route,
            "view": self.view if view is None else view,
            "label": self.label,
        }
        rows = list(self.rows.values())
        for row in rows:
            yield row.record()
        yield {
            "type": "scopeEnd",
            "scope": self.id,
            "queries": sum(row.count for row in rows if row.counted),
            "sqlNs": sum(row.total for row in rows if row.counted),
            "status": status,
            "order": self.order.entries(),
            "orderRest": self.order.rest,
        }

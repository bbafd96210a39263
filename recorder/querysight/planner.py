"""Plans and probes: statements are noted while they run, and asked about at the end on a connection of the recorder's own."""

from __future__ import annotations

import datetime
import decimal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple, Protocol

from django.db import connections

from .explainer import Evidence, Explainer, Probe, is_served
from .filters import Column, TableFilter, table_filters
from .mysql_plans import MySQLExplainer
from .own_connection import identity, own_connection, test_databases
from .postgresql_plans import PostgreSQLExplainer
from .sqlite_plans import SQLiteExplainer
from .sqltext import is_one_statement

Record = dict[str, Any]
# Statement, alias, and which parameters are patterns that begin with a wildcard: one SQL text serves `startswith` and `endswith`.
_Key = tuple[int, str, tuple[int, ...]]

MAX_STATEMENTS = 1_000
MAX_PARAMETERS = 500
MAX_PARAMETER = 2_000
# The share of the time so far that plans may take, between the least that is worth beginning for and what a person waits for.
SHARE = 0.01
LEAST_SECONDS, MOST_SECONDS = 0.3, 3.0
MAX_CANDIDATE = 4

_EXPLAINERS: dict[str, Callable[[Any], Explainer]] = {
    "sqlite": SQLiteExplainer,
    "postgresql": PostgreSQLExplainer,
    "mysql": MySQLExplainer,
}
_IMMUTABLE = (
    bool,
    int,
    float,
    str,
    bytes,
    decimal.Decimal,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    uuid.UUID,
    type(None),
)
_UNSERVED = frozenset({"function", "leading_wildcard"})


class Pending(NamedTuple):
    """A statement whose plan is to be asked for, met in a `row`. `replayable`: the parameters are those that it ran with."""

    statement: int
    db: str
    row: int
    database: tuple[str, str]
    sql: str
    params: Any
    replayable: bool
    filters: list[TableFilter]


class Host(Protocol):
    """What the planner needs of the session."""

    keeps_parameters: bool
    plan_seconds: float | None
    started_ns: int

    def notice(self, level: str, code: str, message: str) -> None: ...


class Planner:
    """Keeps statements until `take`. What it keeps is bounded, immutable, and gone afterwards."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.forget()

    def forget(self) -> None:
        """Start over (after a fork): what is pending is the parent's to ask."""
        self._pending: dict[_Key, Pending] = {}
        self._met: set[_Key] = set()
        self._planned: set[tuple[int, str]] = set()
        self._spent = 0.0

    def meet(self, row: int, statement: int, connection: Any, sql: str, params: Any, query: Any) -> None:
        """Note a SELECT at its first sight, before it runs."""
        key = (statement, connection.alias, _patterns(sql, params))
        if key in self._met or connection.vendor not in _EXPLAINERS or self._host.plan_seconds == 0:
            return
        self._met.add(key)
        if len(self._pending) >= MAX_STATEMENTS:
            self._host.notice("info", "plans-left-out", f"only {MAX_STATEMENTS} statements are kept to ask their plans for")
        elif is_one_statement(sql) and (kept := _kept(params)) is not None:
            try:
                filters = table_filters(query)
            except Exception as error:
                self._host.notice("info", "filter-unread", f"a query's filters could not be read: {type(error).__name__}")
                filters = []
            self._pending[key] = Pending(*key[:2], row, identity(connection), sql, *kept, filters)

    def failed(self, row: int) -> None:
        """What raised has no plan; the same statement may yet run elsewhere."""
        for key in [key for key, pending in list(self._pending.items()) if pending.row == row]:
            self._pending.pop(key, None)
            self._met.discard(key)

    def take(self, database: Any = None) -> Iterator[Record]:
        """`plan` and `probe` records of all that is pending, or of what is pending on the database of this name (or path)."""
        database = None if database is None else str(database)
        keys = [key for key, pending in list(self._pending.items()) if database in (None, pending.database[1])]
        chosen = [pending for key in keys if (pending := self._pending.pop(key, None)) is not None]
        budget = self._host.plan_seconds
        if budget is None:
            elapsed = (time.time_ns() - self._host.started_ns) / 1e9
            budget = min(max(SHARE * elapsed, LEAST_SECONDS) - self._spent, MOST_SECONDS)
        for alias in dict.fromkeys(pending.db for pending in chosen):
            here = [pending for pending in chosen if pending.db == alias]
            started = time.perf_counter()
            try:
                yield from self._take(alias, here, started + budget)
            except Exception as error:
                self._host.notice("info", "plans-failed", f"no plans of a database: {type(error).__name__}")
            spent = time.perf_counter() - started
            self._spent += spent
            budget -= spent

    def _take(self, alias: str, chosen: list[Pending], deadline: float) -> Iterator[Record]:
        connection = connections[alias]
        chosen = [pending for pending in chosen if pending.database == identity(connection)]
        if not chosen:
            return
        with own_connection(connection) as own:
            explainer = _EXPLAINERS[own.vendor](own)
            run = _Run(explainer, own.vendor, self._host, deadline)
            for pending in chosen:
                if pending[:2] not in self._planned and run.in_time():
                    self._planned.add((pending.statement, pending.db))
                    yield from run.plan(pending)
            if not run.in_time():
                return
            explainer.begin_probes()
            probed = [(pending, found) for pending in chosen for found in pending.filters]
            results = [run.probe(pending, found) for pending, found in probed if run.in_time()]
            with run.hypothetical(str(connection.settings_dict["NAME"]) in test_databases) as proves:
                for (pending, found), result in zip(probed, results, strict=False):
                    if result is not None:
                        yield run.record(pending, found, result, proves)


class _Run:
    """One database's plans. What one statement cannot be asked is no reason to leave out the next."""

    def __init__(self, explainer: Explainer, vendor: str, host: Host, deadline: float) -> None:
        self._explainer = explainer
        self._vendor = vendor
        self._host = host
        self._deadline = deadline
        self._tables: dict[TableFilter, Probe | None] = {}
        self._statements: dict[int, dict[str, Evidence]] = {}  # by the id() of what `_take` holds on to
        self._candidates: dict[tuple[TableFilter, tuple[str, ...]], bool | None] = {}

    def in_time(self) -> bool:
        if time.perf_counter() < self._deadline:
            return True
        self._host.notice("info", "plans-cut-short", "plans were left out because they would have taken too long")
        return False

    def plan(self, pending: Pending) -> Iterator[Record]:
        if self._vendor == "mysql" and not pending.replayable:
            return  # It plans for the values, and knows no other way.
        values = self._host.keeps_parameters and pending.replayable
        try:
            found = self._explainer.natural(pending.sql, pending.params, values=values)
        except Exception as error:
            self._host.notice("info", "plan-failed", f"no plan for a statement: {type(error).__name__}")
            return
        if found is not None:
            record = {"type": "plan", "statement": pending.statement, "db": pending.db, "vendor": self._vendor}
            yield {**record, "nodes": found.nodes, **({} if found.json is None else {"json": found.json})}

    def probe(self, pending: Pending, found: TableFilter) -> Probe | None:
        try:
            if found not in self._tables:
                self._tables[found] = self._explainer.table(found)
            probe = self._tables[found]
            if probe is None or all(column.column in probe.evidence.columns for column, _ in found.columns):
                return probe
            if id(pending) not in self._statements:
                self._statements[id(pending)] = self._whole(pending)
        except Exception as error:
            self._host.notice("info", "probe-failed", f"a filter could not be asked about: {type(error).__name__}")
            return None
        return Probe(_together(probe.evidence, self._statements[id(pending)].get(found.table)), probe.sort)

    def _whole(self, pending: Pending) -> dict[str, Evidence]:
        if not pending.replayable:
            return {}
        try:
            return self._explainer.statement(pending.sql, pending.params)
        except Exception:  # Its ORDER BY may be needed, as that of DISTINCT ON.
            return {}

    @contextmanager
    def hypothetical(self, may_create: bool) -> Iterator[bool]:
        """Whether candidates can be proven."""
        opened: Any = nullcontext(False)
        if isinstance(self._explainer, PostgreSQLExplainer) and self.in_time():
            opened = self._explainer.hypothetical(may_create)
        try:
            proves = opened.__enter__()
        except Exception as error:
            self._host.notice("info", "hypopg-failed", f"hypopg is there and could not be used: {type(error).__name__}")
            yield False
            return
        try:
            yield proves
        finally:
            opened.__exit__(None, None, None)

    def record(self, pending: Pending, found: TableFilter, probe: Probe, proves: bool) -> Record:
        served = _is_served(found, probe)
        columns = _candidate(found) if served is False or (served is not None and probe.sort is False) else ()
        return {
            "type": "probe",
            "statement": pending.statement,
            "db": pending.db,
            "vendor": self._vendor,
            "table": found.table,
            "columns": [
                {
                    "column": column.column,
                    "lookup": column.lookup,
                    "use": column.use,
                    "alternative": alternative,
                    "served": _column_served(column, probe),
                    "reason": column.reason,
                }
                for column, alternative in found.columns
            ],
            "sort": None if found.sort is None else [sort._asdict() for sort in found.sort],
            "served": served,
            "sortServed": probe.sort,
            "indexes": list(probe.evidence.indexes) if served else [],
            "candidate": {"columns": list(columns), "proven": self._proven(found, columns) if proves else None}
            if columns
            else None,
        }

    def _proven(self, found: TableFilter, columns: tuple[str, ...]) -> bool | None:
        key = (found, columns)
        if key not in self._candidates:
            self._candidates[key] = None
            if self.in_time():
                try:
                    self._candidates[key] = self._explainer.candidate(found, columns)
                except Exception as error:
                    self._host.notice("info", "hypopg-failed", f"an index could not be tried out: {type(error).__name__}")
        return self._candidates[key]


def _patterns(sql: str, params: Any) -> tuple[int, ...]:
    if "LIKE" not in sql or not isinstance(params, (list, tuple)):
        return ()
    return tuple(index for index, value in enumerate(params) if type(value) is str and value.startswith("%"))


def _kept(params: Any) -> tuple[Any, bool] | None:
    """(parameters that may be kept, whether they are the statement's own): only what no program can change or miss."""
    if params is None:
        return None, True
    if isinstance(params, dict):
        small = len(params) <= MAX_PARAMETERS and all(map(_is_small, params.values()))
        return (dict(params), True) if small else None
    if not isinstance(params, (list, tuple)):
        return None
    if len(params) <= MAX_PARAMETERS and all(map(_is_small, params)):
        return tuple(params), True
    return (None,) * len(params), False


def _is_small(value: Any) -> bool:
    if isinstance(value, (str, bytes)):
        return len(value) <= MAX_PARAMETER
    # A project's own class may hold anything; the drivers' own numbers only have a name for their type.
    return isinstance(value, _IMMUTABLE) and type(value).__module__.partition(".")[0] in _KNOWN_MODULES


_KNOWN_MODULES = frozenset({"builtins", "datetime", "decimal", "uuid", "psycopg"})


def _together(first: Evidence, second: Evidence | None) -> Evidence:
    if second is None:
        return first
    indexes = dict.fromkeys((*first.indexes, *second.indexes))
    return Evidence(first.columns | second.columns, tuple(indexes), first.whole or second.whole)


def _is_served(found: TableFilter, probe: Probe) -> bool | None:
    """None where there is nothing that an index could serve, or where it cannot be told."""
    if is_served(found.conditions, probe.evidence):
        return True
    columns = [column for column, _ in found.columns]
    if any(column.use != "none" or column.reason in _UNSERVED for column in columns):
        return False
    return None


def _column_served(column: Column, probe: Probe) -> bool | None:
    if column.reason not in {None, *_UNSERVED}:
        return None
    found = column.column in probe.evidence.columns
    return None if probe.evidence.whole and not found else found


def _candidate(found: TableFilter) -> tuple[str, ...]:
    """The columns of an index for the filter: equalities, then the sort, then one range. Nothing serves several alternatives."""
    plain = [column for column, alternative in found.columns if not alternative]
    equal = [column.column for column in plain if column.use == "equality"]
    ordered = [sort.column for sort in found.sort or ()]
    ranges = [column.column for column in plain if column.use == "range"][:1]
    if not equal and not ranges:
        return ()
    # A range that leads is worth more than a sort that follows nothing.
    names = dict.fromkeys((*equal, *ordered, *ranges) if equal else (*ranges,))
    return tuple(names)[:MAX_CANDIDATE]

"""One execution at a time: what a query is counted as. The hot path: every query of the user's program passes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from types import FrameType
from typing import Any, Protocol

from . import databases, marks, parameters
from .capture import Callers, Walker
from .causes import Frames, Key, Reading, Relation, cause_of, facts, inner_query, loads_one, reading
from .planner import Planner
from .scopes import Row, Scope
from .statements import verb, without_name
from .tables import Cause, Tables

Record = dict[str, Any]
# A later Django may have not what is read of its objects: the query still counts, for no cause.
_UNREAD = Reading(())
_NO_FACTS: Key = (lambda read: Cause("other"),)


class Host(Protocol):
    """What the executions need of their session. No method raises."""

    keeps_parameters: bool

    def scope_of(self, frame: FrameType) -> Scope | None: ...
    def fault(self, error: Exception) -> None: ...


class Executions:
    """Turns executions into rows of the current scope.

    No lock is taken for a row that is there already: in CPython no other thread can come in between the load and the store of
    a `+=` on an attribute.
    """

    def __init__(self, host: Host, tables: Tables, walker: Walker, relations: Sequence[Relation], planner: Planner) -> None:
        self._host = host
        self._tables = tables
        self._walker = walker
        self._relations = relations
        self._planner = planner
        self._row_ids = count(1)
        self.live: dict[int, Row] = {}
        self.forget()

    def forget(self) -> None:
        """Start over (after a fork)."""
        self.live.clear()
        self.databases: dict[str, Record] = {}
        self.queries = 0
        self.outside = 0

    def begin(self, frame: FrameType, sql: Any, params: Any, many: bool, connection: Any) -> Row | None:
        """Count an execution before it runs; None outside any scope. `frame` is the wrapper's caller."""
        try:
            self.queries += 1
            scope = self._host.scope_of(frame)
            if scope is None:
                self.outside += 1
                return None
            text = sql if isinstance(sql, str) else databases.sql_text(sql, connection)
            return self._count(scope, frame, without_name(text), params, many, connection)
        except Exception as error:
            self._host.fault(error)
            return None

    def end(self, row: Row, elapsed: int, failed: bool) -> None:
        """Add the driver's time in ns."""
        row.total += elapsed
        if elapsed > row.maximum:
            row.maximum = elapsed
        if elapsed < row.minimum or row.minimum < 0:
            row.minimum = elapsed
        if failed:
            self._failed(row)

    def _count(self, scope: Scope, frame: FrameType, sql: str, params: Any, many: bool, connection: Any) -> Row:
        callers = self._walker.capture(frame, scope.base)
        key: Key
        parents: Sequence[int]
        try:
            read = callers.inner.kept or reading(callers)
            frames = Frames(read, frame)
            key, parents = facts(frames, verb(sql), self._relations, callers.stack > 0)
        except Exception as error:
            self._host.fault(error)
            read, frames, key, parents = _UNREAD, Frames(_UNREAD, frame), _NO_FACTS, ()
        query = frames.query
        construction = 0 if query is None else inner_query(query).__dict__.get(marks.CONSTRUCTION, 0)
        if construction < 0:
            construction = self._tables.construction_of(callers)
        origin = self._origin(parents) if parents else 0
        token = (sql, key, construction, origin, connection.alias)
        row = scope.latest.get(callers)
        if row is None or row.token != token or read is _UNREAD:
            row = scope.latest[callers] = self._row(scope, callers, frames, token, connection, params, many)
            row.token = token
        scope.executions += 1
        row.count += 1
        row.last = scope.executions
        scope.order.push(row.id)
        if parents:
            row.add_instances(parents)
        row.add_parameters(parameters.fingerprint(params, many))
        if query is not None and marks.on_queries:
            query.__dict__[marks.ROW] = row.id
        return row

    def _row(
        self, scope: Scope, callers: Callers, frames: Frames, token: tuple[Any, ...], connection: Any, params: Any, many: bool
    ) -> Row:
        """The row of the scope that counts such executions, made at their first sight."""
        sql, facts_key, construction, origin, alias = token
        tables = self._tables
        stack = tables.bounded(callers.stack)
        statement = tables.statement(sql, stack, lambda: self._table_names(frames.query, sql, connection))
        cause = tables.cause(self._cause(frames.read, facts_key))
        key = (stack, tables.known_construction(construction), cause, origin, statement.id, alias)
        if alias not in self.databases:
            self._meet(connection)
        row = scope.rows.get(key)
        if row is not None:
            if row.single and not self._loads_one(frames, statement.verb):
                row.single = False
            return row
        single = self._loads_one(frames, statement.verb)
        loaded = tables.origin_of(origin)
        with tables.lock:
            row = scope.rows.get(key)
            if row is not None:
                return row  # another thread was faster
            identifier, first = next(self._row_ids), scope.executions + 1
            row = Row(identifier, scope.id, key, loaded.row, loaded.path, verb=statement.verb, single=single, first=first)
            if self._host.keeps_parameters and statement.id not in tables.sampled:
                row.sample = parameters.sample(params, many)
            scope.rows[key] = self.live[identifier] = row
            if row.explainable and not many:
                self._planner.meet(identifier, statement.id, connection, sql, params, frames.query)
        return row

    def _loads_one(self, frames: Frames, verb: str) -> bool:
        try:
            return loads_one(frames, verb)
        except Exception as error:
            self._host.fault(error)
            return False

    def _cause(self, read: Reading, key: Key) -> Cause:
        try:
            return cause_of(read, key)
        except Exception as error:
            self._host.fault(error)
            return Cause("other")

    def _failed(self, row: Row) -> None:
        try:
            row.errors += 1
            if row.errors == row.count:
                self._planner.failed(row.id)
        except Exception as error:
            self._host.fault(error)

    def _origin(self, parents: Sequence[int]) -> int:
        """The origin of the first instance of which it is known; 0 where it is of none."""
        for mark in parents:
            origin = mark >> marks.SERIAL_BITS
            if origin and self._tables.loaded_by(origin):
                return origin
        return 0

    def _table_names(self, query: Any, sql: str, connection: Any) -> Iterator[str]:
        try:
            return iter([*table_names(query, sql, connection)])
        except Exception as error:
            self._host.fault(error)
            return iter(())

    def _meet(self, connection: Any) -> None:
        """Note a database at its first use. What cannot be told stays empty."""
        record = {"type": "database", "alias": connection.alias, "vendor": connection.vendor, "version": ""}
        self.databases[connection.alias] = record
        record["version"] = databases.version(connection)


def table_names(query: Any, sql: str, connection: Any) -> Iterator[str]:
    """The tables of a compiled query in join order, once each; none for raw SQL.

    The aliases' reference counts do not tell: `SQLCompiler.as_sql` takes back those that `select_related` joined.
    """
    if query is None or not hasattr(query, "alias_map"):
        return iter(())
    return iter(dict.fromkeys(_tables(query, sql, connection.ops.quote_name)))


def _tables(query: Any, sql: str, quote: Callable[[str], str]) -> Iterator[str]:
    inner = inner_query(query)
    for combined in getattr(inner, "combined_queries", ()):
        yield from _tables(combined, sql, quote)
    used = [join.table_name for alias, join in inner.alias_map.items() if quote(alias) in sql]
    if not used and getattr(inner, "model", None) is not None and not getattr(inner, "combined_queries", ()):
        used = [inner.get_meta().db_table]
    yield from (str(name) for name in used)

"""One execution at a time: capture, cause, row. Needs Django; made by `Session.install`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from types import FrameType
from typing import Any, Protocol

from . import asynchrony, databases, marks, model_schema, parameters, plans, provenance, queries, roles
from .causes import Relation, Resolution, inner_query, loads_one, resolve
from .files import Files
from .frames import Walker
from .scopes import Row, Scope
from .statements import verb
from .tables import Tables

Record = dict[str, Any]

_MODELS_ATTEMPTS = 5


class Host(Protocol):
    """What the engine needs of its session. No method raises."""

    files: Files
    keeps_parameters: bool
    started_ns: int

    def scope(self) -> Scope | None: ...
    def fault(self, error: Exception) -> None: ...
    def notice(self, level: str, code: str, message: str) -> None: ...


class Engine:
    """Turns executions into rows of the current scope, and rows into the records they refer to."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.fault = host.fault
        self.walker = Walker(host.files, provenance.is_manager)
        self.tables = Tables(host.files, self.walker, host.started_ns)
        self.relations = [Relation("", None, "")]
        self._row_ids = count(1)
        self._live: dict[int, Row] = {}
        self._remove: Callable[[], None] | None = None
        self._installed_apps_known = False
        self.forget_written()

    def install(self) -> None:
        """Hook into Django."""
        roles.register(self.walker)
        self.register_installed_apps()
        provenance.install(self)
        asynchrony.install(self._carried)
        self._remove = queries.install(self)

    def uninstall(self) -> None:
        """Let go of connections; the other hooks stay and do nothing."""
        if self._remove is not None:
            self._remove()
        provenance.uninstall()
        asynchrony.install(None)

    def register_installed_apps(self) -> None:
        """Look for the apps that have roles of their own once the registry is ready; cheap to call again."""
        if self._installed_apps_known:
            return
        from django.apps import apps

        if apps.ready:
            self._installed_apps_known = True
            if apps.is_installed("django.contrib.contenttypes"):
                roles.register_contenttypes(self.walker)
            if apps.is_installed("django.contrib.auth"):
                roles.register_auth(self.walker)

    def forget_written(self) -> None:
        """Start over in a new segment (after a fork): the executions so far stand in the parent's."""
        self.tables.forget_written()
        self._databases: dict[str, bool] = {}
        self._new_databases: list[Record] = []
        self._plans: dict[tuple[int, str], Record | None] = {}
        self._models_attempts = _MODELS_ATTEMPTS
        self._live.clear()
        self.queries = 0
        self.outside = 0

    # One execution

    def begin(self, frame: FrameType, sql: Any, params: Any, many: bool, connection: Any) -> tuple[Scope, Row] | None:
        """Count an execution before it runs; None outside any scope. `frame` is the wrapper's caller."""
        try:
            self.queries += 1
            scope = self._host.scope()
            if scope is None:
                self.outside += 1
                return None
            # psycopg takes Composable objects as SQL, which only the driver can turn into text.
            text = sql if isinstance(sql, str) else str(sql)
            return scope, self._count(scope, frame, text, params, many, connection)
        except Exception as error:
            self.fault(error)
            return None

    def end(self, scope: Scope, row: Row, elapsed: int, failed: bool, sql: Any, params: Any, connection: Any) -> None:
        """Add the driver's time in ns; with a connection, take the statement's plan once."""
        try:
            with self.tables.lock:
                row.add_time(elapsed)
                row.errors += failed
                if row.counted:
                    scope.sql_ns += elapsed
            if connection is not None and not failed:
                self._plan(row, sql, params, connection)
        except Exception as error:
            self.fault(error)

    def _count(self, scope: Scope, frame: FrameType, sql: str, params: Any, many: bool, connection: Any) -> Row:
        capture = self.walker.capture(frame, scope.base)
        resolution = resolve(capture, verb(sql), self.relations)
        tables = self.tables
        stack = tables.stack(capture)
        statement = tables.statement(sql, stack, lambda: table_names(resolution.query, sql, connection))
        values = {} if resolution.query is None else inner_query(resolution.query).__dict__
        parent, path = self._parent(resolution)
        key = (
            stack,
            tables.known_construction(values.get(marks.CONSTRUCTION, 0)),
            tables.cause(resolution.cause),
            parent,
            path,
            statement.id,
            connection.alias,
        )
        if connection.alias not in self._databases:
            self._meet(connection)
        with tables.lock:
            scope.executions += 1
            row = scope.rows.get(key)
            if row is None:
                row = Row(
                    next(self._row_ids),
                    scope.id,
                    key,
                    verb=statement.verb,
                    single=loads_one(resolution, statement.verb),
                    first=scope.executions,
                )
                if self._host.keeps_parameters:
                    row.sample = parameters.sample(params, many)
                scope.rows[key] = self._live[row.id] = row
            elif row.single and not loads_one(resolution, statement.verb):
                row.single = False
            row.count += 1
            row.last = scope.executions
            scope.order.push(row.id)
            if row.counted:
                scope.queries += 1
            row.add_instances(resolution.parents)
            row.add_parameters(parameters.fingerprint(params, many))
        if resolution.query is not None:
            resolution.query.__dict__[marks.ROW] = row.id
        return row

    def _parent(self, resolution: Resolution) -> tuple[int, str]:
        for mark in resolution.parents:
            origin = self.tables.origin_of(marks.origin_of(mark))
            if origin.row:
                return origin.row, origin.path
        return 0, ""

    def _meet(self, connection: Any) -> None:
        """Note a database at its first use. What cannot be told stays empty."""
        self._databases[connection.alias] = True
        record = {"type": "database", "alias": connection.alias, "vendor": connection.vendor, "version": ""}
        self._new_databases.append(record)
        record["version"] = databases.version(connection)

    def _plan(self, row: Row, sql: str, params: Any, connection: Any) -> None:
        key = (row.statement, row.db)
        if not row.explainable or key in self._plans:
            return
        self._plans[key] = None
        try:
            nodes = plans.explain(connection, sql, params)
        except Exception as error:
            self._host.notice("info", "plan-failed", f"no plan for a statement: {type(error).__name__}")
            return
        if nodes is not None:
            head = {"type": "plan", "statement": row.statement, "db": row.db, "vendor": connection.vendor}
            self._plans[key] = {**head, "nodes": nodes}

    # For provenance and asynchrony

    def base_frame(self) -> FrameType | None:
        """Frames outward of this one are the runner's."""
        scope = self._host.scope()
        return None if scope is None else scope.base

    def add_rows(self, row: int, rows: int) -> None:
        """Model rows loaded by an execution of a row; too late once its scope was written."""
        found = self._live.get(row)
        if found is not None:
            found.rows = (found.rows or 0) + rows

    def _carried(self, frame: FrameType) -> int:
        try:
            return self.tables.stack(self.walker.capture(frame, self.base_frame()))
        except Exception as error:
            self.fault(error)
            return 0

    # Writing

    def records(self, scope: Scope) -> Iterator[Record]:
        """All that the scope's rows refer to and that is not written yet. The rows are final after this."""
        rows = list(scope.rows.values())
        if rows and self._models_attempts:
            yield from self._models()
        while self._new_databases:
            yield self._new_databases.pop(0)
        for row in rows:
            self._live.pop(row.id, None)
            yield from self.tables.emit("stack", row.stack)
            yield from self.tables.emit("construction", row.construction)
            yield from self.tables.emit("cause", row.cause)
            yield from self.tables.emit("statement", row.statement)
            plan = self._plans.get((row.statement, row.db))
            if plan is not None:
                self._plans[(row.statement, row.db)] = None
                yield plan

    def _models(self) -> Iterator[Record]:
        """The models, once; tried again at the next scope where a test has the app registry in pieces."""
        self._models_attempts -= 1
        try:
            record = model_schema.models_record(self._host.files, self.fault)
        except Exception as error:
            self.fault(error)
        else:
            self._models_attempts = 0
            yield record


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

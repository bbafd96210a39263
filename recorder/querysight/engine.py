"""What watches Django in one process, and what is written of it. Needs Django; made by `Session.install`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol

from . import asynchrony, eager, frameworks, marks, model_schema, provenance, queries, roles
from .capture import Callers, Walker
from .causes import Reading, Relation
from .executions import Executions
from .files import Files
from .planner import Planner
from .scopes import Row, Scope
from .tables import Cause, Tables

Record = dict[str, Any]

_MODELS_ATTEMPTS = 5
_UNKNOWN = Cause("other")
_UNREAD = Reading(())


class Host(Protocol):
    """What the engine needs of its session. No method raises."""

    files: Files
    keeps_parameters: bool
    plan_seconds: float | None
    started_ns: int

    def scope(self) -> Scope | None: ...
    def scope_of(self, frame: FrameType) -> Scope | None: ...
    def fault(self, error: Exception) -> None: ...
    def notice(self, level: str, code: str, message: str) -> None: ...


class Engine:
    """Hooks into Django, and turns rows into the records they refer to."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.fault = host.fault
        self.tables = Tables(host.files, host.started_ns)
        self.walker = Walker(host.files, provenance.is_manager, self.tables)
        self.relations = [Relation("", None, "")]
        self._planner = Planner(host)
        self.executions = Executions(host, self.tables, self.walker, self.relations, self._planner)
        self._remove: Callable[[], None] | None = None
        self._installed_apps_known = False
        self.forget_written()

    def install(self) -> None:
        """Hook into Django."""
        roles.register(self.walker, self._host.files)
        self.register_installed_apps()
        frameworks.install(self.walker, self._host.files, self._host.started_ns)
        provenance.install(self)
        asynchrony.install(self._carried)
        self._remove = queries.install(self.executions)

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
        self.walker.forked()
        eager.take_late()
        self.executions.forget()
        self._planner.forget()
        self._models_attempts = _MODELS_ATTEMPTS
        self._written_databases: set[str] = set()

    # For provenance and asynchrony

    def capture(self, frame: FrameType) -> Callers:
        """The stack from `frame` outward, as far as the current scope reaches. Outside any scope no frame is marked: where the
        next one begins is not known yet."""
        scope = self._host.scope()
        return self.walker.capture(frame, None if scope is None else scope.base, scope is not None)

    def row_of(self, query: Any) -> Row | None:
        """The row of a query's last execution, while its scope is not written."""
        return self.executions.live.get(query.__dict__.get(marks.ROW, 0))

    def live_row(self, identifier: int) -> Row | None:
        """The row, while its scope is not written."""
        return self.executions.live.get(identifier)

    def _carried(self, frame: FrameType) -> Callers | None:
        try:
            callers = self.capture(frame)
        except Exception as error:
            self.fault(error)
            return None
        return callers if callers.stack else None

    # Writing

    def records(self, scope: Scope) -> list[Record]:
        """All that the scope's rows refer to and that is not written yet. The rows are final after this."""
        records: list[Record] = []
        rows = list(scope.rows.values())
        if rows and self._models_attempts:
            records += self._models()
        for alias, database in list(self.executions.databases.items()):
            if alias not in self._written_databases:
                self._written_databases.add(alias)
                records.append(database)
        emit = self.tables.emit
        for row in rows:
            self.executions.live.pop(row.id, None)
            records += emit("stack", row.stack)
            records += emit("construction", row.construction)
            records += emit("cause", row.cause)
            records += emit("statement", row.statement)
            if row.sample is not None:
                self.tables.sampled.add(row.statement)
        return records

    def late_reads(self) -> list[Record]:
        """What was read of rows that are written."""
        return eager.take_late()

    def plans(self, database: str | None) -> list[Record]:
        """Ask for the plans of the statements that ran on the database of this name, or on any."""
        return list(self._planner.take(database))

    def with_statements(self, records: list[Record]) -> Iterator[Record]:
        """The records and, before each, its statement unless written before."""
        for record in records:
            yield from self.tables.emit("statement", record["statement"])
            yield record

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

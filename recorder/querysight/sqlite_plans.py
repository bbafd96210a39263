"""SQLite's plans: EXPLAIN QUERY PLAN only compiles (https://www.sqlite.org/eqp.html)."""

from __future__ import annotations

import re
from typing import Any

from .explainer import Evidence, Node, Plan, Probe, conditions_sql, equalities
from .filters import Column, TableFilter
from .own_connection import cursor
from .sqltext import unordered

_SEARCH = re.compile(r"^SEARCH (?:TABLE )?(\S+)(?: AS (\S+))? USING (.*?)(?: \((.*)\))?$")
_INDEX = re.compile(r"INDEX (\S+)$")
_NAMES = re.compile(r"(\w+)(?:=|<|>| IS | IN )")
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class SQLiteExplainer:
    """See `Explainer`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def natural(self, sql: str, params: Any, *, values: bool) -> Plan | None:
        return Plan(self._explain(sql, params))

    def begin_probes(self) -> None:
        pass

    def table(self, found: TableFilter) -> Probe | None:
        keys = {column.column for column, _ in found.columns if column.primary_key}
        where = self._where(found.conditions)
        evidence = _evidence(self._explain(*self._probe(found, where)), keys) if where else {}
        return Probe(evidence.get(found.table, Evidence()), self._sort(found) if found.sort else None)

    def statement(self, sql: str, params: Any) -> dict[str, Evidence]:
        shorter, placeholders = unordered(sql)
        if isinstance(params, (list, tuple)):
            return _evidence(self._explain(shorter, params[:placeholders]), set())
        return _evidence(self._explain(sql if params else shorter, params), set())

    def candidate(self, found: TableFilter, columns: tuple[str, ...]) -> bool | None:
        return None

    def _sort(self, found: TableFilter) -> bool:
        quote = self._connection.ops.quote_name
        keys = ", ".join(f"{quote(sort.column)}{' DESC' if sort.descending else ''}" for sort in found.sort or ())
        plan = self._explain(*self._probe(found, self._where(equalities(found.conditions)), f" ORDER BY {keys}"))
        return not any(node["detail"].startswith("USE TEMP B-TREE") for node in plan)

    def _where(self, conditions: tuple[Any, ...]) -> str:
        def one(column: Column) -> str:
            name = self._connection.ops.quote_name(column.column)
            if column.use == "none":
                return ""
            if column.use == "prefix":
                left = self._connection.ops.lookup_cast(column.lookup, column.type) % name
                return f"{left} {self._connection.operators[column.lookup] % '%s'}"
            if column.lookup.endswith("isnull"):
                return f"{name} IS NULL"
            if column.use == "equality":
                return f"{name} = %s"
            operator = _OPERATORS.get(column.lookup)
            return f"{name} {operator} %s" if operator else f"{name} BETWEEN %s AND %s"

        return conditions_sql(conditions, one)

    def _probe(self, found: TableFilter, where: str, end: str = "") -> tuple[str, Any]:
        table = self._connection.ops.quote_name(found.table)
        # All columns: a covering index that holds one of them is no lookup by it.
        sql = f"SELECT * FROM {table}{' WHERE ' if where else ''}{where}{end}"
        return sql, ("x",) * where.count("%s")

    def _explain(self, sql: str, params: Any) -> list[Node]:
        with cursor(self._connection) as asking:
            asking.execute(f"EXPLAIN QUERY PLAN {sql}", *(() if params is None else (params,)))
            return [{"id": row[0], "parent": row[1], "detail": row[3]} for row in asking.fetchall()]


def _evidence(nodes: list[Node], primary_keys: set[str]) -> dict[str, Evidence]:
    """By the name or alias of each table. An AUTOMATIC index is one that is missing."""
    found: dict[str, Evidence] = {}
    for node in nodes:
        search = _SEARCH.match(node["detail"])
        if search is None or "AUTOMATIC" in search[3]:
            continue
        names = set(_NAMES.findall(search[4] or ""))
        if "rowid" in names:
            names |= primary_keys
        index = _INDEX.search(search[3])
        before = found.get(search[2] or search[1], Evidence())
        columns = before.columns | names
        indexes = (*before.indexes, index[1]) if index else before.indexes
        found[search[2] or search[1]] = Evidence(columns, indexes, before.whole or "<expr>" in (search[4] or ""))
    return found

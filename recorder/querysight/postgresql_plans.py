"""PostgreSQL's plans: EXPLAIN without ANALYZE, without costs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .explainer import Evidence, Node, Plan, Probe, conditions_sql, equalities, is_served
from .filters import Column, TableFilter
from .own_connection import cursor
from .sqltext import numbered, unordered

_EXPLAIN = "EXPLAIN (FORMAT JSON, COSTS OFF)"
# What names a plan's node, in EXPLAIN's own words (ExplainNode in src/backend/commands/explain.c).
_CONDITIONS = (
    "Index Cond",
    "Recheck Cond",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Filter",
    "One-Time Filter",
    "Order By",
    "Sort Key",
    "Presorted Key",
    "Group Key",
)
_JOINS = {"Left": " Left", "Right": " Right", "Full": " Full", "Semi": " Semi", "Anti": " Anti"}
_MAX_JSON = 20_000
_PUSH = ("SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan")
_INDEXES = """
SELECT c.relname, i.indpred IS NOT NULL, CASE am.amname WHEN 'btree' THEN a.attname END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE c.relnamespace <> 'pg_catalog'::regnamespace
"""
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class PostgreSQLExplainer:
    """See `Explainer`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._prepared = 0
        self._known: dict[str, tuple[bool, str | None]] | None = None

    def natural(self, sql: str, params: Any, *, values: bool) -> Plan | None:
        """With its parameters, as Django's client-side binding runs it; without values with `$1, $2, …` in their places."""
        generic = params is not None and not values
        found = self._generic(sql) if generic else self._explain(f"{_EXPLAIN} {sql}", params)
        return None if found is None else Plan(nodes(found), found if len(json.dumps(found)) <= _MAX_JSON else None)

    def begin_probes(self) -> None:
        with cursor(self._connection) as setting:
            for statement in _PUSH:
                setting.execute(statement)

    def table(self, found: TableFilter) -> Probe | None:
        where = self._where(found.conditions)
        evidence = self._evidence(_walk(self._probe(found, where))) if where else Evidence()
        return Probe(evidence, self._sort(found) if found.sort else None)

    def statement(self, sql: str, params: Any) -> dict[str, Evidence]:
        plan = self._explain(f"{_EXPLAIN} {_cut(sql, params)[0]}", _cut(sql, params)[1])
        tables: dict[str, list[Node]] = {}
        for node in _walk(plan):
            if "Relation Name" in node:
                tables.setdefault(node["Relation Name"], []).extend(_scans(node))
        return {table: self._evidence(scans) for table, scans in tables.items()}

    def candidate(self, found: TableFilter, columns: tuple[str, ...]) -> bool | None:
        """By hypopg, where it is installed: nothing is built, and the index is known to this connection only."""
        quote = self._connection.ops.quote_name
        where = self._where(found.conditions)
        names = ", ".join(quote(column) for column in columns)
        index = self._fetch(
            "SELECT indexrelid FROM hypopg_create_index(%s)", (f"CREATE INDEX ON {quote(found.table)} ({names})",)
        )
        try:
            if not where:
                return self._sort(found)
            plan = self._probe(found, where)
            used = any(str(index) in str(node.get("Index Name", "")) for node in _walk(plan))
            return used and is_served(found.conditions, self._evidence(_walk(plan)))
        finally:
            self._fetch("SELECT hypopg_drop_index(%s)", (index,))

    @contextmanager
    def hypothetical(self, may_create: bool) -> Iterator[bool]:
        """Whether hypopg can be used. It is put into a test database for as long as this transaction, which is rolled back."""
        with cursor(self._connection) as asking:
            asking.execute(
                "SELECT installed_version IS NOT NULL FROM pg_available_extensions WHERE name = 'hypopg' "
                "AND (installed_version IS NOT NULL OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))"
            )
            row = asking.fetchone()
            if row is None or not (row[0] or may_create):
                yield False
                return
            asking.execute("BEGIN READ WRITE")
            try:
                if not row[0]:
                    asking.execute("CREATE EXTENSION hypopg")
                yield True
            finally:
                asking.execute("ROLLBACK")

    def _sort(self, found: TableFilter) -> bool:
        """Whether an index gives the rows in order, once the equalities pin their columns down."""
        quote = self._connection.ops.quote_name
        keys = ", ".join(f"{quote(sort.column)}{' DESC' if sort.descending else ''}" for sort in found.sort or ())
        plan = self._probe(found, self._where(equalities(found.conditions)), f" ORDER BY {keys} LIMIT 10")
        return not any("Sort" in str(node["Node Type"]) for node in _walk(plan))

    def _where(self, conditions: tuple[Any, ...]) -> str:
        count = 0

        def one(column: Column) -> str:
            nonlocal count
            name = self._connection.ops.quote_name(column.column)
            if column.use == "prefix":
                # A pattern is served by what it begins with, which no placeholder tells.
                left = self._connection.ops.lookup_cast(column.lookup, column.type) % name
                return f"{left} {self._connection.operators[column.lookup] % _pattern(column.lookup)}"
            if column.use == "none":
                return ""
            if column.lookup.endswith("isnull"):
                return f"{name} IS NULL"
            count += 1
            if column.use == "equality":
                return f"{name} IN (${count})" if column.lookup == "in" else f"{name} = ${count}"
            operator = _OPERATORS.get(column.lookup)
            if operator is not None:
                return f"{name} {operator} ${count}"
            count += 1
            return f"{name} BETWEEN ${count - 1} AND ${count}"

        return conditions_sql(conditions, one)

    def _probe(self, found: TableFilter, where: str, end: str = "") -> Any:
        table = self._connection.ops.quote_name(found.table)
        return self._execute(
            f"SELECT 1 FROM {table}{' WHERE ' if where else ''}{where}{end}", len(set(re.findall(r"\$\d+", where)))
        )

    def _generic(self, sql: str) -> Any:
        found = numbered(sql)
        if found is None:
            return None
        with cursor(self._connection) as setting:
            setting.execute("SET plan_cache_mode = force_generic_plan")
        try:
            return self._execute(*found)
        finally:
            with cursor(self._connection) as setting:
                setting.execute("RESET plan_cache_mode")

    def _execute(self, sql: str, parameters: int) -> Any:
        """The generic plan: `EXPLAIN (GENERIC_PLAN)` came with 16, a prepared statement has it since 12."""
        self._prepared += 1
        name = f"querysight_{self._prepared}"
        values = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
        with cursor(self._connection) as asking:
            # In one round trip. What is prepared goes with the connection.
            asking.execute(f"PREPARE {name} AS {sql}; {_EXPLAIN} EXECUTE {name}{values}")
            while hasattr(asking, "nextset") and asking.description is None and asking.nextset():
                pass  # psycopg 3 begins with the first answer, psycopg2 has the last only.
            return _document(asking)

    def _explain(self, sql: str, params: Any) -> Any:
        with cursor(self._connection) as asking:
            asking.execute(sql) if params is None else asking.execute(sql, params)
            return _document(asking)

    def _fetch(self, sql: str, params: Any) -> Any:
        with cursor(self._connection) as asking:
            asking.execute(sql, params)
            return asking.fetchone()[0]

    def _evidence(self, scans: Iterable[Node]) -> Evidence:
        columns: set[str] = set()
        indexes: dict[str, None] = {}
        whole = False
        for node in scans:
            index = node.get("Index Name")
            if index is None:
                continue
            partial, leading = self._indexes().get(index, (False, None))
            names = _names(node.get("Index Cond", ""))
            # Without its leading column a B-tree is walked from end to end, whatever else its condition says.
            if names and leading in {None, *names}:
                columns.update(names)
                indexes[index] = None
            elif partial and not names:
                indexes[index] = None
                whole = True
        return Evidence(frozenset(columns), tuple(indexes), whole)

    def _indexes(self) -> dict[str, tuple[bool, str | None]]:
        """Each index by its name: (whether it is partial, the leading column of a B-tree; None for any other)."""
        if self._known is None:
            with cursor(self._connection) as asking:
                asking.execute(_INDEXES)
                self._known = {name: (partial, leading) for name, partial, leading in asking.fetchall()}
        return self._known


def nodes(document: Any) -> list[Node]:
    """A plan's nodes and, below each, its conditions: `Index Scan using order_status on shop_order o`, `Index Cond: (…)`."""
    found: list[Node] = []

    def add(parent: int, detail: str) -> int:
        found.append({"id": len(found) + 1, "parent": parent, "detail": detail})
        return len(found)

    def visit(node: Node, parent: int) -> None:
        name = node.get("Subplan Name")
        identifier = add(add(parent, str(name)) if name else parent, _title(node))
        for condition in _CONDITIONS:
            if condition in node:
                value = node[condition]
                add(identifier, f"{condition}: {', '.join(value) if isinstance(value, list) else value}")
        for inner in node.get("Plans", ()):
            visit(inner, identifier)

    visit(document[0]["Plan"], 0)
    return found


def _title(node: Node) -> str:
    title = str(node["Node Type"])
    if title == "Aggregate":
        title = {"Hashed": "HashAggregate", "Sorted": "GroupAggregate"}.get(node.get("Strategy", ""), title)
    elif title.endswith(("Join", "Loop")):
        kind = _JOINS.get(node.get("Join Type", ""), "")
        title = title.replace(" Join", f"{kind} Join") if "Join" in title else f"{title}{kind}{' Join' if kind else ''}"
    if "Index Name" in node:
        title += f" {'on' if 'Bitmap' in title else 'using'} {node['Index Name']}"
    relation = node.get("Relation Name") or node.get("CTE Name") or node.get("Function Name")
    if relation is not None:
        alias = node.get("Alias", relation)
        title += f" on {relation}" + (f" {alias}" if alias != relation else "")
    return title


def _document(asking: Any) -> Any:
    (found,) = asking.fetchone()
    return json.loads(found) if isinstance(found, str) else found


def _walk(document: Any) -> Iterator[Node]:
    waiting = [document[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("Plans", ())


def _scans(node: Node) -> Iterator[Node]:
    """A table's scan and the bitmaps that it reads by; not the subplans of its filter."""
    yield node
    for inner in node.get("Plans", ()):
        if str(inner["Node Type"]).startswith("Bitmap") and "Relation Name" not in inner:
            yield from _scans(inner)


# Strings, casts and functions: words in an Index Cond that are no columns.
_NO_COLUMN = re.compile(
    r"'(?:[^']|'')*'|::[a-z_]\w*(?: varying| precision| with(?:out)? time zone)?(?:\(\d+\))?(?:\[\])*|\b[a-z_]\w*(?=\()",
    re.IGNORECASE,
)
_COLUMN = re.compile(r'"((?:[^"]|"")+)"|\b([A-Za-z_]\w*)\b')


def _names(condition: str) -> list[str]:
    """The words of an Index Cond that can be columns."""
    return [quoted or word for quoted, word in _COLUMN.findall(_NO_COLUMN.sub(" ", condition))]


def _pattern(lookup: str) -> str:
    return "'querysight'" if lookup == "iexact" else "'querysight%'"


def _cut(sql: str, params: Any) -> tuple[str, Any]:
    shorter, placeholders = unordered(sql)
    if params is None or not isinstance(params, (list, tuple)):
        return (shorter if params is None else sql), params
    return shorter, params[:placeholders]

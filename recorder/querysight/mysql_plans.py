"""MySQL's and MariaDB's plans: the table that EXPLAIN gives, whose `type` and `possible_keys` are right even where no row is."""

from __future__ import annotations

from typing import Any

from .explainer import Evidence, Node, Plan, Probe, conditions_sql
from .filters import Column, TableFilter
from .own_connection import cursor
from .sqltext import without_lock

# A value of the column's type for each of Django's: compared with another type's, an index would not be used.
_NUMBERS = "1"
_VALUES = {
    "CharField": "'querysight'",
    "TextField": "'querysight'",
    "SlugField": "'querysight'",
    "EmailField": "'querysight'",
    "URLField": "'querysight'",
    "FileField": "'querysight'",
    "FilePathField": "'querysight'",
    "GenericIPAddressField": "'10.0.0.1'",
    "UUIDField": "'12345678123456781234567812345678'",
    "DateField": "'2001-02-03'",
    "DateTimeField": "'2001-02-03 04:05:06'",
    "TimeField": "'04:05:06'",
    "AutoField": _NUMBERS,
    "BigAutoField": _NUMBERS,
    "SmallAutoField": _NUMBERS,
    "IntegerField": _NUMBERS,
    "BigIntegerField": _NUMBERS,
    "SmallIntegerField": _NUMBERS,
    "PositiveIntegerField": _NUMBERS,
    "PositiveBigIntegerField": _NUMBERS,
    "PositiveSmallIntegerField": _NUMBERS,
    "BooleanField": _NUMBERS,
    "DecimalField": _NUMBERS,
    "FloatField": _NUMBERS,
    "DurationField": _NUMBERS,
}
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
# EXPLAIN looked a unique index up while planning, and found nothing: so there is one.
_LOOKED_UP = ("no matching row in const table", "Impossible WHERE noticed after reading const tables")
_SHOWN = ("type", "possible_keys", "key", "ref")


class MySQLExplainer:
    """See `Explainer`. A sort is not asked about: on a small table a filesort says nothing."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._leading: dict[str, dict[str, str]] = {}

    def natural(self, sql: str, params: Any, *, values: bool) -> Plan | None:
        rows = self._explain(sql, params)
        database = f"{self._connection.settings_dict['NAME']}."
        for row in rows:
            row["ref"] = row["ref"] and str(row["ref"]).replace(database, "")
        return Plan(nodes(rows))

    def begin_probes(self) -> None:
        pass

    def table(self, found: TableFilter) -> Probe | None:
        where = conditions_sql(found.conditions, self._condition)
        if not where:
            return Probe() if not found.conditions or all(column.use == "none" for column, _ in found.columns) else None
        table = self._connection.ops.quote_name(found.table)
        rows = self._explain(f"SELECT 1 FROM {table} WHERE {where}", None)
        return Probe(self._evidence(found.table, rows[:1]))

    def statement(self, sql: str, params: Any) -> dict[str, Evidence]:
        rows = self._explain(sql, params)
        return {str(row["table"]): self._evidence(str(row["table"]), [row]) for row in rows if row.get("table")}

    def candidate(self, found: TableFilter, columns: tuple[str, ...]) -> bool | None:
        return None

    def _condition(self, column: Column) -> str:
        name = self._connection.ops.quote_name(column.column)
        value = _VALUES.get(column.type)
        if column.use == "none" or (value is None and not column.lookup.endswith("isnull")):
            return ""
        if column.use == "prefix":
            left = self._connection.ops.lookup_cast(column.lookup, column.type) % name
            pattern = "'querysight'" if column.lookup == "iexact" else "'querysight%'"
            return f"{left} {self._connection.operators[column.lookup] % pattern}"
        if column.lookup.endswith("isnull"):
            return f"{name} IS NULL"
        if column.use == "equality":
            return f"{name} = {value}"
        operator = _OPERATORS.get(column.lookup)
        return f"{name} {operator} {value}" if operator else f"{name} BETWEEN {value} AND {value}"

    def _evidence(self, table: str, rows: list[dict[str, Any]]) -> Evidence:
        columns: set[str] = set()
        indexes: dict[str, None] = {}
        whole = False
        for row in rows:
            keys = [key for key in str(row.get("possible_keys") or "").split(",") if key]
            if row.get("key") and row.get("type") not in {"ALL", "index"}:
                keys += str(row["key"]).split(",")
            for key in keys:
                indexes[key] = None
                columns.add(self._leading_columns(table).get(key, ""))
            whole = whole or any(text in str(row.get("Extra") or "") for text in _LOOKED_UP)
        return Evidence(frozenset(columns - {""}), tuple(indexes), whole)

    def _leading_columns(self, table: str) -> dict[str, str]:
        """The first column of each of the table's indexes."""
        if table not in self._leading:
            with cursor(self._connection) as asking:
                asking.execute(
                    "SELECT INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS "
                    "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s AND SEQ_IN_INDEX = 1",
                    (table,),
                )
                self._leading[table] = {str(index): str(column or "") for index, column in asking.fetchall()}
        return self._leading[table]

    def _explain(self, sql: str, params: Any) -> list[dict[str, Any]]:
        with cursor(self._connection) as asking:
            explain = f"EXPLAIN FORMAT=TRADITIONAL {without_lock(sql)}"
            asking.execute(explain) if params is None else asking.execute(explain, params)
            names = [column[0] for column in asking.description]
            return [dict(zip(names, row, strict=True)) for row in asking.fetchall()]


def nodes(rows: list[dict[str, Any]]) -> list[Node]:
    """A node a line: `SIMPLE shop_order: type=ref possible_keys=a,b key=a ref=const; Using where`. No rows or costs."""
    return [{"id": number, "parent": 0, "detail": _detail(row)} for number, row in enumerate(rows, 1)]


def _detail(row: dict[str, Any]) -> str:
    detail = str(row.get("select_type") or "")
    if row.get("table"):
        shown = (f"{name}={row[name] if row[name] is not None else 'NULL'}" for name in _SHOWN if name in row)
        detail += f" {row['table']}: {' '.join(shown)}"
    return f"{detail}; {row['Extra']}" if row.get("Extra") else detail

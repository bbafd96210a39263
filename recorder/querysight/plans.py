"""Query plans. SQLite: at once, beside the query, on a cursor of the driver that no counter sees."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]


def explain(connection: Any, sql: str, params: Any) -> list[Node] | None:
    """The plan's nodes, or None for a database whose plans are not taken here.

    `create_cursor` passes by `connection.queries`, `assertNumQueries` and the execute wrappers
    (django/db/backends/base/base.py). EXPLAIN QUERY PLAN only compiles: it reads no table and leaves the transaction alone.
    """
    if connection.vendor != "sqlite" or connection.connection is None:
        return None
    cursor = connection.create_cursor()
    try:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", *(() if params is None else (params,)))
        return [{"id": row[0], "parent": row[1], "detail": row[3]} for row in cursor.fetchall()]
    finally:
        cursor.close()

"""A connection of the recorder's own to a database of the program's: the program's is never asked a thing that it did not ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_CONNECT_SECONDS = 3
# So that a lock that the program holds, or a query that is hard to plan, costs little.
_SETTINGS = {
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET statement_timeout = '500ms'",
        "SET lock_timeout = '100ms'",
        "SET jit = off",
    ),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION lock_wait_timeout = 1", "SET time_zone = '+00:00'"),
}

# The databases that a test runner made, by name: there alone an extension may be tried out, and the trial undone.
test_databases: set[str] = set()


def identity(connection: Any) -> tuple[str, str]:
    """What tells whether a Django connection still leads to the same database: a test run changes `NAME` under way."""
    settings = connection.settings_dict
    return str(settings.get("HOST") or ""), str(settings.get("NAME") or "")


@contextmanager
def own_connection(connection: Any) -> Iterator[Any]:
    """A copy of a Django connection, open and in autocommit, on which only `create_cursor` is to be called.

    `get_new_connection` alone sends no `connection_created`. No transaction is ever open, so that none can be aborted. SQLite's
    connection is the program's where it is open: a database in memory may have no other, and EXPLAIN QUERY PLAN only compiles.
    """
    if connection.vendor == "sqlite" and connection.connection is not None:
        yield connection
        return
    copy = connection.copy()
    options = copy.settings_dict.setdefault("OPTIONS", {})
    options.pop("pool", None)  # A pool that is exhausted would block, and its connections are the program's.
    if copy.vendor in _SETTINGS:
        options.setdefault("connect_timeout", _CONNECT_SECONDS)
    driver = copy.get_new_connection(copy.get_connection_params())
    copy.connection = driver
    try:
        if copy.vendor == "postgresql":
            driver.autocommit = True
        elif copy.vendor == "mysql":
            driver.autocommit(True)
        with cursor(copy) as setting:
            for statement in _SETTINGS.get(copy.vendor, ()):
                setting.execute(statement)
        yield copy
    finally:
        copy.connection = None
        driver.close()


@contextmanager
def cursor(connection: Any) -> Iterator[Any]:
    """A cursor that passes by `connection.queries`, `assertNumQueries` and the execute wrappers.

    (`create_cursor` in django/db/backends/base/base.py; `connection.cursor()` would count.)
    """
    found = connection.create_cursor()
    try:
        yield found
    finally:
        found.close()

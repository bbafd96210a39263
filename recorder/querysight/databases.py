"""What is known of a database without asking it a query."""

from __future__ import annotations

from typing import Any


def sql_text(sql: Any, connection: Any) -> str:
    """SQL as text. psycopg takes bytes, and Composable objects that only the driver can put together (it asks nobody)."""
    if isinstance(sql, (bytes, bytearray)):
        return bytes(sql).decode("utf-8", "replace")
    as_string = getattr(sql, "as_string", None)
    return str(as_string(connection.connection)) if as_string is not None else str(sql)


def version(connection: Any) -> str:
    """The server's version as the driver already knows it, or "". `connection` is a Django connection that is open.

    Django's own `mysql_server_data` and friends run queries, which would count.
    """
    driver = connection.connection
    if connection.vendor == "sqlite":
        return str(connection.Database.sqlite_version)
    if connection.vendor == "postgresql":
        info = getattr(driver, "info", driver)
        number = int(getattr(info, "server_version", 0) or 0)
        return f"{number // 10000}.{number % 10000}" if number else ""
    if connection.vendor == "mysql":
        return str(driver.get_server_info())
    return str(getattr(driver, "version", ""))

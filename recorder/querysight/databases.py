"""What is known of a database without asking it a query."""

from __future__ import annotations

from typing import Any


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

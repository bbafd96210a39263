"""A statement's identity: its verb and its SQL with what varies between executions folded away."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_SQL = 20_000

_VERBS = {
    "SELECT": "select",
    "WITH": "select",
    "VALUES": "select",
    "INSERT": "insert",
    "REPLACE": "insert",
    "UPDATE": "update",
    "DELETE": "delete",
    "SAVEPOINT": "savepoint",
    "RELEASE": "savepoint",
    "BEGIN": "transaction",
    "START": "transaction",
    "COMMIT": "transaction",
    "END": "transaction",
    # Constraint checks, as Django's TestCase makes them at the end of each test, belong to the transaction.
    "PRAGMA": "transaction",
}
# Verbs that no count of application queries includes.
BOOKKEEPING = frozenset({"savepoint", "transaction"})

_IN_LIST = re.compile(r"\bIN \(%s(?:, ?%s)+\)", re.IGNORECASE)
_VALUES_LIST = re.compile(r"\bVALUES (\((?:[^()]|\([^()]*\))*\))(?:, ?\((?:[^()]|\([^()]*\))*\))+", re.IGNORECASE)
# SQLite's bulk insert before Django 5.? reads `SELECT %s, %s UNION ALL SELECT %s, %s`.
_UNION_LIST = re.compile(r"\b(SELECT %s(?:, ?%s)*)(?: UNION ALL SELECT %s(?:, ?%s)*)+", re.IGNORECASE)
_SAVEPOINT = re.compile(r"^(SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT|ROLLBACK TO) .*$", re.IGNORECASE)
_SAVEPOINTS = ("SAVEPOINT ", "RELEASE ", "ROLLBACK TO ")
_LIMITS = re.compile(r"\b(LIMIT|OFFSET) \d+", re.IGNORECASE)
_BULK_UPDATE = re.compile(r"(?: WHEN \((?:[^()]|\([^()]*\))*\) THEN (?:%s|[A-Z]+\([^()]*\))){2,}", re.IGNORECASE)
_LITERALS = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_LEADING = re.compile(r"^(?:\s+|\(|--[^\n]*\n|/\*.*?\*/)+", re.DOTALL)


@lru_cache(maxsize=2048)
def verb(sql: str) -> str:
    """`select`, `insert`, `update`, `delete`, `savepoint`, `transaction` or `other`, from the first word."""
    text = sql if sql[:1].isalpha() else _LEADING.sub("", sql)
    words = text[:40].upper().split(None, 3)
    if not words:
        return "other"
    first = words[0].rstrip(";(")
    if first == "ROLLBACK":
        return "savepoint" if len(words) > 1 and words[1] == "TO" else "transaction"
    if first == "SET":
        return "transaction" if "TRANSACTION" in words or "CONSTRAINTS" in words else "other"
    return _VERBS.get(first, "other")


def without_name(sql: str) -> str:
    """A savepoint's statement without its name, which is another each time: so that it is known again. Other SQL as it is."""
    return _SAVEPOINT.sub(r"\1 …", sql.strip()) if sql.startswith(_SAVEPOINTS) else sql


# The same SQL runs on many stacks.
@lru_cache(maxsize=2048)
def identity(sql: str) -> str:
    """The key under which executions count as one statement: lists, savepoint names and limits folded."""
    text = shown(sql)
    return _LIMITS.sub(r"\1 %d", text) if "LIMIT" in text or "OFFSET" in text else text


def shown(sql: str) -> str:
    """The SQL as it is written to the segment: as `identity`, but with the limits of its first sight."""
    text = sql[: MAX_SQL * 10]
    if "SAVEPOINT" in text[:25].upper():
        return _SAVEPOINT.sub(r"\1 …", text.strip())
    if "%s" in text:
        text = _IN_LIST.sub("IN (%s, …)", text)
        text = _UNION_LIST.sub(r"\1, …", text)
        text = _VALUES_LIST.sub(r"VALUES \1, …", text)
        if " WHEN " in text:
            text = _BULK_UPDATE.sub(" WHEN …", text)
    return text[:MAX_SQL]


def without_literals(sql: str) -> str:
    """The identity of hand-built SQL: strings and numbers folded too."""
    return _LITERALS.sub("%s", identity(sql))

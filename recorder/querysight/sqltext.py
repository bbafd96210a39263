"""A statement's text cut at its own commas and clauses: strings, identifiers, comments and parentheses are stepped over."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | --[^\n]* | /\*.*?\*/
    | (?P<placeholder>%s) | %% | (?P<open>\() | (?P<close>\)) | (?P<end>;) | (?P<word>[A-Za-z_]\w*)""",
    re.DOTALL | re.VERBOSE,
)

_LOCK = re.compile(r"FOR (?:UPDATE|SHARE)\b|LOCK IN SHARE MODE\b", re.IGNORECASE)


def is_one_statement(sql: str) -> bool:
    """False where a semicolon may begin another: EXPLAIN would explain the first and run the second."""
    return ";" not in sql.rstrip().rstrip(";")


def unordered(sql: str) -> tuple[str, int]:
    """The statement without the ORDER BY, LIMIT and OFFSET that end it, and how many placeholders are left.

    What has a set operation or a locking clause at its end is returned whole.
    """
    depth = placeholders = 0
    words: list[tuple[str, int, int]] = []
    for token in _TOKEN.finditer(sql):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "placeholder":
            placeholders += 1
        elif kind == "word" and depth == 0:
            words.append((token.group().upper(), token.start(), placeholders))
    names = [word for word, _, _ in words]
    if any(name in {"UNION", "INTERSECT", "EXCEPT", "FOR", "FETCH"} for name in names):
        return sql, placeholders
    for index, (word, start, before) in enumerate(words):
        if word == "LIMIT" or (word == "ORDER" and names[index + 1 : index + 2] == ["BY"]):
            return sql[:start].rstrip(), before
    return sql, placeholders


def without_lock(sql: str) -> str:
    """The statement without the locking clause that ends it, which a read-only connection refuses to plan."""
    depth = 0
    for token in _TOKEN.finditer(sql):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth == 0 and token.lastgroup == "word" and _LOCK.match(sql, token.start()):
            return sql[: token.start()].rstrip()
    return sql


def numbered(sql: str) -> tuple[str, int] | None:
    """The statement with `$1, $2, …` for its placeholders, and their number; None where they have names."""
    if "%(" in sql:
        return None
    count = 0

    def number(token: re.Match[str]) -> str:
        nonlocal count
        if token.group() == "%%":
            return "%"
        if token.lastgroup != "placeholder":
            return token.group().replace("%%", "%")
        count += 1
        return f"${count}"

    return _TOKEN.sub(number, sql), count

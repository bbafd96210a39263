"""Statements cut at their own clauses, whatever stands in their strings, names and comments."""

from __future__ import annotations

import pytest

from querysight.sqltext import is_one_statement, numbered, unordered, without_lock


@pytest.mark.parametrize(
    ("sql", "shorter", "placeholders"),
    [
        ("SELECT a FROM t WHERE b = %s ORDER BY a LIMIT 5", "SELECT a FROM t WHERE b = %s", 1),
        ("SELECT a FROM t LIMIT %s OFFSET %s", "SELECT a FROM t", 0),
        ("SELECT row_number() OVER (ORDER BY a) FROM t ORDER BY %s", "SELECT row_number() OVER (ORDER BY a) FROM t", 0),
        ("SELECT (SELECT x FROM u ORDER BY x LIMIT 1) FROM t", "SELECT (SELECT x FROM u ORDER BY x LIMIT 1) FROM t", 0),
        ("SELECT ' ORDER BY ', \"order by\" FROM t", "SELECT ' ORDER BY ', \"order by\" FROM t", 0),
        ("SELECT a -- ORDER BY\nFROM t /* LIMIT 1 */", "SELECT a -- ORDER BY\nFROM t /* LIMIT 1 */", 0),
        ("SELECT `limit` FROM t LIMIT 1", "SELECT `limit` FROM t", 0),
        ("SELECT a FROM t UNION SELECT %s ORDER BY 1", "SELECT a FROM t UNION SELECT %s ORDER BY 1", 1),
        ("SELECT a FROM t ORDER BY a FOR UPDATE", "SELECT a FROM t ORDER BY a FOR UPDATE", 0),
        ("SELECT a FROM t WHERE b LIKE '50%%' AND c = %s LIMIT 1", "SELECT a FROM t WHERE b LIKE '50%%' AND c = %s", 1),
    ],
)
def test_without_order_and_limit(sql, shorter, placeholders):
    assert unordered(sql) == (shorter, placeholders)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT %s, %s", ("SELECT $1, $2", 2)),
        ("SELECT '100%%', a %% 2 FROM t WHERE b = %s", ("SELECT '100%', a % 2 FROM t WHERE b = $1", 1)),
        ("SELECT %(name)s", None),
    ],
)
def test_with_numbers(sql, expected):
    assert numbered(sql) == expected


@pytest.mark.parametrize(
    ("sql", "shorter"),
    [
        ("SELECT a FROM t ORDER BY a FOR UPDATE", "SELECT a FROM t ORDER BY a"),
        ("SELECT a FROM t FOR UPDATE SKIP LOCKED", "SELECT a FROM t"),
        ("SELECT a FROM t LOCK IN SHARE MODE", "SELECT a FROM t"),
        ("SELECT 'FOR UPDATE' FROM `for update`", "SELECT 'FOR UPDATE' FROM `for update`"),
    ],
)
def test_without_a_lock(sql, shorter):
    assert without_lock(sql) == shorter


@pytest.mark.parametrize(
    ("sql", "one"),
    [("SELECT 1", True), ("SELECT 1;\n", True), ("SELECT 1; DELETE FROM t", False), ("SELECT 1;--\nDELETE FROM t", False)],
)
def test_one_statement(sql, one):
    assert is_one_statement(sql) is one

"""The parts that need no Django."""

from __future__ import annotations

import datetime
import decimal
import os
import random
import sys

import pytest

from querysight import parameters, statements
from querysight.config import Config
from querysight.files import Files
from querysight.order import MAX_ENTRIES, Order
from querysight.testfiles import TestFiles


def _expanded(order: Order) -> list[int]:
    return [row for times, *rows in order.entries() for row in rows * times]


@pytest.mark.parametrize(
    ("rows", "entries"),
    [
        ([1, 2, 2, 2], [[1, 1], [3, 2]]),
        ([1, 2, 3] * 4, [[4, 1, 2, 3]]),
        ([1, *[2, 3] * 100, 4], [[1, 1], [100, 2, 3], [1, 4]]),
        ([1, 2, 2] * 50, [[50, 1, 2, 2]]),
        ([1, 2, 3], [[1, 1, 2, 3]]),
        ([], []),
    ],
)
def test_order_folds_cycles(rows, entries):
    order = Order()
    for row in rows:
        order.push(row)
    assert order.entries() == entries


def test_order_loses_nothing_below_its_limit():
    generator = random.Random(7)
    for _ in range(200):
        rows = [generator.randrange(1, 4) for _ in range(generator.randrange(200))]
        order = Order()
        for row in rows:
            order.push(row)
        assert _expanded(order) == rows
        assert order.rest == 0


def test_order_is_bounded():
    generator = random.Random(7)
    order = Order()
    for _ in range(50_000):
        order.push(generator.randrange(1, 500))
    assert len(order.entries()) <= MAX_ENTRIES
    assert len(_expanded(order)) + order.rest == 50_000


@pytest.mark.parametrize(
    ("sql", "verb"),
    [
        ("SELECT 1", "select"),
        (" (SELECT 1) UNION (SELECT 2)", "select"),
        ("/* by an orm */ UPDATE t SET a = 1", "update"),
        ("-- why\nDELETE FROM t", "delete"),
        ("WITH x AS (SELECT 1) SELECT * FROM x", "select"),
        ("INSERT INTO t VALUES (1)", "insert"),
        ("SAVEPOINT s1", "savepoint"),
        ("RELEASE SAVEPOINT s1", "savepoint"),
        ("ROLLBACK TO SAVEPOINT s1", "savepoint"),
        ("ROLLBACK", "transaction"),
        ("BEGIN", "transaction"),
        ("SET CONSTRAINTS ALL IMMEDIATE", "transaction"),
        ("SET search_path TO x", "other"),
        ("CREATE TABLE t (a int)", "other"),
        ("", "other"),
    ],
)
def test_verbs(sql, verb):
    assert statements.verb(sql) == verb


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("a IN (%s, %s)", "a IN (%s, %s, %s)", "a IN (%s, …)"),
        ("SAVEPOINT s1_x2", "SAVEPOINT s1_x9", "SAVEPOINT …"),
        ("x LIMIT 21", "x LIMIT 5 ", None),
        (
            "INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)",
            "INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s), (%s, %s)",
            "INSERT INTO t (a, b) VALUES (%s, %s), …",
        ),
    ],
)
def test_identity(first, second, shown):
    assert statements.identity(first) == statements.identity(second).rstrip()
    if shown is not None:
        assert statements.shown(first) == shown


def test_limits_are_shown_as_first_seen():
    assert statements.shown("x LIMIT 21") == "x LIMIT 21"


def test_single_in_and_long_sql():
    assert statements.shown("a IN (%s)") == "a IN (%s)"
    assert len(statements.shown("x" * 50_000)) == statements.MAX_SQL


class _Loud:
    def __str__(self) -> str:
        raise AssertionError("the user's code was run")

    __repr__ = __str__


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (42, "42"),
        (1.5, "1.5"),
        (decimal.Decimal("2.50"), "2.50"),
        ("it's", "'it''s'"),
        (b"\x00\xff", "X'00FF'"),
        (datetime.date(2026, 1, 2), "'2026-01-02'"),
        ([1, "a"], "ARRAY[1, 'a']"),
        (_Loud(), "'<_Loud>'"),
    ],
)
def test_literals(value, literal):
    assert parameters.literal(value) == literal


def test_literals_are_bounded():
    assert len(parameters.literal("x" * 10_000)) == parameters.MAX_LENGTH
    assert len(parameters.sample(tuple(range(500)), False)) == parameters.MAX_COUNT


def test_iterators_of_executemany_are_not_consumed():
    rows = iter([(1,), (2,)])
    assert parameters.sample(rows, True) == []
    assert parameters.fingerprint(rows, True) == 0
    assert list(rows) == [(1,), (2,)]


def test_iterators_of_execute_are_not_consumed():
    """Which mysqlclient takes."""
    values = iter([1, 2])
    assert parameters.fingerprint(values, many=False) == 0
    assert list(values) == [1, 2]


def test_unhashable_parameters():
    assert parameters.fingerprint(([1],), False) == parameters.fingerprint(([1],), False)
    assert parameters.fingerprint(([1],), False) != parameters.fingerprint(([2],), False)
    assert parameters.fingerprint((memoryview(bytearray(b"x")),), False) != 0


def test_user_files(tmp_path):
    for name in ("app/a.py", "venv/lib/b.py", "app/node_modules/c.py", ".querysight/d.py", "app/site-packages/e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "venv/pyvenv.cfg").write_text("")
    (tmp_path / "link.py").symlink_to(tmp_path / "app/a.py")
    (tmp_path / "out.py").symlink_to(os.__file__)
    files = Files(tmp_path)
    real = os.path.realpath(tmp_path / "app/a.py")
    assert files.user_path(str(tmp_path / "app/a.py")) == real
    assert files.user_path(str(tmp_path / "link.py")) == real
    for name in ("venv/lib/b.py", "app/node_modules/c.py", ".querysight/d.py", "app/site-packages/e.py", "out.py", "gone.py"):
        assert files.user_path(str(tmp_path / name)) is None
    for name in ("<string>", "", os.__file__, parameters.__file__):
        assert files.user_path(name) is None


def test_file_text(tmp_path):
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    (tmp_path / "latin.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    (tmp_path / "broken.py").write_bytes(b"x = '\xff'\n")
    files = Files(tmp_path)
    texts = {name: files.file(str(tmp_path / name), "python") for name in ("bom.py", "latin.py", "broken.py")}
    assert texts["bom.py"].text == "x = 1\r\n"
    assert texts["latin.py"].text == "# coding: latin-1\nx = 'é'\n"
    assert (texts["broken.py"].text, texts["broken.py"].digest) == (None, "")


def test_a_file_edited_after_its_import_says_so(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("def f():\n    return 1\n")
    code = compile(path.read_text(), str(path), "exec", dont_inherit=True)
    function = next(constant for constant in code.co_consts if hasattr(constant, "co_code"))
    files = Files(tmp_path)
    same = files.code_file(str(path), function, 0)
    assert same.changed is False
    path.write_text("x = 0\n\ndef f():\n    return 2\n")
    files = Files(tmp_path)
    edited = files.code_file(str(path), function, 0)
    assert (edited.changed, edited.text) == (True, path.read_text())
    assert files.code_file(str(path), function, 0) is edited
    other = next(c for c in compile(path.read_text(), str(path), "exec", dont_inherit=True).co_consts if hasattr(c, "co_code"))
    plain = files.code_file(str(path), other, 0)  # what stands in the file as it is now
    assert (plain.changed, plain.text, plain.id != edited.id) == (False, edited.text, True)
    old = Files(tmp_path).code_file(str(path), function, sys.maxsize)  # older than the process: it was imported as it is
    assert old.changed is False


def test_a_file_that_is_no_python_any_more_says_so(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("def f(:\n")
    assert Files(tmp_path).code_file(str(path), test_literals.__code__, 0).changed is True


def test_a_tag_is_looked_up_in_the_content_that_it_was_loaded_from(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("{% for a in b %}\n{{ a.c }}\n{% endfor %}\n")
    files = Files(tmp_path)

    def record(line, text, since=0):
        return files.tag_file(str(path), "django-template", line, text, since)

    first = record(1, "for a in b")
    assert (first.changed, first.text) == (False, path.read_text())
    path.write_text("\n{% for a in b %}\n{{ a.d }}\n{% endfor %}\n")
    os.utime(path, ns=(1, first.modified_ns + 1))
    assert record(2, "a.c") is first  # still loaded
    second = record(3, "a.d")
    assert (second.changed, second.text, second.id != first.id) == (False, path.read_text(), True)
    neither = record(4, "a.e")
    assert (neither.changed, neither.text) == (True, second.text)
    assert record(9, "a.e") is neither
    assert record(4, "a.e", since=sys.maxsize) is second
    path.unlink()
    assert record(3, "a.d") is second


def test_a_line_is_looked_up_in_the_content_that_it_was_loaded_from(tmp_path):
    path = tmp_path / "a.jinja"
    path.write_text("1")
    files = Files(tmp_path)
    first = files.line_file(str(path), "jinja", True, 0)
    path.write_text("2")
    os.utime(path, ns=(1, first.modified_ns + 1))
    assert files.line_file(str(path), "jinja", False, first.modified_ns) is first
    second = files.line_file(str(path), "jinja", True, 0)
    assert (second.text, second.changed) == ("2", False)
    assert files.line_file(str(path), "jinja", False, 0).changed is True


def test_config_from_environment(tmp_path):
    assert Config.from_environment({}) is None
    env = {"QUERYSIGHT_ROOT": str(tmp_path), "QUERYSIGHT_RUN_DIR": str(tmp_path / "r1"), "QUERYSIGHT_PARAMETERS": "0"}
    config = Config.from_environment(env)
    assert config is not None
    assert (config.run, config.process, config.runner, config.parameters) == ("r1", "main", "unknown", False)
    worker = Config.from_environment({**env, "PYTEST_XDIST_WORKER": "gw1", "QUERYSIGHT_RUNNER": "pytest"})
    assert worker is not None
    assert (worker.process, worker.runner) == ("gw1", "pytest")


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("conftest.py", True),
        ("shop/tests/base.py", True),
        ("shop/tests.py", True),
        ("shop/views_test.py", True),
        ("sampledata/factories.py", True),
        ("shop/spec.py", True),
        ("shop/views.py", False),
        ("shop/latest.py", False),
    ],
)
def test_files_of_tests(path, is_test):
    """The server tells them by the same names (server/src/insights/words.test.ts), and by the tests that it was told of."""
    files = TestFiles(os.sep + "project")
    files.add("shop/spec.py::Orders::test_all")
    assert files.has(os.path.join(os.sep, "project", *path.split("/"))) is is_test
    assert not files.has(os.path.join(os.sep, "elsewhere", *path.split("/")))

"""Where a query stands: stacks, constructions, templates, threads."""

from __future__ import annotations

import importlib
import sys
import threading

import pytest

SERVICES = "store/services.py"


def test_construction_and_access_are_told_apart(recording, services):
    root, lazy = recording.run(services.foreign_key).rows
    assert root.chain.place == (SERVICES, recording.line(SERVICES, "# fk construction"))
    assert root.chain.qualname == "foreign_key" or sys.version_info < (3, 11)
    assert lazy.stack[-1].place == (SERVICES, recording.line(SERVICES, "# fk access"))
    assert len(lazy.stack) == 1  # frames outward of the base are not recorded


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no columns before Python 3.11")
def test_two_querysets_on_one_line(recording, services):
    first, second = recording.run(services.two_on_one_line).rows
    assert first.chain.place == second.chain.place == (SERVICES, recording.line(SERVICES, "# one line"))
    assert first.chain.column is not None
    assert first.chain.column < second.chain.column
    assert first.chain.endColumn < second.chain.column


PLACES = "lending/places.py"
ALL, OLD = "Book.objects.all()", "Book.objects.filter(year=1800)"
# function: (the queryset's expression, the access's expression)
EXPRESSIONS = {
    "list_comprehension": (ALL, "book.author"),
    "set_comprehension": (ALL, "book.author"),
    "dict_comprehension": (ALL, "book.author"),
    "nested_comprehension": (ALL, "book.author"),
    "generator_expression": (ALL, "book.author"),
    "generator_expression_over_an_iterator": ("Book.objects.iterator()", "book.author"),
    "generator": (ALL, "book.author"),
    "generator_that_loads": (ALL, "book.author"),
    "called_lambda": (ALL, "book.author"),
    "key_of_a_sort": (ALL, "book.author"),
    "mapped": (ALL, "book.author"),
    "partially_applied": (ALL, "book.author"),
    "conditional": (ALL, "book.author"),
    "unpacked": (ALL, "first.author"),
    "starred": (ALL, "book.author"),
    "assigned_in_a_condition": (ALL, "found[0].author"),
    "formatted": (ALL, "book.author"),
    # Where the queryset is made: what is chained on to it stands further on.
    "multi_line_chain": (OLD, "book.author"),
    "multi_line_call": (
        'Book.objects.filter(\n            year=1800,\n            title__gt="",\n        )',
        "book.author",
    ),
    "multi_byte": ('Book.objects.filter(title__lt="ü")', "book.author"),
    "of_a_class": (OLD, "book.author"),
    "property_of_a_class": (ALL, "book.author"),
    "cached_property_of_a_class": (ALL, "book.author"),
    "class_method": (ALL, "book.author"),
    "static_method": (ALL, "book.author"),
    "iterated": (ALL, "book.author"),
    "contained": (ALL, "book.author"),
    "in_a_context": (ALL, "book.author"),
    "decorated": (ALL, "book.author"),
    "of_a_module": (ALL, "book.author"),
}
HAS_COLUMNS = sys.version_info >= (3, 11)


@pytest.fixture
def places(recording):
    """Made anew, so that querysets of its classes and its module are made in this recording."""
    from lending import places

    return importlib.reload(places)


def written(recording, site):
    """What stands at a site."""
    lines = (recording.root / site.path).read_bytes().split(b"\n")[site.line - 1 : site.endLine]
    lines[-1] = lines[-1][: site.endColumn]
    lines[0] = lines[0][site.column :]
    return b"\n".join(lines).decode()


@pytest.mark.skipif(not HAS_COLUMNS, reason="no columns before Python 3.11")
@pytest.mark.parametrize("function", EXPRESSIONS)
def test_the_expressions_of_a_queryset_and_of_an_access(recording, places, function):
    queryset, access = EXPRESSIONS[function]
    root, lazy = recording.run(getattr(places, function)).rows
    assert written(recording, root.chain) == queryset
    assert written(recording, lazy.stack[-1]) == access
    assert (lazy.parent.id, {site.path for site in lazy.stack} - {"lending/wrapping.py"}) == (root.id, {PLACES})


@pytest.mark.skipif(not HAS_COLUMNS, reason="no columns before Python 3.11")
def test_loops_on_one_line_are_told_apart(recording, places):
    first, first_author, second, second_author = recording.run(places.two_on_one_line).rows
    assert [written(recording, row.chain) for row in (first, second)] == [
        "Book.objects.filter(pk=1)",
        "Book.objects.filter(pk=2)",
    ]
    assert first.chain.line == second.chain.line
    assert first_author.stack[-1].endColumn < first.chain.column < first.chain.endColumn < second_author.stack[-1].column
    assert [first_author.parent.id, second_author.parent.id] == [first.id, second.id]


@pytest.mark.skipif(not HAS_COLUMNS, reason="no columns before Python 3.11")
def test_two_querysets_of_the_same_text_on_one_line(recording, places):
    first, second = recording.run(places.two_of_the_same_on_one_line).rows
    assert first.chain.endColumn < second.chain.column
    assert {written(recording, row.chain) for row in (first, second)} == {"Book.objects.filter(pk=1)"}


def test_all_user_frames_outermost_first(recording, places):
    (row,) = recording.run(places.outer).rows
    names = [site.qualname for site in row.stack]
    if sys.version_info < (3, 12):  # comprehensions were frames of their own
        names = [name for name in names if not name.endswith("<listcomp>")]
    if HAS_COLUMNS:
        assert names == [
            "outer",
            "passed_on.<locals>.wrapper",
            "middle",
            "inner",
            "inner.<locals>.<genexpr>",
            "middle.<locals>.<lambda>",
        ]
    assert row.stack[-1].line == row.chain.line == recording.line(PLACES, "Book.objects.count()")


@pytest.mark.parametrize(
    "function",
    [
        "by_a_manager",
        "by_a_decorated_method",
        "by_another_decorated_method",
        "by_a_decorator",
        pytest.param(
            "by_a_function_in_a_method",
            marks=pytest.mark.skipif(not HAS_COLUMNS, reason="no qualified names before Python 3.11"),
        ),
        "by_a_method_with_a_comprehension",
        "by_a_property",
        "by_chained_methods",
        "by_a_method_that_evaluates",
    ],
)
def test_what_managers_do_inside_is_not_the_expression_to_edit(recording, places, function):
    places.decorated()  # the decorator serves a plain function as well
    rows = recording.run(getattr(places, function)).rows
    line = recording.line(PLACES, f"# {function.replace('_', ' ')}")
    assert {row.chain.place for row in rows if row.cause["kind"] == "queryset"} == {(PLACES, line)}
    assert all(site.path in {PLACES, "lending/wrapping.py"} for row in rows for site in row.built)


def test_a_decorator_that_runs_the_query_itself(recording, places):
    (row,) = recording.run(places.decorated_and_evaluated).rows
    assert row.stack[-1].place == ("lending/wrapping.py", recording.line("lending/wrapping.py", "# evaluated"))
    assert row.chain.qualname == "decorated_and_evaluated"


@pytest.mark.parametrize("name", ["<string>", "<generated books>", "made/up.py", "", "lending/nowhere.py"])
def test_generated_code_is_no_place_and_what_stands_around_it_is(recording, services, name):
    source = "def generated(call):\n    return [call() for _ in (1, 2)]\n"
    namespace = {}
    exec(compile(source, name, "exec"), namespace)
    row = recording.run(lambda: namespace["generated"](services.foreign_key)).rows[0]
    assert row.count == 2
    assert [site.path for site in row.stack] == [SERVICES]
    namespace["Order"] = services.Order
    exec(compile("def load():\n    return [order.customer for order in Order.objects.all()]\n", name, "exec"), namespace)
    root, lazy = recording.run(namespace["load"]).rows
    assert (root.stack, root.chain, lazy.stack) == ([], None, [])
    assert (lazy.cause["kind"], lazy.parent.id, lazy.count) == ("foreign_key", root.id, 3)


def test_generated_code_between_user_frames(recording, services):
    namespace = {"count": services.Order.objects.count}
    path = str(recording.root / SERVICES)
    exec(compile("def inner():\n    return count()\n", path, "exec"), namespace)
    exec(compile("def middle():\n    return inner()\n", "<generated>", "exec"), namespace)
    exec(compile("\n\ndef outer():\n    return middle()\n", path, "exec"), namespace)
    (row,) = recording.run(namespace["outer"]).rows
    assert [site.line for site in row.stack] == [4, 2]


def test_one_call_is_one_site_however_often_it_runs(recording, services):
    def often():
        for _ in range(50):
            services.foreign_key()

    scope = recording.run(often)
    assert [(row.count, row.instances) for row in scope.rows] == [(50, 0), (150, 150)]


def test_multi_line_chain(recording, services):
    row = recording.run(services.chained).rows[0]
    start = recording.line(SERVICES, "# chain starts")
    assert row.chain.path == SERVICES
    assert row.chain.line == start
    assert row.chain.qualname in {"chained"}


def test_a_managers_own_method_is_not_the_chain(recording, services):
    row = recording.run(services.through_manager).rows[0]
    assert row.chain.place == (SERVICES, recording.line(SERVICES, "# available"))
    assert row.built[-1].place[0] == "store/models.py"


def test_a_querysets_own_method_is_on_the_stack(recording, services):
    row = recording.run(services.through_queryset_method).rows[0]
    assert row.chain.place == (SERVICES, recording.line(SERVICES, "# references"))
    assert "store/models.py" in {site.path for site in row.stack}


def test_template_nodes_stand_in_the_stack(recording):
    """Through extends and include, with a queryset made when the class was."""
    from django.test import Client
    from store import views

    importlib.reload(views)  # its class-level queryset is made now, in this recording
    from django.urls import clear_url_caches

    sys.modules.pop("config.urls", None)
    clear_url_caches()
    root, lazy = recording.run(Client().get, "/orders/").rows
    assert (lazy.count, lazy.parent.id) == (3, root.id)
    rows = "store/templates/store/_rows.html"
    assert [site.place for site in lazy.stack] == [
        ("store/templates/store/orders.html", 1),
        ("templates/base.html", 2),
        ("store/templates/store/orders.html", 4),
        (rows, 2),
        (rows, 4),
    ]
    assert [site.qualname for site in lazy.stack] == ["", "", "content", "", ""]
    assert lazy.stack[3].token == "for order in orders"
    assert lazy.stack[-1].token == "order.customer.name"
    assert root.stack[-1].place == (rows, 2)
    assert root.chain.place == ("store/views.py", recording.line("store/views.py", "# class level"))
    assert root.built[-1].qualname == "OrderList" or sys.version_info < (3, 11)


def test_a_queryset_that_is_written_nowhere_has_no_chain(recording):
    from django.test import Client
    from django.views.generic import ListView
    from store.models import Note

    row = recording.run(lambda: list(ListView(model=Note).get_queryset())).rows[0]
    assert row.chain is None
    assert row.cause["model"] == "store.Note"
    assert recording.run(Client().get, "/notes/").rows[0].chain.kind == "view"


def test_async_iteration_keeps_its_callers(recording, services):
    row = recording.run(services.asynchronous).rows[0]
    assert row.stack[-1].place == (SERVICES, recording.line(SERVICES, "# async for"))
    assert row.rows == 3


def test_threads_keep_their_callers(recording, services):
    root, lazy = recording.run(services.in_thread).rows
    expected = recording.line(SERVICES, "# into thread")
    assert (SERVICES, expected) in [site.place for site in lazy.stack]
    assert lazy.stack[-1].place == (SERVICES, recording.line(SERVICES, "# in thread"))
    assert lazy.parent.id == root.id


def test_two_threads_meet_a_query_at_once(recording, monkeypatch):
    from django.db import connection

    executions = recording.session._engine.executions
    both, loads_one = threading.Barrier(2, timeout=10), executions._loads_one

    def meet(frames, verb):
        both.wait()
        return loads_one(frames, verb)

    monkeypatch.setattr(executions, "_loads_one", meet)

    def ask():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close()

    def run():
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    scope = recording.run(run)
    assert [row.count for row in scope.rows] == [scope.end["queries"]] == [2]


def test_deep_stacks_keep_both_ends(recording, tmp_path):
    lines = "def deep(n, f):\n    return f() if n == 0 else deep(n - 1, f)\n"
    path = recording.root / "store" / "services.py"
    namespace: dict = {}
    exec(compile(lines, str(path), "exec"), namespace)
    from store.models import Order

    row = recording.run(namespace["deep"], 300, Order.objects.count).rows[0]
    assert len(row.stack) == 128

"""Where a query stands: stacks, constructions, templates, threads."""

from __future__ import annotations

import importlib
import sys

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

    row = recording.run(Client().get, "/notes/").rows[0]
    assert row.chain is None
    assert row.cause["model"] == "store.Note"


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


def test_deep_stacks_keep_both_ends(recording, tmp_path):
    lines = "def deep(n, f):\n    return f() if n == 0 else deep(n - 1, f)\n"
    path = recording.root / "store" / "services.py"
    namespace: dict = {}
    exec(compile(lines, str(path), "exec"), namespace)
    from store.models import Order

    row = recording.run(namespace["deep"], 300, Order.objects.count).rows[0]
    assert len(row.stack) == 128

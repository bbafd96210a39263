"""The recorded program: same pickles, same counts, same exceptions, same transactions."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import traceback
import types
import warnings
from pathlib import Path

import pytest
from asgiref import sync
from segments import Recording

from querysight import django_names, marks, relations

TESTS = Path(__file__).parent

_PICKLES = """
import os, sys, hashlib, json, pickle
from pathlib import Path
sys.path[:0] = [{project!r}, {recorder!r}]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
if {recorded}:
    from querysight.config import Config
    from querysight.session import Session
    session = Session.start(Config(Path({project!r}), Path({run!r}), "run", "main", "unknown"))
import django
django.setup()
if {recorded}:
    session.install()
    session.open_scope("command", label="pickle")
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from store import data, services, models
data.fill()
orders = models.Order.objects.select_related("customer__address")
customer = models.Customer.objects.prefetch_related("order_set__items__product").get(pk=1)
prefetched = list(models.Product.objects.prefetch_related("tags"))
things = [
    services.pickled(), orders, list(orders), customer, prefetched, prefetched[0].__getstate__(),
    models.Order(), models.Order()._state,
    models.Product.objects.get(pk=1).tags.filter(name="new"), customer.order_set.all(),
    models.Order.objects.raw("SELECT * FROM store_order").query,
]
print(json.dumps([
    hashlib.sha256(thing if isinstance(thing, bytes) else pickle.dumps(thing, protocol)).hexdigest()
    for thing in things for protocol in (2, 4, 5)
]))
"""


def _hashes(tmp_path: Path, recorded: bool) -> list[str]:
    source = _PICKLES.format(
        project=str(TESTS / "project"), recorder=str(TESTS.parent), run=str(tmp_path / "run"), recorded=recorded
    )
    result = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "1"}
    )
    return json.loads(result.stdout)


def test_pickles_are_byte_identical(tmp_path):
    assert _hashes(tmp_path, recorded=True) == _hashes(tmp_path, recorded=False)
    assert (tmp_path / "run" / "main.ndjson").read_text().count('"type":"row"') > 10


def _kept_answers(model) -> dict:
    """What the relations of a model have computed and kept: it is pickled with any query that joins them."""
    from django.utils.functional import cached_property

    ends = {end for field in model._meta.get_fields(include_hidden=True) for end in (field, getattr(field, "remote_field", None))}
    return {
        (relation, name): vars(relation)
        for relation in ends
        if hasattr(relation, "field")  # that of a field is pickled by its name
        for name in [*vars(relation)]
        if isinstance(getattr(type(relation), name, None), cached_property)
    }


def test_relations_keep_no_more_than_unwatched(recording):
    from lending.models import Book, Genre

    def loads():
        genre = Genre.objects.get(pk=1)
        list(genre.books_of.all())
        list(Book.objects.filter(pk=1, copy__number=1, cover__colour="red"))

    def kept(run):
        relations._reverse_many_to_many.cache_clear()
        for model in (Book, Genre):
            model._meta._expire_cache()
            model._meta.get_fields()
            for (_, name), values in _kept_answers(model).items():
                del values[name]
        run()
        return {key for model in (Book, Genre) for key in _kept_answers(model)}

    with recording.session.outside():
        loads()  # what Django itself finds out once
    watched = kept(lambda: recording.run(loads))
    assert recording.read().of("models")
    recording.session.finish()
    assert watched <= kept(loads)


def test_marks_do_not_follow_copies(recording):
    from store.models import Order

    def loaded():
        return list(Order.objects.select_related("customer"))

    recording.run(loaded)
    order = recording.result[0]
    assert marks.INSTANCE in order._state.__dict__
    assert marks.INSTANCE in order.customer._state.__dict__
    for twin in (copy.deepcopy(order), copy.copy(order), pickle.loads(pickle.dumps(order))):
        assert marks.INSTANCE not in twin._state.__dict__
        assert twin == order
        assert twin._state.db == order._state.db
    assert marks.INSTANCE not in copy.deepcopy(order).customer._state.__dict__


def test_marks_are_integers(recording, services):
    from store.models import Order

    def query():
        orders = Order.objects.filter(status="paid")
        items = next(iter(orders)).items.filter(quantity=1)
        list(items)
        return items.query

    recording.run(query)
    values = {name: recording.result.__dict__[name] for name in marks.QUERY_MARKS}
    assert all(type(value) is int for value in values.values()), values


def test_counts_are_unchanged(recording, services):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            services.foreign_key()
            services.prefetch_nested()
        return [query["sql"] for query in captured.captured_queries]

    recording.run(count)
    recorded = recording.result
    recording.session.finish()
    assert count() == recorded
    assert len(recorded) == 7


def test_other_tools_wrappers_come_off_first(recording, services):
    from django.db import connection

    seen = []

    def other(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    def run():
        with connection.execute_wrapper(other):
            services.foreign_key()

    assert len(recording.run(run).rows) == 2
    assert len(seen) == 4
    assert other not in connection.execute_wrappers


def test_finish_takes_the_wrapper_out(recording):
    from django.db import connection

    before = len(connection.execute_wrappers)
    recording.session.finish()
    assert len(connection.execute_wrappers) == before - 1


def test_exceptions_are_the_same(recording, services):
    from django.db import OperationalError, transaction

    def broken():
        with transaction.atomic():
            services.broken()

    with pytest.raises(OperationalError, match="no such table: nowhere") as caught:
        recording.run(broken)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "broken" in names


def test_faults_inside_the_recorder_are_swallowed(recording, services, monkeypatch):
    engine = recording.session._engine
    monkeypatch.setattr(engine.walker, "capture", lambda *args, **kwargs: 1 / 0)
    scope = recording.run(services.foreign_key)
    assert scope.rows == []
    recording.session.finish()
    segment = recording.read()
    (notice,) = segment.of("notice")
    assert notice["code"] == "recorder-error"
    assert "ZeroDivisionError" in notice["message"]


def test_frames_and_their_locals_are_not_kept(recording):
    import gc
    import weakref

    from store.models import Order

    class Big:
        pass

    def user():
        big = Big()
        list(Order.objects.all())
        return weakref.ref(big)

    gc.disable()
    try:
        recording.run(user)
        assert recording.result() is None
    finally:
        gc.enable()


_LETS_GO = """
import weakref
from store.models import Order

class Tests:
    def lets_go(self):
        order = Order()
        seen = weakref.ref(order)
        Order.objects.first()
        del order
        return seen() is None

    def holds(self):
        before = locals()
        Order.objects.first()
        return before
"""


def _load(tmp_path: Path, source: str):
    (tmp_path / "let_go.py").write_text(source)
    values: dict = {}
    exec(compile(source, str(tmp_path / "let_go.py"), "exec"), values)
    return values


def test_what_a_method_lets_go_of_is_gone(tmp_path, rollback):
    """Its first query asks whose method it is: before Python 3.13 that is a copy of all its variables, on the frame."""
    recording = Recording(tmp_path, tmp_path / "runs" / "20260101T000000Z-1-abcd")
    try:
        tests = _load(tmp_path, _LETS_GO)["Tests"]()
        assert len(recording.run(tests.lets_go).rows) == 1
        assert recording.result is True
        recording.run(tests.holds)
        assert recording.result["self"] is tests
    finally:
        recording.session.finish()


def test_an_iterator_that_is_dropped_half_way(recording):
    from store.models import Order

    def half():
        orders = Order.objects.iterator(chunk_size=1)
        next(orders)
        orders.close()

    assert recording.run(half).rows[0].rows == 1


def test_transactions_are_left_alone(recording, services):
    from django.db import connection

    def state():
        return connection.in_atomic_block, connection.needs_rollback, list(connection.savepoint_ids)

    before = state()
    recording.run(services.foreign_key)
    assert state() == before


def test_querysets_compare_and_combine(recording):
    from store.models import Order

    def combined():
        return (Order.objects.filter(status="paid") | Order.objects.filter(status="open")).union(Order.objects.none())

    recording.run(lambda: len(combined()))
    assert recording.result == 3


def test_a_warning_names_the_program_and_not_what_is_wrapped_around_django(recording):
    from django.db.models import QuerySet

    def deprecated():
        warnings.warn("gone soon", DeprecationWarning, stacklevel=2)

    module = types.ModuleType("module")
    module.Thing = type("Thing", (), {"deprecated": lambda self: deprecated(), "older": staticmethod(deprecated)})
    django_names.wrap(module, "Thing.older", lambda original: lambda: original())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module.Thing.older()
    assert [warning.filename for warning in caught] == [__file__]
    for wrapper in (QuerySet.__init__, QuerySet._clone, sync.SyncToAsync.__call__):
        assert "importlib" in wrapper.__code__.co_filename and "_bootstrap" in wrapper.__code__.co_filename

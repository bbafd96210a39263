"""The file: header, batches, statements, plans, models, failures."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3

import pytest
from segments import Recording, Segment

from querysight import segment as segment_module
from querysight.session import Session, current


def test_header(recording):
    header = recording.read().records[0]
    assert (header["format"], header["run"], header["process"]) == (1, recording.run_dir.name, "main")
    assert header["root"] == recording.root.as_posix()
    assert header["pid"] == os.getpid()


def test_explain_is_the_querysets_doing(recording):
    from store.models import Order

    row = recording.run(Order.objects.all().explain).rows[0]
    assert (row.cause["kind"], row.cause["api"], row.statement["verb"]) == ("queryset", "explain", "other")


def test_files_are_written_once_with_their_content(recording, services):
    recording.run(services.foreign_key)
    recording.run(services.one_to_one)
    files = recording.read().of("file")
    assert len({file["path"] for file in files}) == len(files)
    file = next(file for file in files if file["path"] == "store/services.py")
    assert file["text"] == (recording.root / "store/services.py").read_text()
    assert file["hash"] == hashlib.sha256(file["text"].encode()).hexdigest()
    assert file["changed"] is False


def test_counts_times_and_order(recording, services):
    scope = recording.run(services.foreign_key)
    root, lazy = scope.rows
    assert scope.end["order"] == [[1, root.id], [3, lazy.id]]
    assert scope.end["queries"] == 4
    assert (lazy.first, lazy.last) == (2, 4)
    total, least, most = lazy.ns
    assert 0 < least <= most <= total <= scope.end["sqlNs"]
    assert lazy.parameters == 2  # two customers for three orders


def test_samples_can_be_switched_off(tmp_path, rollback, services):
    recording = Recording(tmp_path, tmp_path / "run", parameters=False)
    assert {row.sample for row in recording.run(services.foreign_key).rows} == {None}
    recording.session.finish()


def test_in_lists_are_one_statement(recording, services):
    (row,) = recording.run(services.in_lists).rows
    assert "IN (%s, …)" in row.statement["sql"]
    assert (row.count, row.parameters) == (4, 4)


def test_hand_built_sql_is_folded_after_fifty_statements(recording, services):
    scope = recording.run(services.many_statements)
    assert len(scope.rows) == 51
    assert scope.rows[-1].statement["sql"] == "SELECT %s, %s"
    assert scope.rows[-1].count == 70


def test_plans_once_a_statement(recording, services):
    recording.run(services.foreign_key)
    recording.run(services.foreign_key)
    assert recording.read().of("plan") == []
    recording.session.finish()
    plans = recording.read().of("plan")
    assert len(plans) == 2
    assert plans[0]["nodes"][0]["detail"].startswith("SCAN")
    assert "PRIMARY KEY" in plans[1]["nodes"][0]["detail"]


def test_database(recording, services):
    recording.run(services.foreign_key)
    assert recording.read().of("database") == [
        {"type": "database", "alias": "default", "vendor": "sqlite", "version": sqlite3.sqlite_version}
    ]


def test_models(recording, services):
    recording.run(services.foreign_key)
    recording.run(services.foreign_key)
    (record,) = recording.read().of("models")
    models = {model["label"]: model for model in record["models"]}
    order = models["store.Order"]
    fields = {field["accessor"]: field for field in order["fields"]}
    assert order["file"] == "store/models.py"
    assert order["line"] == recording.line("store/models.py", "class Order(Stamped)")
    assert order["abstractBases"] == ["store.models.Stamped"]
    relations = {name: (field["relation"], field["select"], field["prefetch"]) for name, field in fields.items()}
    assert relations["customer"] == ("foreign_key", "customer", "customer")
    assert relations["items"] == ("reverse_foreign_key", None, "items")
    assert relations["notes"] == ("generic_relation", None, "notes")
    assert relations["giftorder"] == ("reverse_one_to_one", "giftorder", "giftorder")
    assert relations["reference"] == (None, None, None)
    assert fields["customer"]["remote"] == "order"
    assert fields["items"]["remote"] == "order"
    assert (fields["customer"]["toField"], fields["items"]["toField"], fields["reference"]["toField"]) == ("id", None, None)
    assert (fields["id"]["index"], fields["reference"]["unique"], fields["memo"]["index"]) == (True, True, False)
    assert [(index["name"], index["fields"], index["unique"]) for index in order["indexes"]] == [
        ("order_status", ["-status", "reference"], False),
        ("order_once", ["reference", "status"], True),
    ]
    customer = {field["accessor"]: field for field in models["store.Customer"]["fields"]}
    assert customer["order_set"]["name"] == "order"
    assert customer["profile"]["relation"] == "reverse_one_to_one"
    note = {field["accessor"]: field for field in models["store.Note"]["fields"]}
    assert (note["about"]["relation"], note["about"]["to"], note["about"]["prefetch"]) == ("generic_foreign_key", None, "about")
    tag = {field["accessor"]: field for field in models["store.Tag"]["fields"]}
    assert tag["product_set"]["relation"] == "reverse_many_to_many"
    assert models["store.OldOrder"]["proxyFor"] == "store.Order"
    assert models["store.GiftOrder"]["parents"] == ["store.Order"]
    link = next(field for field in models["store.GiftOrder"]["fields"] if field["accessor"] == "order_ptr")
    assert (link["relation"], link["select"], link["prefetch"]) == ("one_to_one", None, "order_ptr")
    assert models["store.Product_tags"]["table"] == "store_product_tags"
    shelf = next(field for field in models["lending.Placement"]["fields"] if field["accessor"] == "shelf")
    assert (shelf["relation"], shelf["to"], shelf["toField"]) == ("foreign_key", "lending.Shelf", None)
    assert models["auth.User"]["file"] is None
    assert (order["defaultManager"], order["defaultManagerFilters"], order["ordering"]) == ("objects", False, [])
    assert models["auth.Permission"]["ordering"][:1] == ["content_type__app_label"]


def test_a_default_manager_with_a_queryset_of_its_own_may_filter(store):
    from types import SimpleNamespace

    from store.models import Product

    from querysight import model_schema

    product = SimpleNamespace(_default_manager=Product.available)
    assert model_schema._default_manager(product) == {"defaultManager": "available", "defaultManagerFilters": True}


def test_a_router_that_fails_leaves_the_default_databases_vendor(store, monkeypatch):
    from django.db import router
    from store.models import Order

    from querysight import model_schema

    vendors = {"default": "sqlite", "other": "postgresql"}
    monkeypatch.setattr(router, "allow_migrate_model", lambda alias, model: alias == "other")
    assert model_schema._vendor(Order, vendors) == "postgresql"
    monkeypatch.setattr(router, "allow_migrate_model", lambda alias, model: 1 / 0)
    assert model_schema._vendor(Order, vendors) == "sqlite"
    # Where all are of one kind, the project's code is not run at all.
    assert model_schema._vendor(Order, {"default": "mysql", "replica": "mysql"}) == "mysql"
    assert model_schema._vendor(Order, {}) == "unknown"


def test_a_field_that_wraps_a_field_is_no_relation(store):
    """As a library's for encrypted or listed values may."""
    from django.db import models

    from querysight import model_schema

    class Wrapping(models.TextField):
        field = models.IntegerField()

    assert not model_schema._is_hidden(Wrapping())


def test_models_are_tried_again(recording, services, monkeypatch):
    from querysight import model_schema

    with monkeypatch.context() as patch:
        patch.setattr(model_schema, "_vendors", lambda: 1 / 0)
        recording.run(services.foreign_key)
    assert recording.read().of("models") == []
    recording.run(services.foreign_key)
    recording.run(services.foreign_key)
    assert len(recording.read().of("models")) == 1


def test_a_model_that_cannot_be_read_is_left_out(recording, services, monkeypatch):
    from store.models import Tag

    monkeypatch.delattr(Tag._meta, "managed")
    recording.run(services.foreign_key)
    (record,) = recording.read().of("models")
    labels = {model["label"] for model in record["models"]}
    assert "store.Tag" not in labels
    assert "store.Order" in labels


def test_every_select_lookup_is_one_that_django_takes(recording, services):
    from django.apps import apps

    recording.run(services.foreign_key)
    (record,) = recording.read().of("models")
    for model in record["models"]:
        manager = apps.get_model(model["label"])._base_manager
        for field in model["fields"]:
            if field["select"] is not None:
                str(manager.select_related(field["select"]).query)
            if field["prefetch"] is not None:
                list(manager.prefetch_related(field["prefetch"])[:1])


def test_scopes_nest_and_requests_are_numbered(recording):
    session = recording.session
    outer = session.open_scope("test", test="t.py::t", phase="call")
    numbers = []
    for _ in range(2):
        inner = session.open_scope("request", method="GET", path="/orders/")
        assert session.scope() is inner
        session.close_scope(inner, status=200, route="/orders/", view="store.views.OrderList")
        numbers.append(inner.id)
    assert session.scope() is outer
    session.close_scope(outer)
    session.test_finished("t.py::t", "passed", 5)
    segment = recording.read()
    scopes = {scope["id"]: scope for scope in segment.of("scope")}
    assert [scopes[number]["ordinal"] for number in numbers] == [1, 2]
    assert scopes[numbers[0]]["parent"] == outer.id
    assert (scopes[numbers[0]]["test"], scopes[numbers[0]]["phase"]) == ("t.py::t", "call")
    assert (scopes[numbers[0]]["route"], scopes[numbers[0]]["view"]) == ("/orders/", "store.views.OrderList")
    assert segment.of("scopeEnd")[0]["status"] == 200
    assert segment.of("test") == [{"type": "test", "id": "t.py::t", "outcome": "passed", "durationNs": 5}]


def test_the_set_up_of_a_class_is_written_only_if_it_did_something(recording, services):
    session = recording.session

    def set_up(phase, inside):
        scope = session.open_scope("test", test="t.py::T", phase=phase)
        inside()
        session.close_scope(scope)
        return scope.id

    def request():
        session.close_scope(session.open_scope("request", method="GET", path="/"))

    empty = set_up("class", lambda: None)
    around_an_empty_one = set_up("class", lambda: set_up("class", lambda: None))
    written = {set_up("class", services.foreign_key), set_up("class", request), set_up("setup", lambda: None)}
    scopes = {scope["id"]: scope for scope in recording.read().of("scope")}
    assert not {empty, around_an_empty_one} & scopes.keys()
    assert written <= scopes.keys()
    assert {scope["parent"] for scope in scopes.values()} <= {0, *scopes}
    assert {end["scope"] for end in recording.read().of("scopeEnd")} == scopes.keys()


def test_queries_outside_any_scope_are_only_counted(recording, services):
    services.foreign_key()
    scope = recording.session.open_scope("test", test="t.py::t", phase="call")
    with recording.session.outside():
        services.foreign_key()
    recording.session.close_scope(scope)
    recording.session.finish()
    segment = recording.read()
    assert segment.of("row") == []
    (end,) = segment.of("end")
    assert (end["queries"], end["outside"], end["errors"]) == (8, 8, 0)


def test_finish_closes_what_is_open_and_says_what_went_wrong(recording, services):
    recording.session.open_scope("command", label="report")
    services.foreign_key()
    recording.session.notice("info", "a-code", "said")
    recording.session.notice("info", "a-code", "said again")
    recording.session.fault(ValueError("private"))
    recording.session.finish()
    recording.session.finish()
    segment = recording.read()
    assert segment.of("scopeEnd")[0]["queries"] == 4
    notices = {notice["code"]: notice for notice in segment.of("notice")}
    assert notices["a-code"]["count"] == 2
    assert "private" not in notices["recorder-error"]["message"]
    assert segment.of("end")[0]["errors"] == 1
    assert current() is None


def test_a_killed_process_leaves_what_it_had_written(recording, services):
    recording.run(services.foreign_key)
    path = recording.run_dir / "main.ndjson"
    whole = path.read_bytes()
    recording.session.open_scope("test", test="t.py::u", phase="call")
    services.foreign_key()
    assert path.read_bytes() == whole  # nothing half-written of a scope that is open
    assert Segment.load(path).of("scopeEnd")


def test_a_full_disk_switches_writing_off(recording, services, capfd, monkeypatch):
    def full(fd, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(segment_module.os, "write", full)
    for _ in range(2):
        scope = recording.session.open_scope("test", test="t.py::t", phase="call")
        services.foreign_key()
        recording.session.close_scope(scope)
    assert capfd.readouterr().err.count("querysight: recording stopped") == 1


def test_a_torn_write_is_finished_or_leaves_whole_lines_before_it(recording, services, monkeypatch):
    real = os.write
    monkeypatch.setattr(segment_module.os, "write", lambda fd, data: real(fd, data[:7]))
    scope = recording.run(services.foreign_key)
    assert len(scope.rows) == 2


def test_a_folder_that_cannot_be_written(tmp_path, rollback, services, capfd):
    blocked = tmp_path / "file"
    blocked.write_text("")
    recording = Recording(tmp_path, blocked / "run")
    scope = recording.session.open_scope("test", test="t.py::t", phase="call")
    services.foreign_key()
    recording.session.close_scope(scope)
    recording.session.finish()
    assert capfd.readouterr().err.count("querysight: recording stopped") == 1


def test_a_second_process_takes_another_name(recording, tmp_path):
    second = Session(recording.session.config)
    assert second.process == f"p{os.getpid()}"
    assert Segment.load(recording.run_dir / f"{second.process}.ndjson").records[0]["process"] == second.process


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_a_segment_of_its_own(recording, services):
    recording.run(services.foreign_key)
    scope = recording.session.open_scope("test", test="t.py::t", phase="call")
    services.foreign_key()
    child = os.fork()
    if child == 0:
        try:
            inner = recording.session.open_scope("task", label="child")
            services.foreign_key()
            recording.session.close_scope(inner)
            recording.session.finish()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    recording.session.close_scope(scope)
    mine, theirs = recording.read(), recording.read(f"p{child}")
    assert mine.scope(scope.id).end["queries"] == 4
    assert [record["pid"] for record in theirs.of("header")] == [child]
    task = next(record for record in theirs.of("scope") if record["kind"] == "task")
    rows = theirs.scope(task["id"]).rows
    assert [row.count for row in rows] == [1, 3]
    assert rows[1].parent.id == rows[0].id
    assert theirs.of("end")[0]["queries"] == 4


def test_a_parent_in_another_processes_segment_is_unknown(recording):
    from store.models import Order

    orders = []
    recording.run(lambda: orders.extend(Order.objects.all()))
    recording.session._engine.forget_written()  # as after a fork
    row = recording.run(lambda: orders[0].customer).rows[0]
    assert (row.record["parent"], row.instances) == (0, 1)

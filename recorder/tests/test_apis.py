"""Each way to run a query, and its twin for asynchronous code: the cause's kind and api, and the rows that were loaded."""

from __future__ import annotations

import pytest
from django.db.models import query

HAS_CHUNKS_WITH_PREFETCH = hasattr(query, "aprefetch_related_objects")  # since Django 5.0
FILE = "lending/evaluations.py"

EVALUATIONS = {
    # how it is run: api, rows, single; rows are None where the ORM counts or compares and loads none
    "iteration": ("iterate", 3, False),
    "list": ("iterate", 3, False),
    "len": ("iterate", 3, False),
    "bool": ("iterate", 3, False),
    "in": ("iterate", 3, False),
    "slice": ("iterate", 2, False),
    "slice with a step": ("iterate", 3, False),
    "index": ("iterate", 1, True),
    "get": ("get", 1, True),
    "first": ("first", 1, True),
    "last": ("last", 1, True),
    "latest": ("latest", 1, True),
    "earliest": ("earliest", 1, True),
    "in_bulk": ("in_bulk", 2, False),
    "in_bulk of all": ("in_bulk", 3, False),
    "iterator": ("iterator", 3, False),
    "count": ("count", None, False),
    "exists": ("exists", None, True),
    "contains": ("contains", None, True),
    "aggregate": ("aggregate", None, False),
    "aggregate of a slice": ("aggregate", None, False),
    "explain": ("explain", None, False),
    "dates": ("iterate", 3, False),
    "datetimes": ("iterate", 3, False),
    "values": ("iterate", 3, False),
    "values_list": ("iterate", 3, False),
    "flat values_list": ("iterate", 3, False),
    "named values_list": ("iterate", 3, False),
    "first of values": ("first", 1, True),
    "iterator of values": ("iterator", 3, False),
    "union": ("iterate", 2, False),
    "first of a union": ("first", 1, True),
    "count of a union": ("count", None, False),
    "intersection": ("iterate", 1, False),
    "subquery": ("iterate", 3, False),
}
ASYNC_EVALUATIONS = {
    "async for": ("iterate", 3, False),
    "aiterator": ("iterator", 3, False),
    "aget": ("get", 1, True),
    "afirst": ("first", 1, True),
    "alast": ("last", 1, True),
    "alatest": ("latest", 1, True),
    "aearliest": ("earliest", 1, True),
    "ain_bulk": ("in_bulk", 2, False),
    "acount": ("count", None, False),
    "aexists": ("exists", None, True),
    "acontains": ("contains", None, True),
    "aaggregate": ("aggregate", None, False),
    "aexplain": ("explain", None, False),
}
WRITES = {
    # how it is written: verb, kind and api of each query
    "create": [("insert", "create", "create")],
    "create of a child": [("insert", "create", "create"), ("insert", "create", "create")],
    "save of a new one": [("insert", "save", None)],
    "save": [("select", "queryset", "get"), ("update", "save", None)],
    "get_or_create that gets": [("select", "queryset", "get_or_create")],
    "get_or_create that creates": [("select", "queryset", "get_or_create"), ("insert", "create", "get_or_create")],
    "update_or_create that updates": [("select", "queryset", "update_or_create"), ("update", "save", "update_or_create")],
    "update_or_create that creates": [("select", "queryset", "update_or_create"), ("insert", "create", "update_or_create")],
    "bulk_create": [("insert", "bulk", "bulk_create")],
    "bulk_update": [("update", "bulk", "bulk_update")],
    "update": [("update", "update", "update")],
    "create by a manager": [("select", "queryset", "get"), ("insert", "create", "create")],
    "get_or_create by a manager": [("select", "queryset", "get"), ("select", "reverse_foreign_key", "get_or_create")],
    "refresh_from_db": [("select", "queryset", "get"), ("select", "refresh", None)],
    "acreate": [("insert", "create", "create")],
    "aget_or_create": [("select", "queryset", "get_or_create"), ("insert", "create", "get_or_create")],
    "aupdate_or_create": [("select", "queryset", "update_or_create"), ("update", "save", "update_or_create")],
    "abulk_create": [("insert", "bulk", "bulk_create")],
    "abulk_update": [("update", "bulk", "bulk_update")],
    "aupdate": [("update", "update", "update")],
    "asave": [("insert", "save", None)],
    "arefresh_from_db": [("select", "refresh", None)],
}
DELETES = {"queryset": "delete", "queryset, async": "delete", "instance": None, "instance, async": None}
RAW_EVALUATIONS = ("list", "len", "index", "bool", "iterator", "of a queryset")


@pytest.fixture
def evaluations(store):
    from django.contrib.contenttypes.models import ContentType
    from lending import evaluations

    kept = {name: {**types} for name, types in ContentType.objects._cache.items()}
    yield evaluations
    ContentType.objects._cache.clear()  # some of them forget it, and other tests count on it
    ContentType.objects._cache.update(kept)


def test_all_are_tried(evaluations):
    for name in ("EVALUATIONS", "ASYNC_EVALUATIONS", "WRITES", "DELETES", "RAW_EVALUATIONS"):
        assert set(globals()[name]) == set(getattr(evaluations, name))


@pytest.mark.parametrize("how", EVALUATIONS)
def test_an_evaluation_is_told_by_its_api(recording, evaluations, how):
    (row,) = recording.run(evaluations.EVALUATIONS[how]).rows
    api, rows, single = EVALUATIONS[how]
    assert (row.cause["kind"], row.cause["api"]) == ("queryset", api)
    assert (row.cause["model"], row.cause["target"]) == ("lending.Book", "lending.Book")
    assert (row.count, row.rows, row.single) == (1, rows, single)
    assert (row.record["parent"], row.instances) == (0, 0)
    assert row.stack[-1].place == (FILE, evaluations.EVALUATIONS[how].__code__.co_firstlineno)


@pytest.mark.parametrize("how", ASYNC_EVALUATIONS)
def test_an_asynchronous_evaluation_is_told_by_the_same_api(recording, evaluations, how):
    (row,) = recording.run(evaluations.ASYNC_EVALUATIONS[how]).rows
    api, rows, single = ASYNC_EVALUATIONS[how]
    assert (row.cause["kind"], row.cause["api"], row.cause["model"]) == ("queryset", api, "lending.Book")
    assert (row.count, row.rows, row.single) == (1, rows, single)
    lines = (recording.root / FILE).read_text().splitlines()
    assert row.stack[0].place == (FILE, evaluations.ASYNC_EVALUATIONS[how].__code__.co_firstlineno)
    assert lines[row.stack[-1].line - 1].endswith("# awaited")


@pytest.mark.parametrize("how", WRITES)
def test_a_write_is_told_by_its_kind_and_api(recording, evaluations, how):
    rows = recording.run(evaluations.WRITES[how]).rows
    assert [(row.statement["verb"], row.cause["kind"], row.cause["api"]) for row in rows] == WRITES[how]


@pytest.mark.parametrize("how", DELETES)
def test_a_delete_takes_what_hangs_on_it_along(recording, evaluations, how):
    """Over foreign keys, one-to-one, many-to-many and generic relations: all are the deletion's."""
    rows = [row for row in recording.run(evaluations.DELETES[how]).rows if row.statement["verb"] == "delete"]
    assert sorted(row.cause["target"] for row in rows) == [
        "lending.Book",
        "lending.Book_genres",
        "lending.Copy",
        "lending.Cover",
        "lending.Remark",
    ]
    assert {(row.cause["kind"], row.cause["api"], row.cause["model"]) for row in rows} == {
        ("delete", DELETES[how], "lending.Book")
    }


def test_a_delete_of_a_child_deletes_its_parent(recording, evaluations):
    rows = recording.run(evaluations.delete_a_child).rows[1:]
    assert {(row.cause["kind"], row.cause["model"]) for row in rows} == {("delete", "lending.Librarian")}
    assert [row.cause["target"] for row in rows][-2:] == ["lending.Librarian", "lending.Person"]


@pytest.mark.parametrize("function", ["chunks", "async_chunks"])
def test_an_iterator_prefetches_chunk_by_chunk(recording, evaluations, function):
    if function == "async_chunks" and not HAS_CHUNKS_WITH_PREFETCH:
        with pytest.raises(Exception, match="aiterator"):
            evaluations.async_chunks()
        return
    root, *loads = recording.run(getattr(evaluations, function)).rows
    assert (root.cause["api"], root.count, root.rows) == ("iterator", 1, 3)
    assert {(row.cause["kind"], row.parent.id) for row in loads} == {("prefetch", root.id)}
    for path, loaded in (("copies", 6), ("author", 3)):
        rows = [row for row in loads if row.cause["path"] == path]
        # Three books in two chunks: each is prefetched for once.
        assert (sum(row.count for row in rows), sum(row.instances for row in rows)) == (2, 3)
        assert sum(row.rows for row in rows) == loaded


@pytest.mark.parametrize("function", ["prefetch_for_instances", "async_prefetch_for_instances"])
def test_prefetching_for_instances(recording, evaluations, function):
    if function.startswith("async") and not HAS_CHUNKS_WITH_PREFETCH:
        with pytest.raises(AttributeError):
            evaluations.async_prefetch_for_instances()
        return
    root, *loads = recording.run(getattr(evaluations, function)).rows
    assert [(row.cause["kind"], row.cause["path"], row.instances) for row in loads] == [
        ("prefetch", "copies", 3),
        ("prefetch", "author", 3),
        ("prefetch", "author__town", 2),
    ]
    assert [row.parent.id for row in loads] == [root.id, root.id, loads[1].id]


@pytest.mark.parametrize("how", RAW_EVALUATIONS)
def test_raw_sql(recording, evaluations, how):
    (row,) = recording.run(evaluations.RAW_EVALUATIONS[how]).rows
    assert (row.cause["kind"], row.cause["api"], row.rows, row.single) == ("raw", "iterate", 3, False)
    assert (row.cause["model"], row.cause["target"]) == ("lending.Book", "lending.Book")


def test_raw_sql_is_prefetched_for(recording, evaluations):
    root, copies = recording.run(evaluations.raw_prefetched).rows
    assert (copies.cause["kind"], copies.cause["path"], copies.parent.id) == ("prefetch", "copies", root.id)


def test_nothing_is_loaded_where_nothing_can_match(recording, evaluations):
    """A clone bears the mark of its queryset's execution, and may run none of its own."""
    (row,) = recording.run(evaluations.cannot_match).rows
    assert (row.count, row.rows) == (1, 3)


def test_a_query_that_loaded_none_stays_so(recording, evaluations):
    def run():
        found = evaluations.books()
        found.query.get_compiler("default").execute_sql(chunked_fetch=False)  # leaves its row on the query
        list(found.filter(pk__in=[]))

    (row,) = recording.run(run).rows
    assert row.rows is None


def test_values_are_counted_as_far_as_they_are_taken(recording, evaluations):
    (row,) = recording.run(evaluations.some_values).rows
    assert row.rows == 1


def test_values_raise_what_they_raise_unwatched(recording, evaluations):
    """Django asks for some at once, in the event loop, where it forbids that."""

    def outcome():
        try:
            return evaluations.async_values()
        except Exception as error:
            return type(error), str(error)

    recording.run(outcome)
    watched = recording.result
    recording.session.finish()
    assert watched == outcome()


def test_a_query_in_a_loop_with_no_lazy_parent(recording, evaluations):
    """What tells it: one row, executed many times, of many parameter lists, on no parent; one after the other in the order."""
    scope = recording.run(evaluations.in_a_loop)
    (row,) = scope.rows
    assert (row.cause["kind"], row.cause["api"]) == ("queryset", "first")
    assert row.stack[-1].place == row.chain.place == (FILE, recording.line(FILE, "# in a loop"))
    assert (row.count, row.parameters, row.record["parent"], row.instances) == (4, 3, 0, 0)
    assert (row.first, row.last) == (1, 4)
    assert scope.end["order"] == [[4, row.id]]


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        ("subjects", ["queryset", "contenttypes", "generic_foreign_key"]),
        ("subjects_prefetched", ["queryset", "contenttypes", "prefetch"]),
        ("remarks", ["queryset", "contenttypes", "generic_relation"]),
    ],
)
def test_content_types_are_djangos_bookkeeping(recording, evaluations, function, kinds):
    rows = recording.run(getattr(evaluations, function)).rows
    assert [row.cause["kind"] for row in rows] == kinds
    assert rows[1].cause["target"] == "contenttypes.ContentType"
    assert (rows[2].parent.id, rows[2].instances) == (rows[0].id, 3)


@pytest.mark.parametrize(("function", "kind"), [("types_of_remarks", "foreign_key"), ("types_of_remarks_prefetched", "prefetch")])
def test_a_content_type_that_is_asked_for_by_its_field_is_the_programs(recording, evaluations, function, kind):
    _, load = recording.run(getattr(evaluations, function)).rows
    assert (load.cause["kind"], load.cause["field"], load.instances) == (kind, "content_type", 3)

"""Whether a query can bring one row only: then what hangs on its row is no loop."""

from __future__ import annotations

import pytest
from django.db import models

SINGLE = (
    "first",
    "last",
    "get",
    "latest",
    "index",
    "slice of one",
    "first of related",
    "primary key",
    "primary key by its name",
    "primary key and more",
    "primary key in a Q",
    "primary key as an expression",
    "primary key, joined to one",
    "primary key, filtered over one",
    "primary key, distinct over many",
    "primary key, counting many",
    "unique column",
    "unique column of a parent model",
    "primary key of a child",
    "parent link",
    "one-to-one",
    "one-to-one by an instance",
    "one-to-one from behind",
    "unique constraint",
    "unique constraint and more",
    "unique together",
)
SEVERAL = (
    "all",
    "slice of two",
    "column",
    "several primary keys",
    "either of two",
    "all but one",
    "union",
    "compared with a column",
    "compared with a query",
    "unique column of what is joined",
    "foreign key",
    "primary key, multiplied",
    "primary key, multiplied by tags",
    "primary key, multiplied by remarks",
    "primary key, values of many",
    "part of a unique constraint",
    "unique constraint, one of them a range",
    "unique constraint with a condition",
    "unique constraint of an expression",
    "unique constraint of two tables",
    "related",
)


@pytest.fixture
def rows(store):
    from django.contrib.contenttypes.models import ContentType
    from lending import rows
    from lending.models import Book

    ContentType.objects.get_for_model(Book)
    return rows


def test_all_are_tried(rows):
    assert (set(SINGLE), set(SEVERAL)) == (set(rows.SINGLE), set(rows.SEVERAL))


@pytest.mark.parametrize("queryset", SINGLE)
def test_one_row_at_most(recording, rows, queryset):
    *_, row = recording.run(rows.SINGLE[queryset]).rows
    assert row.single is True
    assert row.rows == 1


@pytest.mark.parametrize("queryset", SEVERAL)
def test_several_rows(recording, rows, queryset):
    *_, row = recording.run(rows.SEVERAL[queryset]).rows
    assert row.single is False
    assert row.rows >= 1


@pytest.mark.parametrize(("function", "single"), [("loop_over_one", True), ("loop_over_many", False)])
def test_the_parent_of_a_lazy_load_says_so(recording, rows, function, single):
    *_, lazy = recording.run(getattr(rows, function)).rows
    assert lazy.parent.single is single


def test_one_row_of_several_kinds_is_not_single(recording, rows):
    """`LIMIT 1` and `LIMIT 2` are one statement: what may bring several in one execution may do so in all."""
    (row,) = recording.run(rows.single_and_not).rows
    assert (row.count, row.rows, row.single) == (2, 3, False)


@pytest.mark.skipif(not hasattr(models, "CompositePrimaryKey"), reason="this Django has no composite keys")
def test_a_composite_key(store):
    """All of its columns at once."""
    from django.apps import apps

    from querysight.single_rows import returns_one

    class Seat(models.Model):
        pk = models.CompositePrimaryKey("line", "number")
        line = models.IntegerField()
        number = models.IntegerField()

        class Meta:
            app_label = "lending"

    try:
        assert returns_one(Seat.objects.filter(pk=(1, 2)).query)
        assert returns_one(Seat.objects.filter(line=1, number=2).query)
        assert not returns_one(Seat.objects.filter(line=1).query)
    finally:
        del apps.all_models["lending"]["seat"]
        apps.clear_cache()

"""Queries whose filters an index serves, or cannot serve. The name before each is what the recorder's tests look for."""

import datetime

import pytest
from django.db import connection, connections
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from shelf.models import Author, Book, Tuned

pytestmark = pytest.mark.django_db

WHEN = datetime.datetime(2026, 5, 4, 3, 2, 1)

QUERIES = {
    "primary_key": lambda: Book.objects.filter(pk=1),
    "unique": lambda: Book.objects.filter(isbn="1"),
    "foreign_key": lambda: Book.objects.filter(author_id=1),
    "bare_key": lambda: Book.objects.filter(editor_id=1),
    "indexed": lambda: Book.objects.filter(indexed="x"),
    "unindexed": lambda: Book.objects.filter(plain="x"),
    "unindexed_by_key": lambda: Book.objects.filter(plain="x").order_by("id")[:5],
    "range": lambda: Book.objects.filter(number__gt=5),
    "between": lambda: Book.objects.filter(number__range=(1, 2)),
    "leftmost": lambda: Book.objects.filter(shelf="a"),
    "both": lambda: Book.objects.filter(shelf="a", place__lt=3),
    "not_leftmost": lambda: Book.objects.filter(place=3),
    "list": lambda: Book.objects.filter(plain__in=["a", "b"]),
    "null": lambda: Book.objects.filter(added__isnull=True),
    "not_null": lambda: Book.objects.filter(added__isnull=False),
    "year": lambda: Book.objects.filter(added__year=2026),
    "date": lambda: Book.objects.filter(added__date=WHEN.date()),
    "contains": lambda: Book.objects.filter(indexed__icontains="x"),
    "ends": lambda: Book.objects.filter(indexed__endswith="x"),
    "starts": lambda: Book.objects.filter(indexed__startswith="x"),
    "starts_unindexed": lambda: Book.objects.filter(plain__startswith="x"),
    "either": lambda: Book.objects.filter(Q(isbn="1") | Q(indexed="x")),
    "either_unindexed": lambda: Book.objects.filter(Q(isbn="1") | Q(plain="x")),
    "either_of_two_tables": lambda: Book.objects.filter(Q(plain="x") | Q(author__name="x")),
    "excluded": lambda: Book.objects.exclude(plain="x"),
    "compared": lambda: Book.objects.filter(number=F("place")),
    "joined": lambda: Book.objects.filter(author__name="x", plain="y"),
    "through": lambda: Author.objects.filter(books__number=1).order_by(),
    "sorted": lambda: Book.objects.order_by("number"),
    "sorted_by_index": lambda: Book.objects.filter(shelf="a").order_by("place"),
    "filtered_and_sorted": lambda: Book.objects.filter(plain="x").order_by("-number"),
    "sorted_by_relation": lambda: Author.objects.filter(name="x").order_by("books"),
    "sorted_by_extra": lambda: Author.objects.filter(name="x").extra(select={"twice": "1 + 1"}, order_by=["twice"]),
    "sorted_by_selected": lambda: Author.objects.filter(name="x").extra(select={"thrice": "1 + 2"}).order_by("thrice"),
    "default_order": lambda: Author.objects.all(),
    "subquery": lambda: Author.objects.filter(pk__in=Book.objects.filter(plain="x").values("author")).order_by(),
    "exists": lambda: Author.objects.filter(Exists(Book.objects.filter(author=OuterRef("pk"), plain="x"))).order_by(),
    "union": lambda: Book.objects.filter(plain="x").values("pk").union(Book.objects.filter(isbn="x").values("pk")),
}


@pytest.mark.parametrize("name", QUERIES)
def test_filter(seen, name):
    seen.append(repr(list(QUERIES[name]())))


def test_count(seen):
    seen.append(Book.objects.filter(plain="x").count())


def test_tuned(seen):
    """A function of a column, and a partial index."""
    if connection.features.supports_expression_indexes and connection.features.supports_partial_indexes:
        seen.append(repr(list(Tuned.objects.annotate(low=Lower("name")).filter(low="x"))))
        seen.append(repr(list(Tuned.objects.filter(state="open"))))
        seen.append(repr(list(Tuned.objects.filter(state="shut"))))


def test_two_statements_in_one(seen):
    """EXPLAIN would explain the first and run the second."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1; DELETE FROM shelf_book")
            seen.append(cursor.rowcount)


def test_a_table_of_its_own(seen):
    """Gone with the test's transaction: nobody can explain it afterwards."""
    if connection.features.can_rollback_ddl:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE fleeting (id integer)")
            cursor.execute("SELECT id FROM fleeting WHERE id = 1")
            seen.append(cursor.fetchall())
    seen.append([alias.alias for alias in connections.all()])

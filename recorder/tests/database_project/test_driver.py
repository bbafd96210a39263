"""What drivers do each in their own way."""

import io

import pytest
from django.db import connection, transaction
from store.models import Order, Tag

pytestmark = pytest.mark.django_db

POSTGRESQL = connection.vendor == "postgresql"


def test_many(seen):
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO store_tag (name) VALUES (%s)", [("a",), ("b",), ("c",)])
        seen.append(cursor.rowcount)
    Tag.objects.bulk_create([Tag(name=f"t{number}") for number in range(5)], batch_size=2)
    Order.objects.bulk_update([Order(pk=pk, memo="m") for pk in Order.objects.values_list("pk", flat=True)], ["memo"])
    seen.append(sorted(tag.name for tag in Tag.objects.all()))


def test_names(seen):
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM store_tag WHERE name = %(name)s", {"name": "new"})
            seen.append(cursor.fetchall())


def test_composed(seen):
    if not POSTGRESQL:
        return
    if "psycopg2" in connection.Database.__name__:
        from psycopg2 import sql
    else:
        from psycopg import sql
    composed = sql.SQL("SELECT {} FROM {} WHERE {} = %s").format(*map(sql.Identifier, ("name", "store_tag", "name")))
    with connection.cursor() as cursor:
        for name in ("new", "sale"):
            cursor.execute(composed, [name])
            seen.append(cursor.fetchall())
        cursor.execute(b"SELECT 1")
        seen.append(cursor.fetchall())


def test_copy(seen):
    if not POSTGRESQL:
        return
    with connection.cursor() as cursor:
        if "psycopg2" in connection.Database.__name__:
            cursor.copy_expert("COPY store_tag (name) FROM STDIN", io.StringIO("copied\n"))
        else:
            with cursor.copy("COPY store_tag (name) FROM STDIN") as copy:
                copy.write_row(["copied"])
    seen.append(Tag.objects.filter(name="copied").count())


def test_wrappers_beside(seen):
    watched = []

    def watch(execute, sql, params, many, context):
        watched.append([sql, many])
        return execute(sql, params, many, context)

    def refuse(execute, sql, params, many, context):
        raise PermissionError(sql)

    before = len(connection.execute_wrappers)
    with connection.execute_wrapper(watch):
        Tag.objects.count()
        with connection.execute_wrapper(refuse), pytest.raises(PermissionError):
            Tag.objects.count()
        list(Tag.objects.all())
    assert len(connection.execute_wrappers) == before
    seen.append(watched)


def test_savepoints(seen):
    with transaction.atomic():
        Tag.objects.create(name="outer")
        for name in ("one", "two"):
            mark = transaction.savepoint()
            Tag.objects.create(name=name)
            transaction.savepoint_rollback(mark)
        with pytest.raises(Tag.DoesNotExist), transaction.atomic():
            Tag.objects.create(name="inner")
            Tag.objects.get(name="nobody")
        kept = transaction.savepoint()
        Tag.objects.create(name="kept")
        transaction.savepoint_commit(kept)
    seen.append(sorted(tag.name for tag in Tag.objects.filter(name__in=["outer", "one", "two", "inner", "kept"])))


def test_integrity(seen):
    from django.db import IntegrityError

    for _ in range(2):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tag.objects.create(name="new")
    tag, made = Tag.objects.get_or_create(name="new")
    seen.append([tag.name, made])


def test_locks(seen):
    with transaction.atomic():
        seen.append([order.reference for order in Order.objects.select_for_update().order_by("pk")])

"""Every kind of query once, the same on each database."""

import pytest
from django.db import DatabaseError, connection, transaction
from store import services
from store.models import Order, Tag

pytestmark = pytest.mark.django_db

SERVICES = [
    "foreign_key",
    "foreign_key_twice",
    "one_to_one",
    "reverse_one_to_one",
    "reverse_foreign_key",
    "reverse_foreign_key_default_name",
    "many_to_many",
    "reverse_many_to_many",
    "generic_foreign_key",
    "generic_relation",
    "deferred",
    "refined_filter",
    "refined_count",
    "many_to_many_count",
    "prefetch_defeated",
    "prefetch_nested",
    "prefetch_then_lazy",
    "prefetch_queryset",
    "prefetch_through_join",
    "joined",
    "raw",
    "values",
    "apis",
    "writes",
    "relation_writes",
    "cascade",
    "cursor",
    "savepoint",
    "in_lists",
    "iterator",
]


def state():
    return [connection.in_atomic_block, connection.needs_rollback, connection.get_autocommit(), len(connection.savepoint_ids)]


@pytest.mark.parametrize("name", SERVICES)
def test_service(seen, name):
    seen.append(repr(getattr(services, name)()))
    seen.append(state())


def test_chunks(seen):
    """PostgreSQL reads these through a cursor on the server."""
    orders = Order.objects.order_by("pk").iterator(chunk_size=1)
    seen.append([next(orders).reference, next(orders).reference])
    orders.close()
    seen.append(state())


def test_error_undone(seen):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        services.broken()
    seen.append([type(caught.value).__name__, str(caught.value), state()])
    seen.append(Order.objects.count())


def test_error_swallowed(seen):
    """On PostgreSQL the transaction is of no more use, elsewhere it goes on: so it must be under the recorder."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        for query in (services.broken, Order.objects.count):
            try:
                seen.append(query())
            except DatabaseError as error:
                seen.append([type(error).__name__, str(error)])
            seen.append(state())
        raise ZeroDivisionError
    seen.append(state())


@pytest.mark.xfail(raises=DatabaseError, strict=True)
def test_error_uncaught(seen):
    services.broken()


@pytest.mark.django_db(transaction=True)
def test_outermost_transactions(seen):
    """In autocommit: BEGIN and COMMIT, a savepoint inside, an error that rolls all back, a server's cursor that holds."""
    seen.append(state())
    with transaction.atomic():
        Tag.objects.create(name="kept")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Tag.objects.create(name="undone")
            raise ZeroDivisionError
        seen.append(state())
    with pytest.raises(DatabaseError), transaction.atomic():
        Tag.objects.create(name="lost")
        services.broken()
    seen.append(state())
    seen.append(sorted(tag.name for tag in Tag.objects.filter(name__in=["kept", "undone", "lost"]).iterator(chunk_size=1)))

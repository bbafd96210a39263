"""What Django asks for itself has kinds of its own: sessions, signing in, permissions, savepoints and transactions."""

from __future__ import annotations

import pytest
from django.contrib import auth
from segments import PROJECT, Recording

IS_ASYNC = hasattr(auth, "aauthenticate")  # since Django 5.0

KINDS = {
    # function: the kinds of the model's queries, once each
    "signs_in": {"auth.User": {"auth"}, "sessions.Session": {"session"}},
    "is_asked_who_it_is": {"auth.User": {"queryset", "auth"}, "sessions.Session": {"session"}},
    "is_asked_asynchronously": {"auth.User": {"queryset", "auth"}, "sessions.Session": {"session"}},
    "authenticates": {"auth.User": {"auth"}},
    "fails_to_authenticate": {"auth.User": {"auth"}},
    "logs_in": {"auth.User": {"queryset", "auth"}, "sessions.Session": {"session"}},
    "is_asked_for_a_permission": {"auth.User": {"queryset"}, "auth.Permission": {"auth"}},
    "is_asked_for_a_permission_asynchronously": {"auth.User": {"queryset"}, "auth.Permission": {"auth"}},
    "keeps_a_session": {"sessions.Session": {"session"}},
    "keeps_a_session_of_its_own": {"lending.Visit": {"session"}},
    "lists_users": {"auth.User": {"queryset"}},
    "saves_a_user": {"auth.User": {"queryset", "save"}},
    "lists_groups": {"auth.User": {"queryset"}, "auth.Group": {"many_to_many"}},
    "lists_members": {"auth.Group": {"queryset"}, "auth.User": {"many_to_many"}},
}
ASYNCHRONOUS = {"is_asked_asynchronously", "is_asked_for_a_permission_asynchronously"}


@pytest.fixture
def signing_in(rollback):
    from django.contrib.auth.models import Group, User
    from lending import signing_in

    User.objects.create_user("u", password="p").groups.add(Group.objects.create(name="g"))
    return signing_in


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(name, marks=pytest.mark.skipif(name in ASYNCHRONOUS and not IS_ASYNC, reason="no such methods"))
        for name in KINDS
    ],
)
def test_signing_in_and_what_is_not(recording, signing_in, function):
    found: dict[str, set[str]] = {}
    for row in recording.run(getattr(signing_in, function)).rows:
        found.setdefault(row.cause["target"], set()).add(row.cause["kind"])
    assert found == KINDS[function]


def test_savepoints_and_what_is_within(recording, services):
    from django.db import transaction

    def nested():
        with transaction.atomic():
            services.foreign_key()
            with pytest.raises(KeyError), transaction.atomic():
                raise KeyError

    scope = recording.run(nested)
    told = [(row.statement["verb"], row.cause["kind"]) for row in scope.all_rows]
    assert told == [
        ("savepoint", "transaction"),
        ("select", "queryset"),
        ("select", "foreign_key"),
        ("savepoint", "transaction"),
        ("savepoint", "transaction"),
    ]
    assert [row.statement["sql"].split()[0] for row in scope.all_rows if row.cause["kind"] == "transaction"] == [
        "SAVEPOINT",
        "ROLLBACK",
        "RELEASE",
    ]
    assert scope.end["queries"] == 4
    assert scope.end["sqlNs"] == sum(row.ns[0] for row in scope.rows)


def test_a_transaction_is_begun(store, services, tmp_path):
    """Outside the one that other tests run in."""
    from django.db import transaction

    def begun():
        with transaction.atomic():
            services.foreign_key()

    recording = Recording(PROJECT, tmp_path / "runs" / "20260101T000000Z-1-abcd")
    try:
        scope = recording.run(begun)
    finally:
        recording.session.finish()
    begin = scope.all_rows[0]
    assert (begin.statement["sql"], begin.statement["verb"], begin.cause["kind"]) == ("BEGIN", "transaction", "transaction")
    assert (begin.record["parent"], begin.rows, begin.single) == (0, None, False)
    assert scope.end["queries"] == 4

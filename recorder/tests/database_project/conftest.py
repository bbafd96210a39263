"""The store's rows, made once; and what a program can see of its connection, written down for each test."""

import json
import os
import re

import pytest

# What differs from run to run: savepoints, cursors on the server, the database's own name.
NAMES = re.compile(rf"s\d+_x\d+|_django_curs_\w+|{re.escape(os.environ['STORE_TEST_NAME'])}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    from store.data import fill

    with django_db_blocker.unblock():
        fill()


@pytest.fixture
def seen(request):
    """A list that the test fills; its end, and every statement that Django's own log holds, goes to SEEN, one line a test."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    seen = []
    captured = [CaptureQueriesContext(connection) for connection in connections.all()]
    for context in captured:
        context.__enter__()
    yield seen
    for context in captured:
        context.__exit__(None, None, None)
        seen += [query["sql"] for query in context.captured_queries]
    with open(os.environ["SEEN"], "a", encoding="utf-8") as file:
        file.write(NAMES.sub("NAME", json.dumps([request.node.name, seen])) + "\n")

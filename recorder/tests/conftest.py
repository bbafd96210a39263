"""A real Django on the project in `project/`, in memory, and a recording of what its functions do."""

from __future__ import annotations

import compileall
import os
import sys

import pytest
from runner_support import RECORDER
from segments import PROJECT, Recording


def pytest_configure(config):
    """Compile the recorder once, rather than in each of the many Pythons that tests start: they leave nothing behind."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(RECORDER / "querysight", quiet=2)


@pytest.fixture(scope="session", autouse=True)
def store():
    """The project, set up once."""
    sys.path.insert(0, str(PROJECT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    import lending.data
    import store.data

    store.data.fill()
    lending.data.fill()


@pytest.fixture
def rollback(store):
    """What the test writes is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def recording(tmp_path, rollback):
    """A session on the project. Functions run through it become scopes; see `Recording`."""
    recording = Recording(PROJECT, tmp_path / "runs" / "20260101T000000Z-1-abcd")
    yield recording
    recording.session.finish()


@pytest.fixture
def requests(monkeypatch):
    """Requests get scopes of their own while the test runs."""
    from django.core.handlers import base

    from querysight import requests

    for name in ("get_response", "get_response_async"):
        monkeypatch.setattr(base.BaseHandler, name, getattr(base.BaseHandler, name))
    requests.install(base)


@pytest.fixture
def services():
    from store import services

    return services

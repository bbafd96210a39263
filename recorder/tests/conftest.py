"""A real Django on the project in `project/`, in memory, and a recording of what its functions do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from segments import Recording

PROJECT = Path(__file__).parent / "project"


@pytest.fixture(scope="session", autouse=True)
def store():
    """The project, set up once: two customers, three orders of two items each, notes, tags."""
    sys.path.insert(0, str(PROJECT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    _fill()


def _fill() -> None:
    from store import models

    tags = [models.Tag.objects.create(name=name) for name in ("new", "sale")]
    products = [models.Product.objects.create(name=f"P{number}") for number in range(2)]
    for product in products:
        product.tags.set(tags)
    customers = []
    for number in range(2):
        address = models.Address.objects.create(city=f"C{number}")
        customers.append(models.Customer.objects.create(name=f"N{number}", address=address))
        models.Profile.objects.create(customer=customers[-1], bio="…")
    for number in range(3):
        order = models.Order.objects.create(reference=f"R{number}", customer=customers[number % 2])
        for product in products:
            models.Item.objects.create(order=order, product=product)
        models.Note.objects.create(text=f"T{number}", about=order)


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
def services():
    from store import services

    return services

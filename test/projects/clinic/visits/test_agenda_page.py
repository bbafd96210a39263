"""The agenda once more, as plain pytest functions."""

import pytest

from .models import Visit
from .tests import book


@pytest.fixture
def three_visits(db):
    return [book(number) for number in (2, 0, 1)]


def test_agenda_is_in_time_order(client, three_visits):
    page = client.get("/visits/").content.decode()
    assert page.index("Check-up 0") < page.index("Check-up 1") < page.index("Check-up 2")


def test_empty_agenda(client, db):
    assert Visit.objects.count() == 0
    assert "Confirmed visits" in client.get("/visits/").content.decode()

"""How long plans may take: a hundredth of the run so far, within bounds, unless somebody says so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection

from querysight import planner


def deadline(monkeypatch, elapsed: float, told: float | None, spent: float = 0.0) -> float | None:
    """Seconds until the planner stops, `elapsed` seconds after the run's start; None where it does not begin."""
    clock = SimpleNamespace(perf_counter=lambda: 0.0, time_ns=lambda: int(elapsed * 1e9))
    monkeypatch.setattr(planner, "time", clock)
    host = SimpleNamespace(keeps_parameters=True, plan_seconds=told, started_ns=0, notice=lambda *_: None)
    found = planner.Planner(host)
    found._spent = spent
    deadlines = []

    def take(alias, chosen, deadline):
        deadlines.append(deadline)
        return iter(())

    monkeypatch.setattr(found, "_take", take)
    found.meet(1, 1, connection, "SELECT 1", None, None)
    list(found.take())
    return deadlines[0] if deadlines else None


@pytest.mark.parametrize(
    ("elapsed", "told", "spent", "seconds"),
    [
        (1, None, 0, 0.3),
        (100, None, 0, 1),
        (10_000, None, 0, 3),
        # Each request of a server asks for its own: what those before it took is taken off.
        (100, None, 0.75, 0.25),
        (100, None, 1.5, -0.5),
        (1, 60, 0, 60),
        (10_000, 0.5, 0, 0.5),
        (1, 0, 0, None),
    ],
)
def test_seconds_for_plans(monkeypatch, elapsed, told, spent, seconds):
    assert deadline(monkeypatch, elapsed, told, spent) == seconds

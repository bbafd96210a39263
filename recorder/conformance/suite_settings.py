"""Settings for Django's ``runtests.py``: its own for SQLite, with a runner that writes every outcome down."""

from test_sqlite import *  # noqa: F403

TEST_RUNNER = "conformance.outcomes.OutcomeRunner"

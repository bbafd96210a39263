"""Settings for Django's ``runtests.py``: SQLite or PostgreSQL, with a runner that writes every outcome down."""

import os

from test_sqlite import *  # noqa: F403

TEST_RUNNER = "conformance.outcomes.OutcomeRunner"

if os.environ.get("CONFORMANCE_DATABASE") == "postgresql":
    _SERVER = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", "postgres"),
    }
    # Two of these commands side by side must not share their test databases.
    _NAME = os.environ["CONFORMANCE_NAME"]
    DATABASES = {
        "default": {**_SERVER, "NAME": _NAME},
        "other": {**_SERVER, "NAME": f"{_NAME}_other"},
    }

"""Which module is changed by which of ours, once it is imported. Light: every Python of a recorded command reads this."""

from __future__ import annotations

from querysight.importhook import on_import

# (module, our module, its function), placed at start-up: these are imported with Django or not at all.
_DJANGO = (
    ("django.apps.registry", "querysight.activation", "django_imported"),
    ("django.core.handlers.base", "querysight.requests", "install"),
    ("django.core.management.base", "querysight.commands", "install"),
    ("django.db.backends.base.creation", "querysight.database_creation", "install"),
    ("django.test.client", "querysight.direct_requests", "install"),
    ("django.tasks.signals", "querysight.tasks", "follow_django"),
    ("django.test.runner", "querysight.discover_runner", "install"),
    ("django.test.testcases", "querysight.unittest_hooks", "install_django"),
)

# Placed when Django is imported: programs without it are none of our business.
_AROUND_DJANGO = (
    ("celery.app.task", "querysight.tasks", "follow_celery_calls"),
    ("celery.signals", "querysight.tasks", "follow_celery"),
    ("multiprocessing.util", "querysight.activation", "finish_with_workers"),
    ("unittest.async_case", "querysight.unittest_hooks", "install_async_case"),
    ("unittest.case", "querysight.unittest_hooks", "install_case"),
    ("unittest.suite", "querysight.unittest_hooks", "install_suite"),
)


def watch_for_django() -> None:
    """Start recording in this process as soon as it imports Django, or now if it has. Idempotent."""
    for hook in _DJANGO:
        on_import(*hook)


def watch_for_pytest() -> None:
    """Bring our plugin into any pytest that this process runs, and keep our files out of what coverage measures beside it."""
    on_import("coverage.control", "querysight.coverage_files", "leave_us_out")
    on_import("_pytest.config", "querysight.activation", "pytest_imported")


def watch_the_runners() -> None:
    """Follow unittest's tests, multiprocessing's workers and Celery's tasks."""
    for hook in _AROUND_DJANGO:
        on_import(*hook)

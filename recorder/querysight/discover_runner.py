"""What Django's test runner collected: told to the session once the suite is built."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from querysight import django_names, testid
from querysight.quiet import quiet
from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


def install(runner: ModuleType) -> None:
    """Wrap two methods of ``DiscoverRunner``: ``run_tests`` knows the labels, ``get_databases`` is given the finished suite.

    ``run_suite`` would be given the suite as well, but runners that write XML replace it without calling it.
    """
    labels: list[Sequence[str] | None] = []

    def run(run_tests: Any) -> Any:
        @functools.wraps(run_tests)
        def recorded_run_tests(self: Any, test_labels: Any, *args: Any, **kwargs: Any) -> Any:
            labels.append(test_labels)
            try:
                return run_tests(self, test_labels, *args, **kwargs)
            finally:
                labels.pop()

        return recorded_run_tests

    def suite(get_databases: Any) -> Any:
        @functools.wraps(get_databases)
        def recorded_get_databases(self: Any, suite: Any, *args: Any, **kwargs: Any) -> Any:
            if len(labels) == 1:
                _collected(self, suite, labels[0])
            return get_databases(self, suite, *args, **kwargs)

        return recorded_get_databases

    django_names.wrap(runner, "DiscoverRunner.run_tests", run)
    django_names.wrap(runner, "DiscoverRunner.get_databases", suite)


@quiet
def _collected(runner: Any, suite: Any, labels: Sequence[str] | None) -> None:
    from django.test.utils import iter_test_cases

    session = current()
    if session is None:
        return
    root = session.config.root
    tests = list(dict.fromkeys(testid.unittest_id(test, root) for test in iter_test_cases(suite)))
    session.collected(tests, all=not (labels or _is_narrowed(runner)), deselected=0)


def _is_narrowed(runner: Any) -> bool:
    """Whether ``--tag``, ``--exclude-tag``, ``-k`` or ``--pattern`` left tests out."""
    narrowing = ("tags", "exclude_tags", "test_name_patterns")
    if any(getattr(runner, name, None) for name in narrowing):
        return True
    return getattr(runner, "pattern", None) not in (None, "test*.py")

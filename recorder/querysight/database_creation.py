"""Making and dropping a test database is nobody's query, whichever fixture or command asked for it.

Migrations would be the first test's queries otherwise, and DROP DATABASE the last one's: pytest ends the session's fixtures
in its teardown. What ran on a test database is explained before it goes.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from querysight import django_names
from querysight.own_connection import test_databases
from querysight.quiet import quiet
from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def install(creation: ModuleType) -> None:
    """Wrap what other backends inherit of ``BaseDatabaseCreation``."""
    django_names.wrap(creation, "BaseDatabaseCreation.create_test_db", lambda original: _outside(original, None, _made))
    django_names.wrap(creation, "BaseDatabaseCreation.clone_test_db", lambda original: _outside(original, None, _cloned))
    # A worker that inherits nothing was not there when its clone was made.
    django_names.wrap(creation, "BaseDatabaseCreation.setup_worker_connection", lambda original: _outside(original, None, _made))
    django_names.wrap(creation, "BaseDatabaseCreation.destroy_test_db", lambda original: _outside(original, _about_to_go, None))


def _outside(
    original: Callable[..., Any], before: Callable[..., Any] | None, after: Callable[..., Any] | None
) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        session = current()
        if session is None:
            return original(self, *args, **kwargs)
        with session.outside():
            if before is not None:
                before(self, *args, **kwargs)
            result = original(self, *args, **kwargs)
            if after is not None:
                after(self, *args, **kwargs)
            return result

    return method


@quiet
def _made(creation: Any, *_args: Any, **_kwargs: Any) -> None:
    test_databases.add(str(creation.connection.settings_dict["NAME"]))


@quiet
def _cloned(creation: Any, suffix: str, *_args: Any, **_kwargs: Any) -> None:
    test_databases.add(str(creation.get_test_db_clone_settings(suffix)["NAME"]))


@quiet
def _about_to_go(
    creation: Any,
    _old_name: str | None = None,
    _verbosity: int = 1,
    _keepdb: bool = False,
    suffix: str | None = None,
    **_kwargs: Any,
) -> None:
    session = current()
    if session is not None and suffix is None:
        session.take_plans(creation.connection.settings_dict["NAME"])

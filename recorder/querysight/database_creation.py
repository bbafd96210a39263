"""Making and dropping a test database is nobody's query, whichever fixture or command asked for it.

Migrations would be the first test's queries otherwise, and DROP DATABASE the last one's: pytest ends the session's fixtures
in its teardown.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def install(creation: ModuleType) -> None:
    """Wrap what other backends inherit of ``BaseDatabaseCreation``."""
    owner = creation.BaseDatabaseCreation
    for name in ("create_test_db", "clone_test_db", "destroy_test_db"):
        setattr(owner, name, _outside(getattr(owner, name)))


def _outside(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        session = current()
        if session is None:
            return original(self, *args, **kwargs)
        with session.outside():
            return original(self, *args, **kwargs)

    return method

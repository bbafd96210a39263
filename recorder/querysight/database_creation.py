"""Making a test database is nobody's query: migrations run outside every scope, whichever fixture or command asked for them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from querysight.session import current

if TYPE_CHECKING:
    from types import ModuleType


def install(creation: ModuleType) -> None:
    """Wrap ``BaseDatabaseCreation.create_test_db``; other backends inherit it."""
    original = creation.BaseDatabaseCreation.create_test_db

    @functools.wraps(original)
    def create_test_db(self: Any, *args: Any, **kwargs: Any) -> Any:
        session = current()
        if session is None:
            return original(self, *args, **kwargs)
        with session.outside():
            return original(self, *args, **kwargs)

    creation.BaseDatabaseCreation.create_test_db = create_test_db

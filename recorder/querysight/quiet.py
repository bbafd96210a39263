"""The recorder never raises into what it watches: its own failures are counted, and told once at the end."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def quiet(function: Callable[P, T]) -> Callable[P, T | None]:
    """Answer ``None`` instead of raising, and count the failure by its place."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            session = current()
            if session is not None:
                session.fault(error)
            return None

    return wrapper

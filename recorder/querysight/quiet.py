"""The recorder never raises into what it watches: its own failures become one notice in the segment."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def quiet(function: Callable[P, T]) -> Callable[P, T | None]:
    """Answer ``None`` instead of raising, and leave a notice that names the function."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            session = current()
            if session is not None:
                where = f"{function.__module__}.{function.__qualname__}"
                session.notice("warning", "hook-failed", f"{where}: {error!r}")
            return None

    return wrapper

"""The dotted name of the view that a request reached: the class or function that a developer would open."""

from __future__ import annotations

import functools
from typing import Any


def view_name(view: Any) -> str | None:
    """Name ``resolver_match.func``.

    Django's ``View.as_view()`` leaves ``view_class`` on the function it returns, Django REST framework ``cls``; the admin wraps
    methods and leaves ``model_admin`` or ``admin_site``. Decorators are seen through where they used ``functools.wraps``.
    """
    while isinstance(view, functools.partial):
        view = view.func
    for attribute in ("view_class", "cls"):
        view_class = getattr(view, attribute, None)
        if isinstance(view_class, type):
            return _dotted(view_class)
    for attribute in ("model_admin", "admin_site"):
        owner = getattr(view, attribute, None)
        if owner is not None:
            return _method(owner, view)
    owner = getattr(view, "__self__", None)
    if owner is not None:
        return _method(owner, view)
    return _dotted(view if hasattr(view, "__qualname__") else type(view))


def _method(owner: Any, method: Any) -> str:
    return f"{_dotted(owner if isinstance(owner, type) else type(owner))}.{method.__name__}"


def _dotted(named: Any) -> str:
    return f"{named.__module__}.{named.__qualname__}"

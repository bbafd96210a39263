"""The dotted name of the view that a request reached: the class or function that a developer would open."""

from __future__ import annotations

import functools
from typing import Any


def view_name(view: Any, method: str | None = None) -> str | None:
    """Name ``resolver_match.func``, and of a class that serves several actions the one for this HTTP method.

    Django's ``View.as_view()`` leaves ``view_class`` on the function it returns, Django REST framework ``cls`` and a view set's
    ``actions``; the admin wraps methods and leaves ``model_admin`` or ``admin_site``; django-ninja keeps the functions by method.
    Decorators are seen through where they used ``functools.wraps``.
    """
    while isinstance(view, functools.partial):
        view = view.func
    for attribute in ("view_class", "cls"):
        view_class = getattr(view, attribute, None)
        if isinstance(view_class, type):
            return class_view_name(view_class, getattr(view, "actions", None), method)
    operation = _ninja_operation(view, method)
    if operation is not None:
        return dotted(operation)
    for attribute in ("model_admin", "admin_site"):
        owner = getattr(view, attribute, None)
        if owner is not None:
            return _method(owner, view)
    owner = getattr(view, "__self__", None)
    if owner is not None:
        return _method(owner, view)
    return dotted(view if hasattr(view, "__qualname__") else type(view))


def class_view_name(view_class: type, actions: dict[str, str] | None, method: str | None) -> str:
    """``shop.api.OrderViewSet.list`` where the class serves this method with one of several actions, else the class."""
    action = (actions or {}).get((method or "").lower())
    return f"{dotted(view_class)}.{action}" if action else dotted(view_class)


def _ninja_operation(view: Any, method: str | None) -> Any:
    """django-ninja's ``PathView`` stands behind a method of its own, or behind a function around that."""
    if not getattr(view, "__module__", "").startswith("ninja."):
        return None
    owners = [getattr(view, "__self__", None), *(cell.cell_contents for cell in getattr(view, "__closure__", None) or ())]
    operations = (operation for owner in owners for operation in getattr(owner, "operations", ()))
    return next((operation.view_func for operation in operations if method in operation.methods), None)


def _method(owner: Any, method: Any) -> str:
    return f"{dotted(owner if isinstance(owner, type) else type(owner))}.{method.__name__}"


def dotted(named: Any) -> str:
    """``shop.views.OrderList`` for a class or function."""
    return f"{named.__module__}.{named.__qualname__}"

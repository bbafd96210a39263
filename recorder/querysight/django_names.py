"""What the recorder takes hold of in Django, looked up by name on the running version's own objects.

Most of it is not documented, and a later Django may rename it. What is not found, or no longer has the variables that are read
of it, is left alone and remembered: the recording knows fewer causes or scopes, and says so in one notice at its end.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import Any

from .unseen import unseen

_missing: dict[str, None] = {}


def missing() -> list[str]:
    """All that was looked for in vain in this process, in order, once each."""
    return [*_missing]


def miss(name: str) -> None:
    """Remember that something was not found."""
    _missing[name] = None


def has(module: str) -> bool:
    """Whether there is such a module; asked where not having it is no miss."""
    return find_spec(module) is not None


def find(*names: str) -> Any | None:
    """The first of these that exists, each `module:attribute.attribute`; None and a miss where there is none."""
    for name in names:
        found = _look_up(name)
        if found is not None:
            return found
    miss(" or ".join(names))
    return None


def exists(name: str) -> bool:
    """Whether there is such an object, `module:attribute.attribute`; asked where not having it is no miss."""
    return _look_up(name) is not None


def _look_up(name: str) -> Any | None:
    module, _, attributes = name.partition(":")
    try:
        found: Any = import_module(module)
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except (ImportError, AttributeError):
        return None
    return found


def code(*names: str, reads: tuple[str, ...] = ("self",)) -> CodeType | None:
    """The code of the first of these functions that exists, if it has the local variables that will be read of its frames."""
    function = find(*names)
    if function is None:
        return None
    found = code_of(function)
    if found is None or not {*reads} <= {*found.co_varnames, *found.co_cellvars, *found.co_freevars}:
        miss(f"{' or '.join(names)} with {', '.join(reads)}")
        return None
    return found


def code_of(function: Any) -> CodeType | None:
    """The code of a function or method beneath its decorators; None for anything else, such as a compiled function."""
    function = getattr(function, "__func__", function)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    found = getattr(function, "__code__", None)
    return found if isinstance(found, CodeType) else None


def wrap(module: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Replace a method, `Class.method` of the module, by the function that `make` returns for it. A miss where it is not"""
    class_name, _, method_name = name.partition(".")
    owner = getattr(module, class_name, None)
    if owner is None:
        miss(f"{module.__name__}:{class_name}")
        return
    original = method(owner, method_name)
    if original is not None:
        setattr(owner, method_name, unseen(make(original)))


def method(owner: Any, name: str, *parameters: str) -> Any | None:
    """A method that is to be wrapped; None and a miss where there is none, or where it takes other parameters than these.

    Without `parameters` it may take any: the wrapper passes on what it is given.
    """
    function = getattr(owner, name, None)
    described = f"{owner.__module__}:{owner.__qualname__}.{name}" if isinstance(owner, type) else f"{owner.__name__}:{name}"
    if function is None:
        miss(described)
        return None
    if parameters:
        found = code_of(function)
        taken = None if found is None else found.co_varnames[: found.co_argcount + found.co_kwonlyargcount]
        if taken != parameters or (found is not None and found.co_flags & (CO_VARARGS | CO_VARKEYWORDS)):
            miss(f"{described}({', '.join(parameters)})")
            return None
    return function

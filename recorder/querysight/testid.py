"""One identity for a test, whichever runner runs it: ``path/of/test_file.py::Class::function[params]``."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import unittest


def relative_path(path: Path, root: Path) -> str | None:
    """``path`` as a POSIX path below ``root``; ``None`` where it lies elsewhere."""
    try:
        return path.resolve().relative_to(root).as_posix()
    except (OSError, ValueError):
        return None


def class_id(case: type, root: Path) -> str:
    """``tests/test_orders.py::OrderTests``; the module's dotted name stands for the path of a library's test."""
    return f"{module_id(case.__module__, root)}::{_class_name(case)}"


def module_id(module_name: str, root: Path) -> str:
    """The path of a module's file below ``root``, else the module's name."""
    file = getattr(sys.modules.get(module_name), "__file__", None)
    return (_module_path(file, root) if file else None) or module_name


@cache
def _module_path(file: str, root: Path) -> str | None:
    """Resolving asks the file system about each folder, and each test of a module has the same."""
    return relative_path(Path(file), root)


def unittest_id(test: unittest.TestCase, root: Path) -> str:
    """The id of one unittest test, equal to the one that pytest's node id gives."""
    doctest = getattr(test, "_dt_test", None)
    if doctest is not None:
        path = relative_path(Path(doctest.filename), root) if doctest.filename else None
        return f"{path or doctest.name}::{doctest.name}"
    method = getattr(test, "_testMethodName", "runTest")
    return f"{class_id(type(test), root)}::{method}"


def node_id(nodeid: str, path: Path, root: Path) -> str:
    """The id of a pytest item, whose node id counts from pytest's own root directory instead of the recording's.

    pytest-xdist's ``--dist loadgroup`` appends ``@group``, which is not part of the test.
    """
    _, separator, names = nodeid.partition("::")
    if names.rfind("@") > names.rfind("]"):
        names = names[: names.rfind("@")]
    relative = relative_path(path, root) or path.name
    return f"{relative}{separator}{names}"


def _class_name(case: type) -> str:
    """Nested classes are separated by ``::`` as in pytest; a class made in a function has its bare name."""
    if "<locals>" in case.__qualname__:
        return case.__name__
    return case.__qualname__.replace(".", "::")

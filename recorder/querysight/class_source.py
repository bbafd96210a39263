"""What is written in the bodies of the user's classes: the declarations that frameworks act on, found in the recorded text."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from .files import Files, UserFile
from .frames import Place


class Written(NamedTuple):
    """A piece of a user file. Without `node` the class statement itself; of that and of a method only the line is told."""

    file: UserFile
    body: ast.ClassDef
    node: ast.stmt | ast.expr | None = None

    def place(self, kind: str, text: str, name: str) -> Place:
        """The place of a library's frame that acts for it; columns as CPython's `co_positions()` gives them."""
        node = self.node
        if node is None or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return Place(kind, self.file.real, (node or self.body).lineno, text, name, "python")
        span = (node.col_offset, node.end_lineno, node.end_col_offset)
        return Place(kind, self.file.real, node.lineno, text, name, "python", *span)


class ClassSource:
    """Looks up classes in the text of their modules.

    A file that was saved since the recording began is left out: a class has no code to compare with what was imported.
    """

    def __init__(self, files: Files, started_ns: int) -> None:
        self._files = files
        self._started_ns = started_ns

    def unchanged(self, filename: str) -> UserFile | None:
        """A user file that was not saved since the recording began."""
        real = self._files.user_path(filename)
        file = None if real is None else self._files.file(real, "python")
        return None if file is None or file.modified_ns > self._started_ns else file

    def body(self, cls: type) -> Written | None:
        """The class statement, where it stands in a user file."""
        module = sys.modules.get(cls.__module__)
        file = self.unchanged(getattr(module, "__file__", None) or "")
        body = None if file is None else file.class_body(cls.__qualname__)
        return None if file is None or body is None else Written(file, body)

    def nearest(self, cls: type) -> Written | None:
        """The first class statement in the order of the bases."""
        return next((found for base in cls.__mro__ if (found := self.body(base)) is not None), None)

    def assigned(self, cls: type, name: str) -> Written | None:
        """The statement that gives the class or its first base the attribute: an assignment or a method."""
        for base in cls.__mro__:
            found = self.body(base)
            node = None if found is None else _binding(found.body, name)
            if found is not None and node is not None:
                return found._replace(node=node)
        return None

    def listed(self, cls: type, attribute: str, name: str) -> Written | None:
        """The item of a list that the class is given as an attribute, or the whole statement where it is not named in it."""
        found = self.assigned(cls, attribute)
        return None if found is None else _item(found, name)

    def declared(self, cls: type, name: str) -> Written | None:
        """Where a field of a type is declared by annotation, assignment or method; else its name in the `Meta` inside the class,
        or the statement there that lets it in; else the class.

        Some libraries take `Meta` off the class, so it is looked up as it is written.
        """
        return self.assigned(cls, name) or self._listed_in_meta(cls, name) or self.nearest(cls)

    def _listed_in_meta(self, cls: type, name: str) -> Written | None:
        for base in cls.__mro__:
            found = self.body(base)
            for node in () if found is None else found.body.body:
                if found is not None and isinstance(node, ast.ClassDef) and node.name == "Meta":
                    binding = _binding(node, "fields") or _binding(node, "exclude")
                    if binding is not None:
                        return _item(found._replace(node=binding), name)
        return None


class PlaceCache:
    """Places by class and item. Holds no class: some projects make serializers for each request."""

    def __init__(self, find: Callable[[type, str], Written | None], kind: str) -> None:
        self._find = find
        self._kind = kind
        self._places: WeakKeyDictionary[type, dict[str, Place | None]] = WeakKeyDictionary()

    def get(self, cls: type, item: str) -> Place | None:
        places = self._places.get(cls)
        if places is None:
            places = self._places[cls] = {}
        if item not in places:
            written = self._find(cls, item)
            places[item] = None if written is None else written.place(self._kind, item, cls.__qualname__)
        return places[item]


def _binding(body: ast.ClassDef, name: str) -> ast.stmt | None:
    """The last statement right in a class's body that binds or annotates the name."""
    for node in reversed(body.body):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return node
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node
    return None


def _item(found: Written, name: str) -> Written:
    value = getattr(found.node, "value", None)
    if value is None:
        return found
    items = (node for node in ast.walk(value) if isinstance(node, ast.expr) and _names(node, name))
    return found._replace(node=next(items, found.node))


def _names(node: ast.expr, name: str) -> bool:
    """`"customer"`, `customer` or `views.customer`."""
    if isinstance(node, ast.Constant):
        return bool(node.value == name)
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)

"""The GraphQL operation that a request executes, as the label of its scope: one URL serves them all."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from querysight.graphql_fields import executor
from querysight.quiet import quiet
from querysight.session import current

_MAX_FIELDS = 3


def install(execute: ModuleType) -> None:
    """Look at what `build` gives: it has found the operation in the document, by its name where there are several."""
    owner = executor(execute)
    original = vars(owner)["build"].__func__

    @functools.wraps(original)
    def build(cls: Any, *args: Any, **kwargs: Any) -> Any:
        # A list of errors where the operation cannot be executed.
        built = original(cls, *args, **kwargs)
        _label(getattr(built, "operation", None))
        return built

    owner.build = classmethod(build)


@quiet
def _label(operation: Any) -> None:
    session = current()
    scope = None if session is None or operation is None else session.scope()
    if scope is None or scope.kind != "request":
        return
    name = operation_name(operation)
    names = scope.label.split(", ") if scope.label else []
    if name not in names:
        scope.label = ", ".join([*names, name])


def operation_name(operation: Any) -> str:
    """`OrderList`; of an operation without a name its kind and first fields: `query { orders customers … }`."""
    if operation.name is not None:
        return str(operation.name.value)
    nodes = operation.selection_set.selections
    fields = [node.name.value if getattr(node, "name", None) is not None else "…" for node in nodes[:_MAX_FIELDS]]
    if len(nodes) > _MAX_FIELDS:
        fields.append("…")
    return f"{operation.operation.value} {{ {' '.join(fields)} }}"

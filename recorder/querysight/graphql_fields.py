"""GraphQL's fields as places: what strawberry and graphene resolve for the user, without a line of the user's own.

Both leave their own type on the type of graphql-core that executes. What a resolver awaits is awaited by a coroutine of the
field's own, often in a task of its own: then the fields around it are not on the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any

from .class_source import ClassSource, PlaceCache
from .frames import Codes, Place

KIND = "graphql"
# `strawberry.schema.schema_converter.GraphQLCoreConverter.DEFINITION_BACKREF`
_STRAWBERRY = "strawberry-definition"


def register(execute: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`graphql.execution.execute`."""
    cache = PlaceCache(source.declared, KIND)

    def read(frame: FrameType) -> Place | None:
        # Bound once the field is about to be resolved.
        info = frame.f_locals.get("info")
        if info is None:
            return None
        field = info.parent_type.fields.get(info.field_name)
        if field is None:
            return None
        cls, name = _declared(info.parent_type, field, info.field_name)
        return None if cls is None else cache.get(cls, name)

    for code in _resolving(executor(execute)):
        walker.register_place(code, read)


def _resolving(owner: Any) -> Iterator[CodeType]:
    """The code that resolves a field, and that which awaits it: a function inside (graphql-core 3.2), or a method (3.3)."""
    code = owner.execute_field.__code__
    yield code
    yield from (inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == "await_result")
    awaiting = getattr(owner, "complete_awaitable_value", None)
    if awaiting is not None:
        yield awaiting.__code__


def executor(execute: Any) -> Any:
    """What graphql-core 3.2 calls `ExecutionContext`, and 3.3 `Executor`."""
    return getattr(execute, "ExecutionContext", None) or execute.Executor


def _declared(parent: Any, field: Any, name: str) -> tuple[type | None, str]:
    """(the user's class, the name there) of a field by its name in the schema, `customerName` for `customer_name`."""
    strawberry = (parent.extensions or {}).get(_STRAWBERRY)
    if strawberry is not None:
        own = (field.extensions or {}).get(_STRAWBERRY)
        return getattr(strawberry, "origin", None), getattr(own, "python_name", None) or name
    cls = getattr(parent, "graphene_type", None)
    fields = getattr(getattr(cls, "_meta", None), "fields", None) or ()
    wanted = _squashed(name)
    return cls, next((each for each in fields if _squashed(each) == wanted), name)


def _squashed(name: str) -> str:
    return name.replace("_", "").lower()

"""django-ninja's schemas as places: the field that is read from an instance for a response."""

from __future__ import annotations

from types import FrameType, ModuleType
from typing import Any

from .class_source import ClassSource, PlaceCache
from .frames import Codes, Place
from .serializer_fields import KIND


def register(schema: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`ninja.schema`. pydantic reads attributes by their aliases, and nested schemas after the attribute was read."""
    cache = PlaceCache(source.declared, KIND)

    def read(frame: FrameType) -> Place | None:
        values = frame.f_locals
        cls = values["self"]._schema_cls
        return cache.get(cls, _name(cls, values["key"]))

    walker.register_place(schema.DjangoGetter.__getattr__.__code__, read)


def _name(cls: Any, key: str) -> str:
    return next((name for name, field in cls.model_fields.items() if key in (name, field.alias)), key)

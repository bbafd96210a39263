"""Django REST framework's serializers as places: the field that a serializer reads from, or writes to, an instance."""

from __future__ import annotations

from types import FrameType, ModuleType
from typing import Any

from .class_source import ClassSource, PlaceCache, Written
from .frames import Codes, Place

KIND = "serializer"


def register(serializers: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`rest_framework.serializers`. Both methods hold the field at hand in `field` while they go over all of them."""
    cache = PlaceCache(lambda cls, field: declaration(cls, field, source), KIND)

    def read(frame: FrameType) -> Place | None:
        values = frame.f_locals
        field = values.get("field")
        return None if field is None else cache.get(type(values["self"]), field.field_name)

    for method in ("to_representation", "to_internal_value"):
        walker.register_place(getattr(serializers.Serializer, method).__code__, read)


def declaration(cls: Any, field: str, source: ClassSource) -> Written | None:
    """Where a field of a serializer class is written; None for a library's serializer.

    The declaration, in the class or the base that it is inherited from. Else the field's name in `Meta.fields`, or the
    statement that lets it in (`fields = "__all__"`, `exclude = …`). Else the class.
    """
    written = source.assigned(cls, field) if field in getattr(cls, "_declared_fields", ()) else None
    meta = getattr(cls, "Meta", None)
    if written is None and isinstance(meta, type):
        attribute = "exclude" if getattr(meta, "exclude", None) is not None else "fields"
        written = source.listed(meta, attribute, field)
    return written or source.nearest(cls)

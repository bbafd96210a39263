"""Django's admin as places: the column of a change list, or the read-only field of a form, that is being shown."""

from __future__ import annotations

from types import FrameType, ModuleType
from typing import Any

from .class_source import ClassSource, PlaceCache, Written
from .frames import Codes, Place

KIND = "admin"


def register_columns(admin_list: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`django.contrib.admin.templatetags.admin_list`, whose `items_for_result` is a generator over one row's columns."""
    cache = _cache(source, "list_display")

    def read(frame: FrameType) -> Place | None:
        values = frame.f_locals
        name = _name(values.get("field_name"))
        return None if name is None else cache.get(type(values["cl"].model_admin), name)

    walker.register_place(admin_list.items_for_result.__code__, read)


def register_readonly_fields(helpers: ModuleType, walker: Codes, source: ClassSource) -> None:
    """`django.contrib.admin.helpers`: in inlines each row shows its read-only fields."""
    cache = _cache(source, "readonly_fields")

    def read(frame: FrameType) -> Place | None:
        shown = frame.f_locals["self"]
        name = _name(shown.field["field"])
        return None if name is None else cache.get(type(shown.model_admin), name)

    walker.register_place(helpers.AdminReadonlyField.contents.__code__, read)


def _cache(source: ClassSource, attribute: str) -> PlaceCache:
    def find(cls: type, name: str) -> Written | None:
        """The item of the list, else what gives the list, else the class; None for a library's admin class."""
        return source.listed(cls, f"get_{attribute}", name) or source.listed(cls, attribute, name) or source.nearest(cls)

    return PlaceCache(find, KIND)


def _name(field: Any) -> str | None:
    """The columns and fields are names, or callables."""
    return field if isinstance(field, str) else getattr(field, "__name__", None)

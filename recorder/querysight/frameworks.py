"""Libraries whose frames act for something that the user wrote. Each is looked at once the project has imported it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import NamedTuple

from . import (
    admin_fields,
    class_querysets,
    factory_calls,
    graphql_fields,
    jinja_templates,
    ninja_fields,
    serializer_fields,
)
from .class_source import ClassSource
from .files import Files
from .frames import Codes
from .importhook import on_import


class _Recording(NamedTuple):
    walker: Codes
    files: Files
    source: ClassSource


# Where modules that are imported later belong: the recording that was installed last.
_recording: _Recording | None = None


def install(walker: Codes, files: Files, started_ns: int) -> None:
    """Tell the walker of the libraries that are imported, and of the others as soon as they are."""
    global _recording
    _recording = _Recording(walker, files, ClassSource(files, started_ns))
    walker.register_generated(jinja_templates.MARKER, jinja_templates.template_reader(files))
    on_import(_GRAPHQL, "querysight.graphql_operations", "install")
    for name in _PLACES:
        if name in sys.modules:
            imported(sys.modules[name])
        else:
            on_import(name, __name__, "imported")


def imported(module: ModuleType) -> None:
    """Called by the import hook."""
    if _recording is not None:
        _PLACES[module.__name__](module, _recording.walker, _recording.source)


_GRAPHQL = "graphql.execution.execute"
_PLACES = {
    _GRAPHQL: graphql_fields.register,
    "django.contrib.admin.options": class_querysets.register_admin,
    "django.contrib.admin.helpers": admin_fields.register_readonly_fields,
    "django.contrib.admin.templatetags.admin_list": admin_fields.register_columns,
    "django.views.generic.detail": class_querysets.register_details,
    "django.views.generic.list": class_querysets.register_lists,
    "factory.base": factory_calls.register_classes,
    "model_bakery.baker": factory_calls.register_calls,
    "ninja.schema": ninja_fields.register,
    "rest_framework.serializers": serializer_fields.register,
}

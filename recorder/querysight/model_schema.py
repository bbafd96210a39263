"""The models as `_meta` knows them: what a lookup path may be, exact for third-party apps too."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.models import Manager
from django.db.models.manager import BaseManager

from .files import Files
from .relations import label

Record = dict[str, Any]


def models_record(files: Files, fault: Callable[[Exception], None]) -> Record:
    """The `models` record. A model whose `_meta` cannot be read is left out and told to `fault`."""
    vendors = _vendors()
    models = []
    for model in apps.get_models(include_auto_created=True):
        try:
            models.append(_model(model, files, _vendor(model, vendors)))
        except Exception as error:
            fault(error)
    return {"type": "models", "models": models}


def _vendors() -> dict[str, str]:
    """The vendor of each database, the default first; those whose connection the program has not made are not made here."""
    made = {connection.alias: str(connection.vendor) for connection in connections.all(initialized_only=True)}
    return {alias: made[alias] for alias in sorted(made, key=lambda alias: alias != DEFAULT_DB_ALIAS)}


def _vendor(model: Any, vendors: dict[str, str]) -> str:
    """The vendor of the first database that has the model's table.

    Routers are asked where a table may be made and not where to read: that answer may be drawn by lot, and must be drawn once.
    """
    if len(set(vendors.values())) > 1:
        try:
            return next(vendor for alias, vendor in vendors.items() if router.allow_migrate_model(alias, model))
        except Exception:
            pass  # The project's own routers may fail here, or allow no database.
    return next(iter(vendors.values()), "unknown")


def _model(model: Any, files: Files, vendor: str) -> Record:
    meta = model._meta
    path, line = _place(model, files)
    return {
        "label": meta.label,
        "module": model.__module__,
        "qualname": model.__qualname__,
        "file": path,
        "line": line,
        "table": meta.db_table,
        "proxyFor": label(meta.proxy_for_model) if meta.proxy else None,
        "abstractBases": [
            f"{base.__module__}.{base.__qualname__}"
            for base in model.__mro__
            if getattr(getattr(base, "_meta", None), "abstract", False)
        ],
        "parents": [parent._meta.label for parent in meta.parents],
        "managed": bool(meta.managed),
        "vendor": vendor,
        "baseManagerFilters": type(model._base_manager) is not Manager,
        **_default_manager(model),
        "ordering": [name if isinstance(name, str) else None for name in meta.ordering],
        "fields": [_field(field) for field in meta.get_fields(include_hidden=True) if not _is_hidden(field)],
        "indexes": [*_indexes(meta), *_unique_constraints(meta)],
        "uniqueTogether": [list(names) for names in meta.unique_together],
    }


def _default_manager(model: Any) -> Record:
    """Related managers are subclasses of the default one; its `get_queryset` decides what they leave out."""
    manager = model._default_manager
    changes = getattr(type(manager), "get_queryset", None) is not BaseManager.get_queryset
    return {"defaultManager": getattr(manager, "name", None), "defaultManagerFilters": changes}


def _place(model: Any, files: Files) -> tuple[str | None, int]:
    """(path relative to the root, line of the class statement); (None, 0) outside the user's files."""
    module = sys.modules.get(model.__module__)
    real = files.user_path(os.path.abspath(getattr(module, "__file__", None) or "<none>"))
    if real is None:
        return None, 0
    file = files.file(real, "python")
    return file.path, file.class_line(model.__qualname__)


def _relation(field: Any) -> str | None:
    """The relation's kind. Reverse relations are the `auto_created` ones that are not concrete (`ForeignObjectRel`)."""
    if not field.is_relation:
        return None
    reverse = field.auto_created and not field.concrete
    if not reverse and not hasattr(field, "remote_field"):
        return "generic_foreign_key"
    if field.related_model is None:
        return "generic_foreign_key"
    if field.one_to_one:
        return "reverse_one_to_one" if reverse else "one_to_one"
    if field.many_to_many:
        return "reverse_many_to_many" if reverse else "many_to_many"
    if reverse:
        return "reverse_foreign_key"
    return "foreign_key" if field.many_to_one else "generic_relation"


_SINGLE: dict[str, Callable[[Any], str]] = {
    "foreign_key": lambda field: str(field.name),
    "one_to_one": lambda field: str(field.name),
    # select_related takes the related query name (SQLCompiler.get_related_selections).
    "reverse_one_to_one": lambda field: str(field.field.related_query_name()),
}


def _is_hidden(field: Any) -> bool:
    """True for a reverse relation without an accessor (`related_name="+"`), told as `ForeignObjectRel.hidden` does it."""
    # A field of a library's own may have a `field`, too: what it wraps.
    return hasattr(field, "field") and str(getattr(field, "related_name", None) or "").endswith("+")


def _field(field: Any) -> Record:
    """The record of a field. Relations keep what they were asked for, and a pickled query its relations: that is taken back."""
    remote = vars(field).get("remote_field")
    asked = [vars(each) for each in (field, remote) if each is not None]
    before = [set(values) for values in asked]
    try:
        return _described(field)
    finally:
        for values, names in zip(asked, before, strict=True):
            for name in values.keys() - names:
                values.pop(name, None)


def _described(field: Any) -> Record:
    relation = _relation(field)
    reverse = relation is not None and relation.startswith("reverse_")
    accessor = field.get_accessor_name() if reverse else field.name
    select = _SINGLE.get(relation or "")
    primary_key = bool(getattr(field, "primary_key", False))
    unique = bool(getattr(field, "unique", False)) and not reverse
    return {
        "name": field.name,
        "attname": getattr(field, "attname", None) or field.name,
        "column": getattr(field, "column", None),
        "type": type(field).__name__,
        "null": bool(getattr(field, "null", False)),
        "unique": unique,
        "index": primary_key or unique or (bool(getattr(field, "db_index", False)) and not reverse),
        "primaryKey": primary_key,
        "relation": relation,
        "to": label(field.related_model) if relation is not None else None,
        "accessor": accessor,
        "select": select(field) if select is not None and not _is_parent_link(field, reverse) else None,
        # The other end of a `GenericRelation` has an accessor where that has a `related_query_name`, and it does not work.
        "prefetch": accessor if relation is not None and not (reverse and field.field.one_to_many) else None,
        "remote": _remote(field, relation, reverse),
        "toField": _to_field(field, relation),
    }


def _is_parent_link(field: Any, reverse: bool) -> bool:
    """True for a child model's link to its parent: `select_related` takes it and does nothing (`select_related_descend`), since
    the parent's columns are the child's own and its instance is made of them."""
    return not reverse and bool(getattr(field.remote_field, "parent_link", False))


def _remote(field: Any, relation: str | None, reverse: bool) -> str | None:
    if relation is None or relation == "generic_foreign_key":
        return None
    if reverse:
        return str(field.field.name)
    if relation == "generic_relation":
        return None
    remote = field.remote_field
    return None if remote is None or remote.hidden else str(remote.name)


def _to_field(field: Any, relation: str | None) -> str | None:
    """What a foreign key's column holds: the name of a field of the other model. None of several columns (`ForeignObject`)."""
    if relation not in ("foreign_key", "one_to_one"):
        return None
    # `target_field` is the same, and raises FieldError where there are several.
    related = field.foreign_related_fields
    return str(related[0].name) if len(related) == 1 else None


def _indexes(meta: Any) -> list[Record]:
    found = [
        {
            "name": index.name,
            "fields": [
                *(("-" if order else "") + name for name, order in index.fields_orders),
                *(None for _ in index.expressions),
            ],
            "condition": index.condition is not None,
            "unique": False,
        }
        for index in meta.indexes
    ]
    # Until Django 5.1.
    together = getattr(meta, "index_together", ())
    found += [{"name": "", "fields": list(names), "condition": False, "unique": False} for names in together]
    return found


def _unique_constraints(meta: Any) -> list[Record]:
    return [
        {
            "name": constraint.name,
            "fields": [*constraint.fields, *(None for _ in constraint.expressions)],
            "condition": constraint.condition is not None,
            "unique": True,
        }
        for constraint in meta.constraints
        if hasattr(constraint, "fields")
        and hasattr(constraint, "condition")
        and hasattr(constraint, "expressions")
        and type(constraint).__name__ == "UniqueConstraint"
    ]

"""Relations as a developer writes them: accessors and the names that `select_related` and `prefetch_related` take."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, cast

Label = str


def label(model: Any) -> Label | None:
    """`app_label.ModelName` of a model class or instance; None for anything else."""
    return _label(model if isinstance(model, type) else type(model))


@lru_cache(maxsize=4096)
def _label(model: Hashable) -> Label | None:
    meta = getattr(model, "_meta", None)
    return None if meta is None else str(meta.label)


def manager_accessor(manager: Any, kind: str) -> str:
    """The attribute on the instance that gave this related manager.

    `ManyRelatedManager.prefetch_cache_name` is the related query name on the reverse side, which is not the accessor
    unless a `related_name` is set (django/db/models/fields/related_descriptors.py).
    """
    if kind == "reverse_foreign_key":
        remote = manager.field.remote_field
        # A custom field may stand at this end itself: then the manager was made for it, and its name is the accessor.
        accessor = getattr(remote, "get_accessor_name", None)
        return str(accessor() if accessor is not None else remote.name)
    if kind == "many_to_many" and manager.reverse:
        return _reverse_many_to_many(cast(Hashable, type(manager.instance)), manager.prefetch_cache_name, manager.through)
    return str(manager.prefetch_cache_name)


@lru_cache(maxsize=4096)
def _reverse_many_to_many(model: Hashable, query_name: str, through: Hashable) -> str:
    for relation in cast(Any, model)._meta.get_fields(include_hidden=True):
        # Its own properties would keep the answers, and they would end up in the program's pickles of queries; `related_objects`
        # asks for them.
        field = getattr(relation, "field", None)
        if field is not None and field.many_to_many and field.related_query_name() == query_name and relation.through is through:
            return relation.get_accessor_name() or query_name
    return query_name

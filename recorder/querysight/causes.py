"""From the frames of one execution to its cause, its query and the instances that it hangs on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from types import FrameType
from typing import Any, NamedTuple

from django.apps import apps

from . import marks
from .capture import Callers, Hit, frame_at
from .relations import label
from .roles import AUTH, COLLECTOR, COMPILER, DESCRIPTOR, MANAGER, PREFETCH, QUERYSET, RAW, RAW_ROWS, REFRESH, SAVE
from .single_rows import returns_one
from .statements import BOOKKEEPING
from .tables import Cause

_DECISIVE = frozenset({DESCRIPTOR, PREFETCH, SAVE, REFRESH, COLLECTOR})
_SINGLE_APIS = frozenset({"get", "first", "last", "earliest", "latest", "get_or_create", "update_or_create"})
_WRITE_APIS = {"bulk_create": "bulk", "bulk_update": "bulk", "update": "update", "delete": "delete"}
_CREATE_APIS = frozenset({"create", "get_or_create", "update_or_create"})
# Methods of related managers that a developer does not call.
_MANAGER_MEANS = frozenset(
    {
        "get_queryset",
        "_apply_rel_filters",
        "_add_items",
        "_remove_items",
        "_get_missing_target_ids",
        "_get_add_plan",
        "_get_target_ids",
        "_clear",
        "_build_remove_filters",
        "constrained_target",
    }
)
_MANAGER_WRITES = frozenset({"add", "clear", "remove", "set"})
_VERB_KINDS = {"insert": "create", "update": "update", "delete": "delete"}
# Django's own tables: what touches them through plain querysets is bookkeeping.
_BOOKKEEPING_APPS = {"sessions": "session", "contenttypes": "contenttypes"}
_PLAIN = frozenset({"queryset", "save", "create", "update", "delete", "bulk"})
# Permissions are looked up through the user's own relations.
_OF_AUTH = _PLAIN | {"many_to_many"}
# A set of this many parents is not counted exactly (docs/segment-format.md).
_MAX_PARENTS = 1025


# Where the captured frame stands above `Frames.__init__` on the hot path: the interpreter counts outward faster than we do.
_ABOVE = 4
_getframe = sys._getframe


# A function that names the cause, and what it is called with after the reading.
Key = tuple[Any, ...]


class Relation(NamedTuple):
    """A related manager as it is remembered on its querysets."""

    kind: str
    model: str | None
    accessor: str


class Reading:
    """What the frames further in than the first user frame say, whoever runs them; `api` and `manager` are the outermost
    method's, `maker` is the innermost method of a related manager, `one` tells that one row at most is asked for, and `aside`
    that prefetching asked for something else than what it prefetches.

    Found once for all stacks with the same frames there. `causes` are those that executions on them had, by what else they
    depend on.
    """

    __slots__ = ("api", "aside", "auth", "causes", "decisive", "maker", "manager", "one", "query", "raw", "raw_rows")

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.query: Hit | None = None
        self.raw = self.auth = self.aside = False
        self.api: str | None = None
        self.decisive: Hit | None = None
        self.manager: Hit | None = None
        self.maker: Hit | None = None
        self.raw_rows: Hit | None = None
        self.causes: dict[Key, Cause] = {}
        for hit in hits:
            self._read(hit)
        role = None if self.decisive is None else self.decisive.known.role
        self.one = self.api in _SINGLE_APIS or role is REFRESH or role is DESCRIPTOR

    def _read(self, hit: Hit) -> None:
        role = hit.known.role
        decisive = self.decisive
        if role is COMPILER:
            if self.query is None:
                self.query = hit
        elif role is RAW:
            self.query, self.raw = hit, True
        elif role is QUERYSET:
            if decisive is None or decisive.known.role in {SAVE, COLLECTOR}:
                self.api = hit.known.name
        elif role in _DECISIVE:
            # A deferred field is loaded by refresh_from_db; the field is the cause.
            if decisive is None or (decisive.known.role is REFRESH and hit.known.kind == "deferred_field"):
                # Further in, the methods are Django's means; from here outward they are what the developer called.
                self.aside = role is PREFETCH and self.api == "get"
                self.decisive, self.api = hit, None
        elif role is MANAGER:
            if self.maker is None:
                self.maker = hit
            if hit.known.name not in _MANAGER_MEANS:
                self.manager = hit
        elif role is AUTH:
            self.auth = True
        elif role is RAW_ROWS:
            self.raw_rows = hit


class Frames:
    """A reading of one execution: `frame` is the one that was captured, `values` are the decisive frame's variables by name."""

    __slots__ = ("frame", "query", "read", "values")

    def __init__(self, read: Reading, frame: FrameType) -> None:
        self.read = read
        self.frame = frame
        query, decisive = read.query, read.decisive
        near = _getframe(_ABOVE) is frame
        self.query: Any = None
        if query is not None:
            where = _getframe(_ABOVE + query.distance) if near else frame_at(frame, query.distance)
            owner = where.f_locals["self"]
            self.query = owner if read.raw else owner.query
        self.values: Any = None
        if decisive is not None:
            where = _getframe(_ABOVE + decisive.distance) if near else frame_at(frame, decisive.distance)
            self.values = where.f_locals

    def locals(self, hit: Hit) -> Any:
        """The local variables of a hit's frame, by name."""
        return frame_at(self.frame, hit.distance).f_locals


def reading(callers: Callers) -> Reading:
    """The reading of a stack."""
    inner = callers.inner
    found = inner.kept
    if found is None:
        found = inner.kept = Reading(inner.hits)
    return found  # type: ignore[no-any-return]


def facts(frames: Frames, verb: str, relations: Sequence[Relation], user: bool) -> tuple[Key, Sequence[int]]:
    """What one execution adds to its reading: all that its cause still depends on, and the marks of its parent instances.

    `relations` are those that RELATION marks point into; `user` tells whether the user's code is on the stack.
    """
    if verb in BOOKKEEPING:
        return _TRANSACTION, ()
    decisive = frames.read.decisive
    if decisive is not None:
        return _FACTS[decisive.known.role](frames)
    return _facts(frames, verb, relations, user)


def cause_of(read: Reading, key: Key) -> Cause:
    """The cause of executions with these facts."""
    found = read.causes.get(key)
    if found is None:
        found = read.causes[key] = _bookkeeping(key[0](read, *key[1:]), read)
    return found


def loads_one(frames: Frames, verb: str) -> bool:
    """True if the query can load one row at most: see `single` in docs/segment-format.md."""
    return verb == "select" and (frames.read.one or returns_one(frames.query))


def inner_query(query: Any) -> Any:
    """The query that carries a queryset's marks: that inside an `AggregateQuery`, else itself."""
    return getattr(query, "inner_query", query)


def _facts(frames: Frames, verb: str, relations: Sequence[Relation], user: bool) -> tuple[Key, Sequence[int]]:
    read, query = frames.read, inner_query(frames.query)
    target = getattr(query, "model", None)
    if verb in _VERB_KINDS:
        parents: Sequence[int] = ()
        if read.manager is not None:
            parents = (marks.instance_mark(frames.locals(read.manager)["self"].instance),)
        return (_write, verb, target, user), parents
    if query is None:
        return (_unknown, user), ()
    values = query.__dict__
    relation = values.get(marks.RELATION, 0)
    if 0 < relation < len(relations):
        return (_related, relations[relation], marks.REFINED in values, target), (values[marks.PARENT],)
    if read.raw and read.raw_rows is not None:
        # A raw query knows its SQL alone; the rows' model is its queryset's.
        target = frames.locals(read.raw_rows)["self"].queryset.model
    return (_plain, target), ()


def _write(read: Reading, verb: str, model: Any, user: bool) -> Cause:
    api = read.manager.known.name if read.manager is not None else read.api
    kind = _WRITE_APIS.get(read.api or "")
    if kind is None and read.query is not None:
        kind = _VERB_KINDS.get(verb)
    if kind is None:
        return _unknown(read, user)
    return Cause(kind, label(model), api=api, target=label(model))


def _related(read: Reading, relation: Relation, refined: bool, target: Any) -> Cause:
    kind, model, accessor = relation
    api = read.manager.known.name if read.manager is not None else read.api
    if api in _MANAGER_WRITES:
        kind = "bulk"  # what is there already, read before it is changed
    return Cause(kind, model, accessor, accessor, api, refined=refined or api != "iterate", target=label(target))


def _plain(read: Reading, target: Any) -> Cause:
    if read.raw:
        return Cause("raw", label(target), api="iterate", target=label(target))
    return Cause("queryset", label(target), api=read.api, target=label(target))


def _transaction(read: Reading) -> Cause:
    return Cause("transaction")


_TRANSACTION: Key = (_transaction,)


def _unknown(read: Reading, user: bool) -> Cause:
    return Cause("cursor" if user else "other")


def _descriptor(frames: Frames) -> tuple[Key, Sequence[int]]:
    values = frames.values
    instance = values["instance"]
    target = getattr(frames.query, "model", None)
    return (_lazy_load, values["self"], type(instance), target), (marks.instance_mark(instance),)


def _lazy_load(read: Reading, descriptor: Any, model: type, target: Any) -> Cause:
    kind = "" if read.decisive is None else read.decisive.known.kind
    lookup: str | None
    if kind == "foreign_key":
        field = lookup = descriptor.field.name
        if descriptor.field.one_to_one:
            kind = "one_to_one"
    elif kind == "reverse_one_to_one":
        field = descriptor.related.get_accessor_name()
        lookup = descriptor.related.field.related_query_name()
    elif kind == "deferred_field":
        field, lookup = descriptor.field.attname, None
    else:
        field = lookup = getattr(descriptor, "field", descriptor).name
    return Cause(kind, label(model), field, lookup, target=label(target))


def _prefetch(frames: Frames) -> tuple[Key, Sequence[int]]:
    values, decisive = frames.values, frames.read.decisive
    if decisive is not None and decisive.known.kind == "deferred_field":
        instances = values["to_fetch"]
        key: Key = (_deferred_of_peers, values["self"].field.attname, type(instances[0]))
        return key, [marks.instance_mark(instance) for instance in instances[:_MAX_PARENTS]]
    lookup, instances = values["lookup"], values["instances"]
    target = getattr(inner_query(frames.query), "model", None)
    model = type(instances[0]) if instances else None
    key = (_level, lookup.prefetch_through, values["level"], model, target)
    return key, [marks.instance_mark(instance) for instance in instances[:_MAX_PARENTS]]


def _deferred_of_peers(read: Reading, field: str, model: type) -> Cause:
    """One load for all instances is no lazy load of theirs, but no lookup path brings the field either."""
    return Cause("prefetch", label(model), field, path=field, target=label(model))


def _level(read: Reading, through: str, level: int, model: type | None, target: Any) -> Cause:
    path = through.split("__")[: level + 1]
    owner = None if model is None else label(model)
    return Cause("prefetch", owner, path[-1], path[-1], path="__".join(path), target=label(target))


def _save(frames: Frames) -> tuple[Key, Sequence[int]]:
    return (_saved, type(frames.values["self"])), ()


def _saved(read: Reading, model: type) -> Cause:
    created = read.api in _CREATE_APIS and (read.api != "update_or_create" or _inserts(read))
    kind = "create" if created else "save"
    return Cause(kind, label(model), api=read.api, target=label(model))


def _inserts(read: Reading) -> bool:
    return read.query is not None and read.query.known.kind == "insert"


def _refresh(frames: Frames) -> tuple[Key, Sequence[int]]:
    instance = frames.values["self"]
    return (_refreshed, type(instance)), (marks.instance_mark(instance),)


def _refreshed(read: Reading, model: type) -> Cause:
    return Cause("refresh", label(model), target=label(model))


def _delete(frames: Frames) -> tuple[Key, Sequence[int]]:
    origin = getattr(frames.values["self"], "origin", None)
    # A queryset has a `model`, and so may an instance: a car, say.
    model = type(origin) if hasattr(origin, "_meta") else getattr(origin, "model", None)
    target = getattr(inner_query(frames.query), "model", None)
    parents: Sequence[int] = ()
    if frames.read.manager is not None:
        parents = (marks.instance_mark(frames.locals(frames.read.manager)["self"].instance),)
    return (_deleted, model, target), parents


def _deleted(read: Reading, model: type | None, target: Any) -> Cause:
    api = read.api if read.manager is None else read.manager.known.name
    return Cause("delete", None if model is None else label(model), api=api, target=label(target))


_FACTS = {
    DESCRIPTOR: _descriptor,
    PREFETCH: _prefetch,
    SAVE: _save,
    REFRESH: _refresh,
    COLLECTOR: _delete,
}


@lru_cache(maxsize=4096)
def _bookkeeping_kind(target: str) -> str | None:
    """The kind of a table's bookkeeping by its model's label; a project's own session models are told by their base."""
    base = sys.modules.get("django.contrib.sessions.base_session")
    try:
        if base is not None and issubclass(apps.get_model(target), base.AbstractBaseSession):
            return "session"
    except Exception:
        pass  # no model, or one that is not registered any more
    return _BOOKKEEPING_APPS.get(target.partition(".")[0])


def _bookkeeping(cause: Cause, read: Reading) -> Cause:
    """Django's own sessions, content types and sign-in queries get their own kinds."""
    if cause.kind in _PLAIN or cause.kind == "generic_foreign_key" or read.aside:
        kind = _bookkeeping_kind(cause.target or "")
        if kind is not None:
            return cause._replace(kind=kind)
    return cause._replace(kind="auth") if read.auth and cause.kind in _OF_AUTH else cause

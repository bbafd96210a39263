"""From the frames of one execution to its cause, its query and the instances that it hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from . import marks
from .frames import Capture, Hit
from .relations import label
from .roles import AUTH, COLLECTOR, COMPILER, DESCRIPTOR, MANAGER, PREFETCH, QUERYSET, RAW, REFRESH, SAVE
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
# A set of this many parents is not counted exactly (docs/segment-format.md).
_MAX_PARENTS = 1025


class Relation(NamedTuple):
    """A related manager as it is remembered on its querysets."""

    kind: str
    model: str | None
    accessor: str


class Resolution(NamedTuple):
    """`query` is the `Query` or `RawQuery` that ran, or None; `parents` the marks of the instances it hangs on.

    `one`: the way it was asked for loads one row at most.
    """

    cause: Cause
    query: Any
    parents: Sequence[int]
    one: bool


class Frames(NamedTuple):
    """What the frames further in than the first user frame say; `api` and `manager` are the outermost method's."""

    query: Any
    raw: bool
    api: str | None
    decisive: Hit | None
    manager: Hit | None
    auth: bool


def read(capture: Capture) -> Frames:
    """Read the frames, innermost first."""
    query: Any = None
    raw = auth = False
    api: str | None = None
    decisive: Hit | None = None
    manager: Hit | None = None
    for hit in capture.hits[: capture.inner]:
        role = hit.known.role
        if role is COMPILER:
            if query is None:
                query = hit.frame.f_locals["self"].query
        elif role is RAW:
            query, raw = hit.frame.f_locals["self"], True
        elif role is QUERYSET:
            if decisive is None or decisive.known.role in {SAVE, COLLECTOR}:
                api = hit.known.name
        elif role in _DECISIVE:
            # A deferred field is loaded by refresh_from_db; the field is the cause.
            if decisive is None or (decisive.known.role is REFRESH and hit.known.kind == "deferred_field"):
                # Further in, the methods are Django's means; from here outward they are what the developer called.
                decisive, api = hit, None
        elif role is MANAGER:
            if hit.known.name not in _MANAGER_MEANS:
                manager = hit
        elif role is AUTH:
            auth = True
    return Frames(query, raw, api, decisive, manager, auth)


def resolve(capture: Capture, verb: str, relations: Sequence[Relation]) -> Resolution:
    """The cause of one execution. `relations` are those that RELATION marks point into."""
    frames = read(capture)
    query = frames.query
    if verb in BOOKKEEPING:
        return Resolution(Cause("transaction"), query, (), False)
    cause, parents = _cause(frames, verb, relations, user=bool(capture.edge))
    role = None if frames.decisive is None else frames.decisive.known.role
    one = frames.api in _SINGLE_APIS or role is REFRESH or role is DESCRIPTOR
    return Resolution(_bookkeeping(cause, frames), query, parents, one)


def loads_one(resolution: Resolution, verb: str) -> bool:
    """True if the query can load one row at most: see `single` in docs/segment-format.md."""
    return verb == "select" and (resolution.one or _is_single(resolution.query))


def inner_query(query: Any) -> Any:
    """The query that carries a queryset's marks: that inside an `AggregateQuery`, else itself."""
    return getattr(query, "inner_query", query)


def _cause(frames: Frames, verb: str, relations: Sequence[Relation], user: bool) -> tuple[Cause, Sequence[int]]:
    if frames.decisive is not None:
        return _DECISIVE_CAUSES[frames.decisive.known.role](frames, frames.decisive)
    query = inner_query(frames.query)
    target = label(getattr(query, "model", None))
    if verb in _VERB_KINDS:
        return _write(frames, verb, target, user)
    relation = 0 if query is None else query.__dict__.get(marks.RELATION, 0)
    if 0 < relation < len(relations):
        kind, model, accessor = relations[relation]
        api = frames.manager.known.name if frames.manager is not None else frames.api
        refined = api != "iterate" or marks.REFINED in query.__dict__
        if api in _MANAGER_WRITES:
            kind = "bulk"  # what is there already, read before it is changed
        cause = Cause(kind, model, accessor, accessor, api, refined=refined, target=target)
        return cause, (query.__dict__[marks.PARENT],)
    if frames.raw:
        return Cause("raw", api="iterate"), ()
    if query is not None:
        return Cause("queryset", target, api=frames.api, target=target), ()
    return Cause("cursor" if user else "other"), ()


def _write(frames: Frames, verb: str, target: str | None, user: bool) -> tuple[Cause, Sequence[int]]:
    parents: Sequence[int] = ()
    if frames.manager is not None:
        parents = (marks.instance_mark(frames.manager.frame.f_locals["self"].instance),)
    api = frames.manager.known.name if frames.manager is not None else frames.api
    kind = _WRITE_APIS.get(frames.api or "")
    if kind is None and frames.query is not None:
        kind = _VERB_KINDS.get(verb)
    if kind is None:
        return Cause("cursor" if user else "other"), ()
    return Cause(kind, target, api=api, target=target), parents


def _descriptor(frames: Frames, hit: Hit) -> tuple[Cause, Sequence[int]]:
    kind = hit.known.kind
    values = hit.frame.f_locals
    descriptor, instance = values["self"], values["instance"]
    model = label(instance)
    target = label(getattr(frames.query, "model", None))
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
    return Cause(kind, model, field, lookup, target=target), (marks.instance_mark(instance),)


def _prefetch(frames: Frames, hit: Hit) -> tuple[Cause, Sequence[int]]:
    values = hit.frame.f_locals
    lookup, instances = values["lookup"], values["instances"]
    path = lookup.prefetch_through.split("__")[: values["level"] + 1]
    target = label(getattr(inner_query(frames.query), "model", None))
    model = label(instances[0]) if instances else None
    cause = Cause("prefetch", model, path[-1], path[-1], path="__".join(path), target=target)
    return cause, [marks.instance_mark(instance) for instance in instances[:_MAX_PARENTS]]


def _save(frames: Frames, hit: Hit) -> tuple[Cause, Sequence[int]]:
    model = label(hit.frame.f_locals["self"])
    kind = "create" if frames.api in _CREATE_APIS else "save"
    return Cause(kind, model, api=frames.api, target=model), ()


def _refresh(frames: Frames, hit: Hit) -> tuple[Cause, Sequence[int]]:
    instance = hit.frame.f_locals["self"]
    return Cause("refresh", label(instance), target=label(instance)), (marks.instance_mark(instance),)


def _delete(frames: Frames, hit: Hit) -> tuple[Cause, Sequence[int]]:
    origin = getattr(hit.frame.f_locals["self"], "origin", None)
    model = label(getattr(origin, "model", None) or origin)
    target = label(getattr(inner_query(frames.query), "model", None))
    if frames.manager is not None:
        parents = (marks.instance_mark(frames.manager.frame.f_locals["self"].instance),)
        return Cause("delete", model, api=frames.manager.known.name, target=target), parents
    return Cause("delete", model, api=frames.api, target=target), ()


_DECISIVE_CAUSES = {
    DESCRIPTOR: _descriptor,
    PREFETCH: _prefetch,
    SAVE: _save,
    REFRESH: _refresh,
    COLLECTOR: _delete,
}


def _bookkeeping(cause: Cause, frames: Frames) -> Cause:
    """Django's own sessions, content types and sign-in queries get their own kinds."""
    if cause.kind not in _PLAIN and cause.kind != "generic_foreign_key":
        return cause
    kind = _BOOKKEEPING_APPS.get((cause.target or "").partition(".")[0])
    if kind is not None:
        return cause._replace(kind=kind)
    return cause._replace(kind="auth") if frames.auth and cause.kind in _PLAIN else cause


def _is_single(query: Any) -> bool:
    """True for LIMIT 1 and for an equality on a unique column of the base table, at the top of the WHERE tree."""
    where = getattr(query, "where", None)
    if where is None:
        return False
    if query.high_mark is not None and query.high_mark - query.low_mark <= 1:
        return True
    if where.negated or where.connector != "AND":
        return False
    return any(
        getattr(child, "lookup_name", "") == "exact"
        and getattr(getattr(child.lhs, "target", None), "unique", False)
        and child.lhs.alias == query.base_table
        for child in where.children
        if hasattr(child, "lhs")
    )

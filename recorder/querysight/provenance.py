"""Where querysets come from and which row loaded an instance: the few methods of Django that are wrapped.

Every wrapper calls the original first, or yields exactly what it yields; what the recorder adds are integers (marks.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from types import FrameType
from typing import Any, Protocol, cast

from django.db.models import Manager, QuerySet

from . import django_names, eager, marks, prefetched
from .capture import Callers, Walker, frame_at
from .causes import Relation, reading
from .eager import FIELDS, PREFETCHED, release, watch
from .relations import label, manager_accessor
from .roles import MANAGER
from .scopes import Row
from .tables import Tables
from .unseen import unseen


class Recording(Protocol):
    """What provenance needs of the session."""

    walker: Walker
    tables: Tables
    relations: list[Relation]

    def capture(self, frame: FrameType) -> Callers: ...
    def fault(self, error: Exception) -> None: ...
    def row_of(self, query: Any) -> Row | None: ...
    def live_row(self, identifier: int) -> Row | None: ...


# The session that the wrappers report to; they are installed once per process.
_recording: Recording | None = None
_wrapped = False
_relation_ids: dict[Relation, int] = {}
# Inside these methods of a related manager its queryset is still being made.
_MAKING = frozenset({"_apply_rel_filters", "get_queryset", "get_prefetch_queryset", "get_prefetch_querysets"})
_MAX_MAKING_FRAMES = 30
# Between a slice and its clone; the user's querysets may have their own.
_CLONING = frozenset({"_chain", "_clone"})
# How Django itself gets to a queryset that it executes at once, where no manager of the user's takes part: to the row of a
# single-valued relation, and to the rows that `save()` is about to write.
_GETS_QUERYSET = django_names.code("django.db.models.manager:BaseManager.get_queryset")
_VIA = frozenset({django_names.code("django.db.models.manager:BaseManager.all"), getattr(Manager.filter, "__code__", None)})
_AT_ONCE = frozenset(
    django_names.code(f"django.db.models.{name}", reads=())
    for name in (
        "fields.related_descriptors:ForwardManyToOneDescriptor.get_queryset",
        "fields.related_descriptors:ReverseOneToOneDescriptor.get_queryset",
        "base:Model._save_table",
        "base:Model._do_insert",
    )
)


# What a project may derive its own classes from, whose methods are as much a means as a manager's: what makes a queryset's rows,
# and what loads an attribute.
_MEANS = (
    "django.db.models.query:BaseIterable",
    "django.db.models.query_utils:DeferredAttribute",
    "django.db.models.fields.related_descriptors:ForwardManyToOneDescriptor",
    "django.db.models.fields.related_descriptors:ReverseOneToOneDescriptor",
)
_MANAGERS = (QuerySet, Manager, *filter(None, map(django_names.find, _MEANS)))


def is_manager(value: object) -> bool:
    """True for managers, querysets and the like, and their classes."""
    kind = value if isinstance(value, type) else type(value)
    return issubclass(kind, _MANAGERS)


def install(recording: Recording) -> None:
    """Wrap Django's methods (once per process) and report to `recording` from now on."""
    global _recording, _wrapped
    _recording = recording
    _relation_ids.clear()
    if _wrapped:
        return
    _wrapped = True
    # What leaves marks is only wrapped where they can be dropped again.
    marks.on_queries = _drop_marks_on_pickle("django.db.models.sql:Query", marks.QUERY_MARKS)
    marks.on_queries &= _drop_marks_on_pickle("django.db.models.sql.query:RawQuery", marks.QUERY_MARKS)
    marks.on_instances = _drop_marks_on_pickle("django.db.models.base:ModelState", (marks.INSTANCE,))
    marks.mark_of_link = _mark_of_link
    if marks.on_queries:
        _wrap("django.db.models:QuerySet", "__init__", _init, "self", "model", "query", "using", "hints")
        _wrap("django.db.models:QuerySet", "_clone", _clone, "self")
        _wrap("django.db.models.query:RawQuerySet", "__init__", _raw_init)
        for iterable in ("ValuesIterable", "ValuesListIterable", "FlatValuesListIterable"):
            _wrap(f"django.db.models.query:{iterable}", "__iter__", _iterate_values, "self")
        if marks.on_instances:
            _wrap("django.db.models.query:ModelIterable", "__iter__", _iterate, "self")
            _wrap("django.db.models.query:RawModelIterable", "__iter__", _iterate, "self")
            _watch_prefetching()


def uninstall() -> None:
    """Stop reporting; the wrappers stay and do nothing."""
    global _recording
    _recording = None


def _wrap(owner_name: str, name: str, make: Callable[[Any], Any], *parameters: str) -> None:
    owner = django_names.find(owner_name)
    original = None if owner is None else django_names.method(owner, name, *parameters)
    if original is not None:
        setattr(owner, name, unseen(wraps(original)(make(original))))


def _watch_prefetching() -> None:
    """Only where an instance's pickle, and the state that it is made from, can be given the dictionary that they would have."""
    model = django_names.find("django.db.models:Model")
    module: Any = import_module("django.db.models.query")
    reduce, state = (django_names.method(model, name, "self") for name in ("__reduce__", "__getstate__"))
    original = django_names.method(module, "prefetch_one_level", "instances", "prefetcher", "lookup", "level")
    if model is not None and reduce is not None and state is not None and original is not None:
        model.__reduce__ = unseen(wraps(reduce)(_releasing(reduce)))
        model.__getstate__ = unseen(wraps(state)(_releasing(state)))
        eager.install()
        make = prefetched.wrapper(lambda: _recording)
        module.prefetch_one_level = unseen(wraps(original)(make(original)))


def _releasing(original: Any) -> Any:
    def way(self: Any) -> Any:
        release(self.__dict__, PREFETCHED)
        return original(self)

    return way


def _init(original: Any) -> Any:
    def __init__(self: Any, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        original(self, model, query, using, hints)
        if query is None and _recording is not None:
            try:
                if _is_executed_at_once(sys._getframe(1)):
                    self._query.__dict__[marks.CONSTRUCTION] = marks.AT_EXECUTION
                else:
                    _mark_construction(_recording, self._query.__dict__)
            except Exception as error:
                _recording.fault(error)

    return __init__


def _is_executed_at_once(frame: FrameType) -> bool:
    """True where only Django stands between the making of a queryset and its execution.

    In an N+1 that is every query, in a suite every `save()`; its stack is known once it is executed.
    """
    if frame.f_code is not _GETS_QUERYSET:
        return False
    outer = frame.f_back
    return outer is not None and outer.f_code in _VIA and outer.f_back is not None and outer.f_back.f_code in _AT_ONCE


def _raw_init(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if _recording is not None:
            try:
                if marks.CONSTRUCTION not in self.query.__dict__:
                    _mark_construction(_recording, self.query.__dict__)
            except Exception as error:
                _recording.fault(error)

    return __init__


def _mark_construction(recording: Recording, target: dict[str, Any]) -> None:
    """Mark a new query with its construction, and with the related manager that made it.

    What has no construction (0) gets one once somebody chains on it (`_clone`).
    """
    frame = sys._getframe(2)
    callers = recording.capture(frame)
    target[marks.CONSTRUCTION] = recording.tables.construction_of(callers)
    maker = (callers.inner.kept or reading(callers)).maker
    if maker is not None:
        manager = frame_at(frame, maker.distance).f_locals["self"]
        relation = Relation(maker.known.kind, label(manager.instance), manager_accessor(manager, maker.known.kind))
        target[marks.RELATION] = _relation_id(recording, relation)
        target[marks.PARENT] = marks.instance_mark(manager.instance)


def _relation_id(recording: Recording, relation: Relation) -> int:
    found = _relation_ids.get(relation)
    if found is None:
        with recording.tables.lock:
            found = _relation_ids.get(relation)
            if found is None:
                recording.relations.append(relation)
                found = _relation_ids[relation] = len(recording.relations) - 1
    return found


def _clone(original: Any) -> Any:
    def _clone(self: Any) -> Any:
        clone = original(self)
        if _recording is not None:
            try:
                values = clone._query.__dict__
                if marks.RELATION in values and marks.REFINED not in values:
                    _mark_change(_recording, values)
            except Exception as error:
                _recording.fault(error)
        return clone

    return _clone


def _mark_change(recording: Recording, values: dict[str, Any]) -> None:
    if _is_slice() or _in_making(recording.walker):
        return
    values[marks.REFINED] = 1
    if not values.get(marks.CONSTRUCTION):
        callers = recording.capture(sys._getframe(2))
        values[marks.CONSTRUCTION] = recording.tables.construction(callers.stack, callers.edge)


def _is_slice() -> bool:
    """True while `QuerySet.__getitem__` clones for its limits: a prefetched queryset is sliced from its own rows."""
    frame: FrameType | None = sys._getframe(3)
    while frame is not None and frame.f_code.co_name in _CLONING:
        frame = frame.f_back
    return frame is not None and frame.f_code is QuerySet.__getitem__.__code__


def _in_making(walker: Walker) -> bool:
    """True while a related manager builds its queryset: what is cloned there is not yet the developer's change."""
    frame = sys._getframe(3)
    for _ in range(_MAX_MAKING_FRAMES):
        outer = frame.f_back
        if outer is None:
            return False
        frame = outer
        known = walker.known.get(id(frame.f_code))
        if known is not None and known.role is MANAGER and known.name in _MAKING:
            return True
    return False


def _iterate(original: Any) -> Any:
    def __iter__(self: Any) -> Iterator[Any]:
        rows = original(self)
        if _recording is None:
            yield from rows
            return
        recording, query, loading, loaded = _recording, self.queryset.query, None, 0
        _forget_row(query)
        # A raw query joins nothing along.
        joins = bool(getattr(query, "select_related", False))
        filtered = tuple(getattr(query, "_filtered_relations", ())) if joins else ()
        try:
            for instance in rows:
                if not loaded:
                    # Known since the execution, which happens at the first step.
                    loading = _loading(recording, query)
                loaded += 1
                if loading is not None:
                    try:
                        mark = loading.origin << marks.SERIAL_BITS | marks.next_serial()
                        instance._state.__dict__[marks.INSTANCE] = mark
                        if joins:
                            _mark_joined(recording.tables, instance, loading, "", mark)
                            if filtered:
                                _mark_filtered(recording.tables, instance, loading, filtered, mark)
                    except Exception as error:
                        recording.fault(error)
                yield instance
        finally:
            if not loaded:
                loading = _loading(recording, query)
            if loading is not None:
                loading.rows = (loading.rows or 0) + loaded

    return __iter__


def _iterate_values(original: Any) -> Any:
    def __iter__(self: Any) -> Iterator[Any]:
        if _recording is None:
            return cast(Iterator[Any], original(self))
        query = self.queryset.query
        _forget_row(query)
        # Some execute now and some at the first step: as they do by themselves.
        return _counted(_recording, query, original(self))

    return __iter__


def _counted(recording: Recording, query: Any, rows: Iterator[Any]) -> Iterator[Any]:
    loading, loaded = None, 0
    try:
        for row in rows:
            if not loaded:
                loading = _loading(recording, query)
            loaded += 1
            yield row
    finally:
        if not loaded:
            loading = _loading(recording, query)
        if loading is not None:
            loading.rows = (loading.rows or 0) + loaded


def _forget_row(query: Any) -> None:
    """What is loaded next comes from an execution yet to come, or from none where the result is known to be empty. The row of
    the one before stands on clones too."""
    query.__dict__.pop(marks.ROW, None)


def _loading(recording: Recording, query: Any) -> Row | None:
    """The row of the execution that a query's instances come from, with its origin; None where it is not known."""
    try:
        row = recording.row_of(query)
        if row is not None and not row.origin:
            row.origin = recording.tables.origin(row.id)
    except Exception as error:
        recording.fault(error)
        return None
    return row


def _mark_of_link(instance: Any) -> int:
    """The mark of an instance that is the parent of another by multi-table inheritance: `ForwardOneToOneDescriptor.get_object`
    makes it of the child's own fields, without a query."""
    if _recording is None:
        return 0
    try:
        model = type(instance)
        for child in dict.values(instance._state.fields_cache):
            if not isinstance(child, model) or type(child) is model:
                continue
            link = type(child)._meta.get_ancestor_link(model)
            if link is None or dict.get(child._state.fields_cache, link.name) is not instance:
                continue
            mark = marks.instance_mark(child)
            loaded = _recording.tables.origin_of(marks.origin_of(mark))
            if loaded.row:
                path = f"{loaded.path}__{link.name}" if loaded.path else link.name
                serial = mark & ((1 << marks.SERIAL_BITS) - 1)
                return _recording.tables.joined(loaded.row, path) << marks.SERIAL_BITS | serial
    except Exception as error:
        _recording.fault(error)
    return 0


def _mark_joined(tables: Tables, instance: Any, row: Row, path: str, mark: int) -> None:
    """Mark the instances that `select_related` loaded along, each with its lookup path, and watch whether they are read."""
    serial = mark & ((1 << marks.SERIAL_BITS) - 1)
    holder, level = instance._state, None
    for name, child in dict.items(holder.fields_cache):
        state = getattr(child, "_state", None)
        if child is not None and (state is None or marks.INSTANCE in state.__dict__):
            continue
        level = row.level(path) if level is None else level
        relation = level.relation(name, name)
        if child is not None:
            relation.loaded += 1
            origin = relation.origin = relation.origin or tables.joined(row.id, relation.path)
            state.__dict__[marks.INSTANCE] = origin << marks.SERIAL_BITS | serial
            _mark_joined(tables, child, row, relation.path, mark)
    if level is not None:
        watch(holder.__dict__, FIELDS, level)


def _mark_filtered(tables: Tables, instance: Any, row: Row, names: tuple[str, ...], mark: int) -> None:
    """Mark what `select_related` loaded along a `FilteredRelation`: an attribute like any other, and no field's cached value."""
    serial = mark & ((1 << marks.SERIAL_BITS) - 1)
    for name in names:
        child = instance.__dict__.get(name)
        state = getattr(child, "_state", None)
        if state is not None and marks.INSTANCE not in state.__dict__:
            state.__dict__[marks.INSTANCE] = tables.joined(row.id, name) << marks.SERIAL_BITS | serial
            _mark_joined(tables, child, row, name, mark)


def _drop_marks_on_pickle(owner_name: str, names: tuple[str, ...]) -> bool:
    """Give the class a `__getstate__` without the marks: pickles are byte-identical, and copies start unmarked.

    False where there is no such class.
    """
    owner = django_names.find(owner_name)
    if owner is None:
        return False
    # `object` has one since Python 3.11; before, its absence meant the instance's dict, or None where that is empty.
    inherited = getattr(owner, "__getstate__", None)

    def __getstate__(self: Any) -> Any:
        release(self.__dict__, FIELDS)
        state = (self.__dict__ or None) if inherited is None else inherited(self)
        if isinstance(state, dict) and not state.keys().isdisjoint(names):
            return {name: value for name, value in state.items() if name not in names}
        return state

    owner.__getstate__ = __getstate__
    return True

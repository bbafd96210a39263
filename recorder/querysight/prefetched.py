"""What `prefetch_one_level` puts into the instances' caches, watched for being read (eager.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from . import marks
from .eager import FIELDS, PREFETCHED, Eager, Level, follow, read_late, watch
from .scopes import Row
from .tables import Tables


class Recording(Protocol):
    """What is needed of the session."""

    tables: Tables

    def live_row(self, identifier: int) -> Row | None: ...


def names(instances: Sequence[Any]) -> tuple[set[str], set[str]]:
    """What the first of the instances has in its caches: the others are prefetched alike."""
    values = getattr(instances[0], "__dict__", {}) if instances else {}
    state = getattr(values.get("_state"), "__dict__", {})
    return {*dict.keys(state.get(FIELDS, {}))}, {*dict.keys(values.get(PREFETCHED, {}))}


def watch_prefetched(
    recording: Recording, instances: Sequence[Any], lookup: Any, depth: int, before: tuple[set[str], set[str]]
) -> None:
    """Watch what was prefetched for the instances since `before`, at this depth of the lookup, unless it went to an attribute."""
    if lookup.get_current_to_attr(depth)[1]:
        return
    fields, prefetched = (now - then for now, then in zip(names(instances), before, strict=True))
    if len(fields) + len(prefetched) != 1:
        return
    key, name = (FIELDS, fields.pop()) if fields else (PREFETCHED, prefetched.pop())
    attribute = lookup.prefetch_through.split("__")[depth]
    origin, found = -1, None
    for instance in instances:
        mark = instance._state.__dict__.get(marks.INSTANCE, 0)
        if marks.origin_of(mark) != origin:
            origin = marks.origin_of(mark)
            found = _relation(recording, origin, name, attribute)
        if found is not None:
            level, relation = found
            holder = instance._state.__dict__ if key is FIELDS else instance.__dict__
            relation.loaded += _holds_something(dict.get(holder[key], name))
            watch(holder, key, level)


def _relation(recording: Recording, origin: int, name: str, attribute: str) -> tuple[Level, Eager] | None:
    """The relation of the row that loaded the instances; None where it is not known, or is written."""
    loaded = recording.tables.origin_of(origin)
    row = recording.live_row(loaded.row)
    if row is None:
        if loaded.row:
            read_late(loaded.row, follow(loaded.path, attribute))
        return None
    level = row.level(loaded.path)
    return level, level.relation(name, attribute)


def _holds_something(value: Any) -> bool:
    """Whether a cached value is an instance, or a queryset with some."""
    if value is None:
        return False
    rows = getattr(value, "_result_cache", None)
    return rows is None or len(rows) > 0


def wrapper(recording: Callable[[], Any]) -> Callable[[Any], Any]:
    """Gives `prefetch_one_level` for the original; `recording` gives the session of now, or None."""

    def make(original: Any) -> Any:
        def prefetch_one_level(instances: Any, prefetcher: Any, lookup: Any, level: Any) -> Any:
            session, before = recording(), None
            if session is not None:
                try:
                    before = names(instances)
                except Exception as error:
                    session.fault(error)
            result = original(instances, prefetcher, lookup, level)
            if before is not None:
                try:
                    watch_prefetched(session, instances, lookup, level, before)
                except Exception as error:
                    session.fault(error)
            return result

        return prefetch_one_level

    return make

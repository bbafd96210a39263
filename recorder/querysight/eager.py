"""Whether what a query loaded along was ever read: the relations that `select_related` joined and `prefetch_related` fetched.

Both lie in a dictionary of the instance, `_state.fields_cache` and `_prefetched_objects_cache` (in django/db/models/,
fields/mixins.py and fields/related_descriptors.py). Such a dictionary is replaced by one that is equal to it and tells the
first read of each relation; once there is nothing more to tell it reads at the speed of any dictionary. Rows with nothing
loaded along cost nothing.

What is loaded to an attribute (`to_attr`, a `FilteredRelation`) is an attribute like any other: nothing is said of it. What
leaves the recorder's sight, as a pickle or a copy, counts as read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from copy import deepcopy
from types import CodeType
from typing import Any

from . import django_names

FIELDS = "fields_cache"
PREFETCHED = "_prefetched_objects_cache"

# Where a cached value is looked up without anybody asking for it: prefetching walks through what is there, `save()` looks whether
# the related instance was saved, and an assignment of None which one it takes leave of.
_MEANS = (
    "django.db.models.query:prefetch_related_objects",
    "django.db.models.query:prefetch_one_level",
    "django.db.models:Model._prepare_related_fields_for_save",
    "django.db.models.fields.related_descriptors:ForwardManyToOneDescriptor.__set__",
)
_means: set[CodeType | None] = set()
# From the dictionary outward: the field or manager that looks it up, the descriptor or method, its caller.
_MEANS_FRAMES = 3

# (row id, path) of what was read after its row was written, until the next scope is.
_late: list[tuple[int, str]] = []


def install() -> None:
    """Find out what only looks. Once per process, with Django at hand."""
    _means.update(django_names.code(name, reads=()) for name in _MEANS)


class Eager:
    """One relation along which a row's query loaded; see `eager` in docs/segment-format.md. `origin` is that of the instances
    which it holds, where they were joined."""

    __slots__ = ("loaded", "origin", "path", "read", "row", "written")

    def __init__(self, row: int, path: str) -> None:
        self.row = row
        self.path = path
        self.origin = 0
        self.loaded = 0
        self.read = self.written = False

    def was_read(self) -> None:
        if not self.read:
            self.read = True
            if self.written:
                read_late(self.row, self.path)

    def record(self) -> dict[str, Any]:
        self.written = True
        return {"path": self.path, "loaded": self.loaded, "read": self.read}


class Level:
    """The relations of the instances that a row's query loaded at one path, by the names that Django keeps them under."""

    __slots__ = ("path", "relations", "row", "unread")

    def __init__(self, row: int, path: str) -> None:
        self.row = row
        self.path = path
        self.relations: dict[str, Eager] = {}
        self.unread: dict[str, Eager] = {}

    def relation(self, name: str, attribute: str) -> Eager:
        """The relation that Django keeps under this name and the developer calls `attribute`."""
        found = self.relations.get(name)
        if found is None:
            found = self.relations[name] = self.unread[name] = Eager(self.row, follow(self.path, attribute))
        return found

    def was_read(self, name: str) -> None:
        found = self.unread.pop(name, None)
        if found is not None:
            found.was_read()

    def all_were_read(self) -> None:
        for name in [*self.unread]:
            self.was_read(name)


class Kept(dict[str, Any]):
    """A dictionary of which all was read. Its pickles and copies are plain dictionaries."""

    __slots__ = ("level",)
    level: Level

    def plain(self) -> dict[str, Any]:
        """What a pickle or copy takes along."""
        self.level.all_were_read()
        return dict.copy(self)

    def __copy__(self) -> dict[str, Any]:
        return self.plain()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        memo[id(self)] = copied
        for name, value in self.plain().items():
            copied[name] = deepcopy(value, memo)
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return dict, (self.plain(),)


class Watched(Kept):
    """A dictionary that tells the first read of each value. Whether it has a name says nothing of the value."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        value = dict.__getitem__(self, name)
        _looked_up(self, name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        if name in self:
            _looked_up(self, name)
        return dict.get(self, name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name in self:
            _looked_up(self, name)
        return dict.setdefault(self, name, default)

    def values(self) -> Any:
        self.level.all_were_read()
        return dict.values(self)

    def items(self) -> Any:
        self.level.all_were_read()
        return dict.items(self)

    def copy(self) -> dict[str, Any]:
        return self.plain()

    def __or__(self, other: Any) -> Any:
        self.level.all_were_read()
        return dict.__or__(self, other)

    def __ror__(self, other: Any) -> Any:
        self.level.all_were_read()
        return dict.__ror__(self, other)

    def __iter__(self) -> Iterator[str]:
        """One of its own, so that `dict(…)` and `{**…}` ask for the values one by one."""
        return dict.__iter__(self)


def _looked_up(cache: Watched, name: str) -> None:
    level = cache.level
    if name in level.unread and not _is_means():
        level.was_read(name)
    if not level.unread:
        cache.__class__ = Kept  # type: ignore[assignment]


def _is_means() -> bool:
    frame = sys._getframe(3)
    for _ in range(_MEANS_FRAMES):
        if frame.f_code in _means:
            return True
        outer = frame.f_back
        if outer is None:
            return False
        frame = outer
    return False


def watch(holder: dict[str, Any], key: str, level: Level) -> None:
    """Have the dictionary that an instance keeps under `key` tell what is read of it."""
    if not level.unread:
        return
    cache = holder[key]
    kind = type(cache)
    if kind is dict:
        watched = holder[key] = Watched(cache)
        watched.level = level
    elif kind is Kept:
        cache.level, cache.__class__ = level, Watched
    elif kind is not Watched or cache.level is not level:
        # Somebody else's: what is read of it cannot be told.
        level.all_were_read()


def follow(path: str, attribute: str) -> str:
    """The path one attribute further."""
    return f"{path}__{attribute}" if path else attribute


def release(holder: dict[str, Any], key: str) -> None:
    """Give the holder back the plain dictionary that a pickle or copy of it takes along, or shares."""
    cache = holder.get(key)
    if isinstance(cache, Kept):
        holder[key] = cache.plain()


def read_late(row: int, path: str) -> None:
    """A relation of a row that is written was read, or can no longer be watched."""
    if (row, path) not in _late:
        _late.append((row, path))


def take_late() -> list[dict[str, Any]]:
    """The `eagerRead` records of what was read late since the last time."""
    taken, _late[:] = [*_late], []
    return [{"type": "eagerRead", "row": row, "path": path} for row, path in taken]

"""Stacks of sites, and the constructions of querysets on them: a tree in flat lists of integers.

Most stacks of a test suite are met once, so there are many: a container for each would make every garbage collection of the
program longer, and integers do not.
"""

from __future__ import annotations

from typing import Any

MAX_STACK = 128

_SHIFT = 40

Record = dict[str, Any]


class Pairs:
    """Gives each pair of ids an id of its own, from 1. Not to be added to by two threads at once."""

    def __init__(self) -> None:
        self.first = [0]
        self.second = [0]
        self._ids: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.first) - 1

    def find(self, first: int, second: int) -> int:
        """The pair's id; 0 where it has none."""
        return self._ids.get(first << _SHIFT | second, 0)

    def add(self, first: int, second: int) -> int:
        """The id of a pair that has none."""
        found = self._ids[first << _SHIFT | second] = len(self.first)
        self.first.append(first)
        self.second.append(second)
        return found


class StackTree:
    """Stacks by (parent, site). `depth` is by id."""

    def __init__(self) -> None:
        self._pairs = Pairs()
        self.find = self._pairs.find
        self.depth = [0]
        self._bounded: dict[int, int] = {}

    def add(self, parent: int, site: int) -> int:
        """The id of a stack that has none."""
        self.depth.append(self.depth[parent] + 1)
        return self._pairs.add(parent, site)

    def bounded(self, stack: int) -> int:
        """The id of the stack as it is written: of more than MAX_STACK sites the outermost and the innermost halves."""
        if self.depth[stack] <= MAX_STACK:
            return stack
        found = self._bounded.get(stack)
        if found is None:
            sites = []
            outer = stack
            while outer:
                sites.append(self._pairs.second[outer])
                outer = self._pairs.first[outer]
            sites.reverse()
            found = 0
            for site in sites[: MAX_STACK // 2] + sites[-MAX_STACK // 2 :]:
                found = self.find(found, site) or self.add(found, site)
            self._bounded[stack] = found
        return found

    def unwritten(self, stack: int, written: set[int]) -> list[Record]:
        """The records of a stack and of those further out that are not written yet, outermost first; they are from now on."""
        records: list[Record] = []
        while stack and stack not in written:
            written.add(stack)
            parent = self._pairs.first[stack]
            records.append({"type": "stack", "id": stack, "parent": parent, "site": self._pairs.second[stack]})
            stack = parent
        records.reverse()
        return records

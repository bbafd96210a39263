"""The order of a scope's executions as a run-length list with repeated cycles folded, in constant memory."""

from __future__ import annotations

MAX_ENTRIES = 1000
MAX_CYCLE = 32
# So many executions are folded together.
CHUNK = 512
# Neighbouring entries are folded into one cycle while the cycle stays this short.
MAX_FLATTENED = 64
_MAX_ENTRY_PERIOD = 4


class Order:
    """Collects row ids. `entries()` gives `[times, rowId, …]` lists, `rest` the executions not listed.

    What is pushed is folded CHUNK by CHUNK.
    """

    __slots__ = ("_cycle", "_entries", "_pending", "_position", "_rest", "new")

    def __init__(self) -> None:
        self._entries: list[tuple[int, tuple[int, ...]]] = []
        self._pending: list[int] = []
        self._cycle: tuple[int, ...] = ()
        self._position = 0
        self._rest = 0
        self.new: list[int] = []

    def push(self, row: int) -> None:
        """Add one execution."""
        new = self.new
        new.append(row)
        if len(new) >= CHUNK:
            self._fold()

    @property
    def rest(self) -> int:
        """Executions that are not listed."""
        self._fold()
        return self._rest

    def _fold(self) -> None:
        """Fold what was pushed since the last time: whole cycles at once, the rest one by one."""
        new, self.new = self.new, []
        at = 0
        while at < len(new):
            cycle = self._cycle
            if cycle and not self._position:
                length, start = len(cycle), at
                expected = list(cycle)
                while new[at : at + length] == expected:
                    at += length
                if at > start:
                    times, rows = self._entries[-1]
                    self._entries[-1] = (times + (at - start) // length, rows)
                    continue
            self._push(new[at])
            at += 1

    def _push(self, row: int) -> None:
        if self._cycle:
            if self._cycle[self._position] == row:
                self._advance()
                return
            self._leave_cycle()
        if len(self._entries) + len(self._pending) >= MAX_ENTRIES:
            self._rest += 1
            return
        self._pending.append(row)
        self._find_cycle()

    def entries(self) -> list[list[int]]:
        """The list so far; `push` may go on afterwards."""
        self._fold()
        closed = [[times, *rows] for times, rows in self._entries]
        tail = [*self._cycle[: self._position], *self._pending]
        if tail:
            closed.append([1, *tail])
        return closed

    def _advance(self) -> None:
        self._position += 1
        if self._position == len(self._cycle):
            times, rows = self._entries[-1]
            self._entries[-1] = (times + 1, rows)
            self._position = 0

    def _leave_cycle(self) -> None:
        self._pending = list(self._cycle[: self._position])
        self._cycle, self._position = (), 0

    def _find_cycle(self) -> None:
        pending = self._pending
        last = pending[-1]
        for length in range(1, min(MAX_CYCLE, len(pending) // 2) + 1):
            if pending[-1 - length] == last and pending[-length:] == pending[-2 * length : -length]:
                cycle = tuple(pending[-length:])
                before = pending[: -2 * length]
                if before:
                    self._entries.append((1, tuple(before)))
                self._entries.append((2, cycle))
                self._pending = []
                self._fold_entries()
                self._cycle, self._position = self._entries[-1][1], 0
                return

    def _fold_entries(self) -> None:
        """Fold `A BB A BB` (two periods of entries) into one cycle `ABB` that ran twice."""
        entries = self._entries
        for period in range(2, _MAX_ENTRY_PERIOD + 1):
            if len(entries) < 2 * period or entries[-period:] != entries[-2 * period : -period]:
                continue
            flat = tuple(row for times, rows in entries[-period:] for row in rows * times)
            if len(flat) <= MAX_FLATTENED:
                entries[-2 * period :] = [(2, flat)]
            return

"""What the segments of a run hold, in numbers: read once, when the run is over."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# Files that match neither are foreign (docs/segment-format.md).
_SEGMENT = re.compile(r"(main|gw\d+|p\d+)\.ndjson")
_WANTED = re.compile(rb'"type"\s*:\s*"(header|collected|test|scopeEnd|notice|end)"')
_NOT_RUN = "skipped"


@dataclass(slots=True)
class RunSummary:
    """Counts over all processes of a run. ``finished`` names the processes whose segment has its ``end``."""

    processes: list[str] = field(default_factory=list)
    # Process ids by the segment's name.
    pids: dict[str, int] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    outcomes: dict[str, str] = field(default_factory=dict)
    collected_ids: set[str] = field(default_factory=set)
    all: bool = False
    deselected: int = 0
    queries: int = 0
    scopes: int = 0
    # Queries that ran in no scope: test databases being made, module-level code.
    outside: int = 0
    # Exceptions inside the recorder, and what the segments say of them.
    errors: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def unfinished(self) -> list[str]:
        """Processes that were killed, or could not write any more."""
        return [process for process in self.processes if process not in self.finished]

    @property
    def collected(self) -> int:
        return len(self.collected_ids) or len(self.outcomes)

    @property
    def run(self) -> int:
        return len(self.outcomes)

    @property
    def recorded(self) -> int:
        return sum(outcome != _NOT_RUN for outcome in self.outcomes.values())


def summarize(run_dir: Path) -> RunSummary:
    """Read every segment of ``run_dir``. Torn or foreign lines are passed over, as a reader must."""
    summary = RunSummary()
    narrowed: list[bool] = []
    for path in sorted(run_dir.iterdir()):
        if not _SEGMENT.fullmatch(path.name):
            continue
        summary.processes.append(path.stem)
        with path.open("rb") as lines:
            for line in lines:
                # The type stands first in a line, and source texts in others are long.
                if line.endswith(b"\n") and _WANTED.search(line, 0, 64):
                    _add(summary, path.stem, line, narrowed)
    summary.all = bool(narrowed) and not any(narrowed)
    return summary


def _add(summary: RunSummary, process: str, line: bytes, narrowed: list[bool]) -> None:
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        return
    kind = record["type"]
    if kind == "header":
        summary.pids[process] = record.get("pid", 0)
    elif kind == "collected":
        summary.collected_ids.update(record["tests"])
        summary.deselected += record["deselected"]
        narrowed.append(not record["all"])
    elif kind == "test":
        summary.outcomes[record["id"]] = record["outcome"]
    elif kind == "scopeEnd":
        summary.scopes += 1
        summary.queries += record["queries"]
    elif kind == "notice":
        if record["level"] == "warning" and record["message"] not in summary.warnings:
            summary.warnings.append(record["message"])
    else:
        summary.finished.add(process)
        summary.outside += record.get("outside", 0)
        summary.errors += record.get("errors", 0)

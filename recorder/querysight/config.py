"""What a recording process must know before it starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = "QUERYSIGHT_ROOT"
RUN_DIR = "QUERYSIGHT_RUN_DIR"
RUNNER = "QUERYSIGHT_RUNNER"
PARAMETERS = "QUERYSIGHT_PARAMETERS"
# Set by people, where no `querysight record` starts the command: see own_run.py.
RECORD = "QUERYSIGHT_RECORD"
PLAN_SECONDS = "QUERYSIGHT_PLAN_SECONDS"

RUNNERS = frozenset({"pytest", "django", "command", "server", "unknown"})
_OFF = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Config:
    """One process's part in one run.

    `process` is the segment's name: `main`, `gw0` for an xdist worker, `p<pid>` for any other.
    `plan_seconds`: how long plans may take where the recorder is not to choose; 0 for none.
    The writer falls back to `p<pid>` where another process of the run already holds the name.
    """

    root: Path
    run_dir: Path
    run: str
    process: str
    runner: str
    parameters: bool = True
    plan_seconds: float | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Config | None:
        """The configuration handed down by `querysight record`, or None where nothing is recorded."""
        env = os.environ if environ is None else environ
        root, run_dir = env.get(ROOT), env.get(RUN_DIR)
        if not root or not run_dir:
            return None
        runner = env.get(RUNNER, "unknown")
        folder = Path(run_dir)
        return cls(
            root=Path(root),
            run_dir=folder,
            run=folder.name,
            process=env.get("PYTEST_XDIST_WORKER") or "main",
            runner=runner if runner in RUNNERS else "unknown",
            parameters=env.get(PARAMETERS, "1").lower() not in _OFF,
            plan_seconds=_seconds(env.get(PLAN_SECONDS, "")),
        )


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None

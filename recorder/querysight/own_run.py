"""A run that a process begins and ends by itself, because no ``querysight record`` stands around it.

Two ways lead here: ``pytest --querysight``, and ``QUERYSIGHT_RECORD=1`` with the bootstrap folder in ``PYTHONPATH``, for commands
that cannot be put behind ``record`` (a container's entry point, a tool that calls Python itself).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from querysight import config
from querysight.launch import keeps_parameters, recording_variables, runner_of
from querysight.manifest import FOLDER, Manifest, start_run
from querysight.project import find_root
from querysight.report import conclude, say
from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Sequence

_FALSE = frozenset({"", "0", "false", "no", "off"})


class OwnRun:
    """Started and finished by one process; those that it starts find the run in their environment."""

    def __init__(self, run_dir: Path, manifest: Manifest, variables: dict[str, str]) -> None:
        self._run_dir = run_dir
        self._manifest = manifest
        self._variables = variables
        self._pid = os.getpid()

    @classmethod
    def start(cls, root: Path, words: Sequence[str], runner: str) -> OwnRun:
        """Raises ``OSError`` where the run's folder cannot be written."""
        run_dir, manifest = start_run(root, words, runner)
        asked = os.environ.get(config.PARAMETERS)
        parameters = keeps_parameters(runner, None if asked is None else asked.lower() not in _FALSE)
        variables = recording_variables(root=root, run_dir=run_dir, runner=runner, parameters=parameters)
        os.environ.update(variables)
        _keep_found_in_other_folders()
        return cls(run_dir, manifest, variables)

    def finish(self, exit_code: int | None, *, interrupted: bool) -> None:
        """End the segment and the manifest, and say in a line what was recorded. Not in a forked child."""
        if os.getpid() != self._pid:
            return
        session = current()
        if session is not None:
            session.finish()
        for name in self._variables:
            os.environ.pop(name, None)
        # Those that are still there may well wait for this process.
        conclude(self._run_dir, self._manifest, self._manifest.command, exit_code, interrupted=interrupted, waits=False)


def is_asked() -> bool:
    """Whether ``QUERYSIGHT_RECORD`` asks for a run, and this process is in none yet."""
    return not os.environ.get(config.RUN_DIR) and os.environ.get(config.RECORD, "").lower() not in _FALSE


def start_if_asked(words: Sequence[str] | None = None) -> OwnRun | None:
    """Begin a run of a command (this process's own words) where that is asked for.

    What stands in its way is said once, and nothing is recorded: neither here nor in the processes that this one starts.
    """
    if not is_asked():
        return None
    words = sys.orig_argv if words is None else words
    try:
        return OwnRun.start(own_root(), words, runner_of(words))
    except OSError as error:
        say(f"cannot write to {FOLDER}: {error.strerror or error}. Nothing is recorded.")
        os.environ[config.RECORD] = "0"
        return None


def own_root() -> Path:
    """``QUERYSIGHT_ROOT``, else the project that this recorder was copied into, else the one that the process runs in."""
    named = os.environ.get(config.ROOT)
    if named:
        return Path(named).resolve()
    package = Path(__file__).resolve().parent
    for folder in package.parents:
        if folder.name == FOLDER:
            return folder.parent
    return find_root(Path.cwd())


def _keep_found_in_other_folders() -> None:
    """Children may start in another folder than this process, where a relative ``PYTHONPATH`` leads nowhere."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    bootstrap = Path(__file__).resolve().parent / "bootstrap"
    absolute = [str(bootstrap) if entry and Path(entry).resolve() == bootstrap else entry for entry in entries]
    os.environ["PYTHONPATH"] = os.pathsep.join(absolute)

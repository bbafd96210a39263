"""Run the user's own command as a child: its words, its environment, its signals, its exit code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from querysight import config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

_TOX_OVERRIDE = "TOX_OVERRIDE"
# The base of every environment in tox.ini, and in tox.toml.
_TOX_BASES = ("testenv", "env_run_base")

BOOTSTRAP = Path(__file__).resolve().parent / "bootstrap"

_PYTHONS = ("python", "python3")
_PYTESTS = ("pytest", "py.test")
_SERVERS = ("daphne", "gunicorn", "hypercorn", "uvicorn", "waitress-serve")


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit code as a shell gives it (128 + the signal that ended the child), and whether a signal asked for the end."""

    exit_code: int
    interrupted: bool


def runner_of(words: Sequence[str]) -> str:
    """The runner that a command starts, as far as its words tell: ``pytest``, ``django``, ``server`` or ``command``."""
    names = [Path(word).name for word in words]
    if any(name in _PYTESTS for name in names):
        return "pytest"
    if any(name in _SERVERS for name in names):
        return "server"
    for name, word in pairwise(names):
        if name in ("manage.py", "django-admin", "django"):
            if word.startswith("runserver"):
                # django-extensions has runserver_plus.
                return "server"
            return "django" if word == "test" else "command"
    return "command" if "manage.py" in names else "unknown"


def resolve(words: Sequence[str]) -> list[str]:
    """Make the first word something that can be started, and leave the others as they are.

    A Python file that is not executable is run with this interpreter. ``python`` and ``pytest`` mean those of this interpreter's
    virtual environment even when it was not activated, and ``pytest`` falls back to this interpreter's module.
    """
    first, rest = words[0], list(words[1:])
    if first.endswith(".py") and Path(first).is_file() and not _is_startable(first):
        return [sys.executable, first, *rest]
    if first in _PYTHONS:
        return [_sibling(first) or shutil.which(first) or sys.executable, *rest]
    if first in _PYTESTS:
        found = _sibling(first) or shutil.which(first)
        return [found, *rest] if found else [sys.executable, "-m", "pytest", *rest]
    return [first, *rest]


def keeps_parameters(runner: str, asked: bool | None) -> bool:
    """Whether samples of parameters are kept: unless told, all but a server's, whose data may be people's."""
    return runner != "server" if asked is None else asked


def recording_variables(*, root: Path, run_dir: Path, runner: str, parameters: bool) -> dict[str, str]:
    """What ``Config.from_environment`` reads."""
    return {
        config.ROOT: str(root),
        config.RUN_DIR: str(run_dir),
        config.RUNNER: runner,
        config.PARAMETERS: "1" if parameters else "0",
    }


def bootstrapped(base: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: ours, and the folder whose ``sitecustomize`` starts the recorder (see there)."""
    before = base.get("PYTHONPATH")
    search = f"{BOOTSTRAP}{os.pathsep}{before}" if before else str(BOOTSTRAP)
    return {**base, **variables, "PYTHONPATH": search}


def passed_by_tox(words: Sequence[str], base: Mapping[str, str]) -> dict[str, str]:
    """What has tox hand our variables down, which it keeps from what it runs unless ``pass_env`` names them.

    Nothing for other commands. An environment of tox's with a ``pass_env`` of its own is not reached.
    https://tox.wiki/en/stable/config.html#overriding-configuration-from-the-command-line
    """
    if not any(Path(word).name == "tox" for word in words):
        return {}
    ours = [f"{section}.pass_env+=PYTHONPATH,QUERYSIGHT_*" for section in _TOX_BASES]
    before = base.get(_TOX_OVERRIDE)
    return {_TOX_OVERRIDE: ";".join([before, *ours] if before else ours)}


def run(command: Sequence[str], env: Mapping[str, str]) -> Ended:
    """Run ``command`` to its end on our own streams. Raises ``OSError`` where it cannot be started."""
    with _forwarding() as forwarding:
        process = subprocess.Popen(list(command), env=dict(env))
        forwarding.process = process
        code = process.wait()
    signalled = forwarding.interrupted or -code in (signal.SIGINT, signal.SIGTERM)
    return Ended(128 - code if code < 0 else code, signalled or code == 128 + signal.SIGINT)


class _Forwarding:
    """Passes signals on to the child, which alone decides what they mean."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.interrupted = False

    def handle(self, number: int, _frame: FrameType | None) -> None:
        self.interrupted = True
        if self.process is None or (number == signal.SIGINT and _terminal_signals_the_child_too()):
            return
        self.process.send_signal(number)


@contextmanager
def _forwarding() -> Iterator[_Forwarding]:
    """Handle, rather than ignore, what would end us: an ignored signal would stay ignored in the child."""
    forwarding = _Forwarding()
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {
        number: signal.signal(number, forwarding.handle)
        for number in numbers
        # A signal that nohup or a shell has set to be ignored stays ignored, for the child as well.
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield forwarding
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal_signals_the_child_too() -> bool:
    """Whether Ctrl-C reached the child by itself: a terminal sends it to all processes in its foreground."""
    for descriptor in (0, 1, 2):
        try:
            if os.tcgetpgrp(descriptor) == os.getpgrp():
                return True
        except (AttributeError, OSError):
            # Windows, or not a terminal.
            continue
    return False


def _is_startable(file: str) -> bool:
    return os.sep in file and os.access(file, os.X_OK)


def _sibling(name: str) -> str | None:
    """A program beside this interpreter, where that is a virtual environment's."""
    if sys.prefix == sys.base_prefix:
        return None
    return shutil.which(name, path=str(Path(sys.executable).parent))

"""A copy of the small project, recorded through the command line as a user does."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORDER = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).resolve().parent / "runner_project"

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run left behind."""

    manifest: Record
    segments: Mapping[str, Sequence[Record]]

    def of_type(self, kind: str) -> list[Record]:
        return [record for segment in self.segments.values() for record in segment if record["type"] == kind]

    @property
    def outcomes(self) -> dict[str, str]:
        return {record["id"]: record["outcome"] for record in self.of_type("test")}

    @property
    def collected(self) -> list[str]:
        return [test for record in self.of_type("collected") for test in record["tests"]]

    @property
    def scopes_to_their_end(self) -> list[Record]:
        """Scopes that count: those whose end is there."""
        return [
            record
            for segment in self.segments.values()
            for ended in [{record["scope"] for record in segment if record["type"] == "scopeEnd"}]
            for record in segment
            if record["type"] == "scope" and record["id"] in ended
        ]

    @property
    def scopes(self) -> list[Record]:
        """Each scope together with its end: ``queries`` and ``status`` are the end's."""
        joined = []
        for segment in self.segments.values():
            ends = {record["scope"]: record for record in segment if record["type"] == "scopeEnd"}
            joined += [
                {**record, "queries": ends[record["id"]]["queries"], "status": ends[record["id"]]["status"]}
                for record in segment
                if record["type"] == "scope"
            ]
        return joined

    def scopes_of(self, test: str) -> list[Record]:
        """The scopes of the test whose id ends in ``test``."""
        return [scope for scope in self.scopes if (scope["test"] or "").endswith(test)]


class Project:
    """A project in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__", ".querysight"))
        self.folder = folder.resolve()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command in the project, unrecorded."""
        return subprocess.run(words, **self.options(**options))

    def record(self, *words: str, arguments: Iterable[str] = (), **options: Any) -> subprocess.CompletedProcess[bytes]:
        """``python -m querysight record ARGUMENTS -- WORDS`` in the project."""
        return self.run(*record_command(*words, arguments=arguments), **options)

    def options(self, **options: Any) -> dict[str, Any]:
        return {"cwd": self.folder, "env": environment(), "capture_output": True, "timeout": 120, "check": False, **options}

    def last_run(self) -> Run:
        return self.run_in(sorted((self.folder / ".querysight" / "runs").iterdir())[-1])

    def run_in(self, run_dir: Path) -> Run:
        manifest = json.loads((run_dir / "run.json").read_text("utf-8"))
        # A last line without its end is still being written, or torn.
        segments = {
            path.stem: [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
            for path in sorted(run_dir.glob("*.ndjson"))
        }
        return Run(manifest, segments)

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command in the project; its output is one pipe."""
        settings = self.options(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        for name in ("capture_output", "timeout", "check"):
            del settings[name]
        return subprocess.Popen(words, **settings)


class Terminal:
    """A terminal of its own for a process: `options` start it there, `press` types a key."""

    def __init__(self) -> None:
        self._leader, self._follower = os.openpty()
        self.options = {"stdin": self._follower, "preexec_fn": self._take}

    @staticmethod
    def _take() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def press(self, key: bytes) -> None:
        os.write(self._leader, key)

    def close(self) -> None:
        os.close(self._leader)
        os.close(self._follower)


def wait_until(condition: Callable[[], Any], process: subprocess.Popen[bytes], *, seconds: float = 60) -> Any:
    """What `condition` answers once that is true; fails where the process ends before."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return answer


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def obeying_permissions(folder: Path) -> tuple[str, ...]:
    """Words before a command that take root's leave to write into `folder` all the same; none where nobody has it.

    The user stays who it is, so that it can go on reading what is its own. setpriv stands on each Linux (util-linux).
    """
    return ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override") if os.access(folder, os.W_OK) else ()


def record_command(*words: str, arguments: Iterable[str] = ()) -> list[str]:
    return [sys.executable, "-m", "querysight", "record", *arguments, "--", *words]


def environment(**changes: str) -> dict[str, str]:
    """Ours, without what a recording or pytest around these tests has put there."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("QUERYSIGHT_", "PYTEST_", "DJANGO_"))}
    return {**ours, "PYTHONPATH": str(RECORDER), "PYTHONDONTWRITEBYTECODE": "1", **changes}

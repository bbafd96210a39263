"""Why a run saw no query: asked only after one that saw none."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from querysight.run_summary import RunSummary

_ELSEWHERE = frozenset({"docker", "docker-compose", "podman", "ssh", "kubectl", "vagrant"})
_ISOLATING = frozenset({"tox"})
_PYTHON_NAME = re.compile(r"(python|pypy)[\d.]*(\.exe)?")
_HAS_DJANGO = "import importlib.util, sys; sys.exit(importlib.util.find_spec('django') is None)"


def why_no_query(command: Sequence[str], summary: RunSummary) -> str:
    """One sentence, with what to do about it."""
    if summary.processes:
        if summary.outside:
            return f"{summary.outside:,} queries ran, but none inside a test, a request or a command"
        if summary.outcomes:
            return "the tests ran, but none of them used the database through Django"
        return "Django was imported, but nothing used the database through it"
    program = Path(command[0]).name
    if program in _ELSEWHERE:
        return f"{program} runs the command elsewhere; run querysight there: {program} … python -m querysight record -- …"
    if program in _ISOLATING:
        return f"{program} hides PYTHONPATH from what it runs; add PYTHONPATH and QUERYSIGHT_* to the environment's own pass_env"
    interpreter = _interpreter(command[0])
    if interpreter is None:
        return "the command did not import Django"
    if any(re.fullmatch(r"-[a-zA-Z]*[EIS][a-zA-Z]*", word) for word in command[1:2]):
        return f"with {command[1]} Python ignores PYTHONPATH, through which the recorder starts"
    if not _finds_django(interpreter):
        return f"Django is not installed in {interpreter}; is this the project's interpreter?"
    return "the command did not import Django"


def _interpreter(program: str) -> str | None:
    """The Python that runs ``program``: itself, or the one that its first line names."""
    found = shutil.which(program)
    if found is None:
        return None
    if _PYTHON_NAME.fullmatch(Path(found).name):
        return found
    try:
        with open(found, "rb") as script:
            first_line = script.readline(512).decode("utf-8", "replace").strip()
    except OSError:
        return None
    if not first_line.startswith("#!"):
        return None
    words = first_line[2:].split()
    name = words[-1] if words and Path(words[0]).name == "env" else words[0] if words else ""
    return shutil.which(name) if _PYTHON_NAME.fullmatch(Path(name).name) else None


def _finds_django(interpreter: str) -> bool:
    try:
        answer = subprocess.run([interpreter, "-c", _HAS_DJANGO], timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return True
    return answer.returncode == 0

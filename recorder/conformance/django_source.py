"""Django's source distribution, which holds its test suite, and an environment to run it in.

Both are cached outside the repository.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"


class Unavailable(Exception):
    """Django could not be fetched or installed; the message says what failed."""


@dataclass(frozen=True, slots=True)
class DjangoSource:
    """One version: where its tests lie, and the interpreter of an environment that has it installed."""

    version: str
    tests: Path
    python: Path


def default_cache() -> Path:
    """The user's cache folder for this suite."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "querysight" / "conformance"


def prepare(version: str, cache: Path) -> DjangoSource:
    """Fetch and unpack ``version`` (``5.2.8``, or ``5.2`` for the newest) and make its environment, unless they are there."""
    cache.mkdir(parents=True, exist_ok=True)
    source = _unpacked(_archive(version, cache), cache)
    exact = source.name.partition("-")[2]
    return DjangoSource(exact, source / "tests", _environment(exact, cache))


def _archive(version: str, cache: Path) -> Path:
    found = [*cache.glob(f"[Dd]jango-{version}.tar.gz")]
    if found:
        return found[0]
    wanted = f"Django=={version}" if version.count(".") >= 2 else f"Django~={version}.0"
    folder = cache / f"download-{os.getpid()}"
    # Building nothing: pip only looks into the archive.
    _pip(sys.executable, "download", "--no-deps", "--no-binary", "Django", "-d", str(folder), wanted)
    (archive,) = folder.glob("*.tar.gz")
    kept = cache / archive.name
    archive.replace(kept)
    folder.rmdir()
    return kept


def _unpacked(archive: Path, cache: Path) -> Path:
    name = archive.name.removesuffix(".tar.gz")
    folder = cache / name
    if not (folder / "tests" / "runtests.py").is_file():
        with tarfile.open(archive) as files:
            files.extractall(cache, filter="data")
    return folder


def _environment(version: str, cache: Path) -> Path:
    """A virtual environment for this interpreter's version with that Django, and what its tests are skipped without."""
    folder = cache / f"env-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    marker = folder / ".ready"
    requirements = REQUIREMENTS.read_text("utf-8")
    if not marker.exists() or marker.read_text("utf-8") != requirements:
        venv.create(folder, with_pip=True, clear=True)
        _pip(str(python), "install", f"Django=={version}", "-r", str(REQUIREMENTS))
        marker.write_text(requirements, "utf-8")
    return python


def _pip(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise Unavailable(f"pip {' '.join(arguments)} failed:\n{answer.stderr.strip()}")

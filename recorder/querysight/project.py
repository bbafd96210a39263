"""Which folder a recording belongs to."""

from __future__ import annotations

from pathlib import Path

_MARKERS = ("manage.py", "pyproject.toml", "pytest.ini", "setup.cfg", ".git")


def find_root(start: Path) -> Path:
    """The nearest of ``start`` and its ancestors that holds a project's file, else ``start``; absolute, links resolved."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / marker).exists() for marker in _MARKERS):
            return folder
    return start

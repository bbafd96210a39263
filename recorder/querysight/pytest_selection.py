"""Whether a pytest run takes everything there is, or a selection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_NARROWING_OPTIONS = (
    "keyword",
    "markexpr",
    "lf",
    "deselect",
    "ignore",
    "ignore_glob",
    "stepwise",
    "collectonly",
)


def is_narrowed(config: pytest.Config) -> bool:
    """True where paths, ``-k``, ``-m``, ``--lf`` and the like, or a subfolder as the place to start, leave tests out."""
    if any(config.getoption(name, None) for name in _NARROWING_OPTIONS):
        return True
    if config.args == config.getini("testpaths"):
        return False
    start = config.invocation_params.dir
    return not any(_covers(argument, start, config.rootpath) for argument in config.args)


def _covers(argument: str, start: Path, rootpath: Path) -> bool:
    """Whether an argument names the whole project: its root or a folder above."""
    return rootpath.is_relative_to((start / argument).resolve())

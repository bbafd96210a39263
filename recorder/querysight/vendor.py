"""``querysight vendor``: a copy of the recorder inside the project, for Pythons that see nothing else of this machine.

A container that mounts the project runs it from there:

    docker compose run --rm -e PYTHONPATH=.querysight/recorder web python -m querysight record -- pytest

The recorder needs nothing but Python and the project's own Django.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from querysight.manifest import FOLDER, home_of

_PACKAGE = Path(__file__).resolve().parent
_PLACE = "recorder"


def vendor(root: Path) -> Path:
    """Copy this package to ``.querysight/recorder/querysight``, in place of an older copy.

    Answers the folder for ``PYTHONPATH``, relative to `root`. Raises ``OSError`` where it cannot be written.
    """
    place = home_of(root, _PLACE) / _PLACE
    target = place / _PACKAGE.name
    relative = Path(FOLDER) / _PLACE
    if target.resolve() == _PACKAGE:
        # The copy was asked to copy itself.
        return relative
    place.mkdir(exist_ok=True)
    fresh, old = (place / f".{word}-{os.getpid()}" for word in ("new", "old"))
    try:
        shutil.copytree(_PACKAGE, fresh, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        if target.is_symlink():
            target.unlink()
        elif target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return relative

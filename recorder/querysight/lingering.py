"""Processes that outlive a run's command: some are about to end, as multiprocessing's fork server is once its client is gone."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 2.0


def wait_for(pids: Sequence[int]) -> bool:
    """Give those that go on a moment to come to their end. False where none did."""
    if not any(map(goes_on, pids)):
        return False
    deadline = time.monotonic() + _SECONDS
    while any(map(goes_on, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return True


def goes_on(pid: int) -> bool:
    """Whether another process than this one is there under its id. False on Windows, where `kill` with a 0 is a signal."""
    if os.name != "posix" or pid <= 0 or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether it ended and nobody asked how: in a container there may be no init to do so."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] in ("Z", "X")
    except (OSError, IndexError):
        return False

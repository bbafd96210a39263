"""A scope for a management command that is not part of a test."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from querysight import testtracker
from querysight.quiet import quiet
from querysight.session import Session, current

if TYPE_CHECKING:
    from types import FrameType, ModuleType

    from querysight.session import Scope

# Commands that only carry other work, which has scopes of its own or none.
_CARRIERS = frozenset({"test", "testserver", "runserver", "shell", "dbshell"})

_depth = 0


def install(base: ModuleType) -> None:
    """Wrap ``BaseCommand.execute``, which the command line and ``call_command`` share."""
    original = base.BaseCommand.execute

    @functools.wraps(original)
    def execute(self: Any, *args: Any, **options: Any) -> Any:
        global _depth
        opened = _open(self, sys._getframe()) if _depth == 0 else None
        _depth += 1
        try:
            return original(self, *args, **options)
        finally:
            _depth -= 1
            if opened is not None:
                session, scope = opened
                session.close_scope(scope)

    base.BaseCommand.execute = execute


@quiet
def _open(command: Any, frame: FrameType) -> tuple[Session, Scope] | None:
    """Only the outermost command has a scope: those that it calls are part of it."""
    session = current()
    name = type(command).__module__.rpartition(".")[2]
    if session is None or testtracker.running() is not None or name in _CARRIERS:
        return None
    return session, session.open_scope("command", label=name, base_frame=frame)

"""A scope for each management command that is run: from the command line, by a program, or by a test itself.

What the set-up or clean-up of a test runs (``flush``, ``loaddata``) stays part of it.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from querysight import django_names, testtracker
from querysight.quiet import quiet
from querysight.session import Session, current

if TYPE_CHECKING:
    from types import FrameType, ModuleType

    from querysight.session import Scope

# Commands that only carry other work, which has scopes of its own or none.
_CARRIERS = frozenset({"test", "testserver", "runserver", "runserver_plus", "shell", "shell_plus", "dbshell"})

_depth = 0


def install(base: ModuleType) -> None:
    """Wrap ``BaseCommand.execute``, which the command line and ``call_command`` share."""
    django_names.wrap(base, "BaseCommand.execute", _recorded)


def _recorded(original: Any) -> Any:
    @functools.wraps(original)
    def execute(self: Any, *args: Any, **options: Any) -> Any:
        global _depth
        opened = _open(self, sys._getframe(), _depth)
        _depth += 1
        try:
            return original(self, *args, **options)
        finally:
            _depth -= 1
            if opened is not None:
                session, scope = opened
                session.close_scope(scope)

    return execute


@quiet
def _open(command: Any, frame: FrameType, depth: int) -> tuple[Session, Scope] | None:
    """Only the outermost command has a scope, in a program as in a test: those that it calls are part of it."""
    session = current()
    name = type(command).__module__.rpartition(".")[2]
    if session is None or name in _CARRIERS or _is_the_runners(frame):
        return None
    test = testtracker.running()
    if test is None:
        return (session, session.open_scope("command", label=name, base_frame=frame)) if depth == 0 else None
    if test.phase != "call" or any(scope.kind == "command" for scope in session.enclosing()):
        return None
    # The test's own frames belong to the stack.
    return session, session.open_scope("command", label=name)


def _is_the_runners(frame: FrameType) -> bool:
    """True for what Django's test runner calls itself: since 6.0 each spawned worker of a parallel run checks the project."""
    caller = frame.f_back and frame.f_back.f_back
    return caller is not None and caller.f_globals.get("__name__") == "django.test.runner"

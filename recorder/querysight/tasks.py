"""A scope for each background task that runs in this process: eagerly, called like a function, or in a recorded worker.

Celery tells of a task that it traces (``.apply()``, ``CELERY_TASK_ALWAYS_EAGER``, a worker) by two signals. ``task()`` sends
none: it comes through ``Task.__call__``. Django's own tasks (6.0 and later) have signals as well.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from querysight.quiet import quiet
from querysight.session import Session, current

if TYPE_CHECKING:
    from types import ModuleType

    from querysight.session import Scope

_UID = "querysight"

# By the task's id.
_running: dict[str, tuple[Session, Scope]] = {}


def follow_celery(signals: ModuleType) -> None:
    """Open a scope at ``task_prerun`` and close it at ``task_postrun``, which the tracer sends whatever the task raised."""

    def started(*_args: Any, task_id: str, task: Any, **_kwargs: Any) -> None:
        _begin(task_id, task.name)

    def finished(*_args: Any, task_id: str, **_kwargs: Any) -> None:
        _end(task_id)

    signals.task_prerun.connect(started, weak=False, dispatch_uid=_UID)
    signals.task_postrun.connect(finished, weak=False, dispatch_uid=_UID)


def follow_celery_calls(task_module: ModuleType) -> None:
    """Wrap ``Task.__call__``. A task that another calls as a function is part of that task.

    Celery asks where a ``__call__`` was defined (``task_has_custom``), so the wrapper names the same module.
    """
    original = task_module.Task.__call__

    @functools.wraps(original)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        opened = _open_call(self)
        if opened is None:
            return original(self, *args, **kwargs)
        session, scope = opened
        try:
            return original(self, *args, **kwargs)
        finally:
            session.close_scope(scope)

    task_module.Task.__call__ = __call__


def follow_django(signals: ModuleType) -> None:
    """``django.tasks``: the immediate backend sends both signals around the task's function."""

    def started(*_args: Any, task_result: Any, **_kwargs: Any) -> None:
        _begin(task_result.id, task_result.task.module_path)

    def finished(*_args: Any, task_result: Any, **_kwargs: Any) -> None:
        _end(task_result.id)

    signals.task_started.connect(started, weak=False, dispatch_uid=_UID)
    signals.task_finished.connect(finished, weak=False, dispatch_uid=_UID)


@quiet
def _begin(task_id: str, name: str) -> None:
    session = current()
    if session is not None:
        _running[task_id] = session, session.open_scope("task", label=name)


@quiet
def _end(task_id: str) -> None:
    opened = _running.pop(task_id, None)
    if opened is not None:
        session, scope = opened
        session.close_scope(scope)


@quiet
def _open_call(task: Any) -> tuple[Session, Scope] | None:
    session = current()
    if session is None or any(scope.kind == "task" for scope in session.enclosing()):
        return None
    return session, session.open_scope("task", label=task.name)

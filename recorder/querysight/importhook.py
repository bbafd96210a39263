"""Call a function once a module has been imported, without importing it.

Only ``sys`` and the import system's own objects are used, so that a Python that never imports one of the named modules pays
one dictionary look-up per import and nothing else.
"""

from __future__ import annotations

import sys

# Spelled out, because importing ``typing`` costs more than all the rest of this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def on_import(name: str, owner: str, function: str) -> None:
    """Call ``owner.function(module)`` once, after ``name`` was imported; at once if it already is.

    ``owner`` is named rather than passed, so that it is only imported when it is needed.
    """
    if (name, owner, function) in _asked:
        return
    _asked.add((name, owner, function))
    module = sys.modules.get(name)
    if module is not None:
        _call(owner, function, module)
        return
    _HOOK.pending.setdefault(name, []).append((owner, function))
    if _HOOK not in sys.meta_path:
        sys.meta_path.insert(0, _HOOK)


def _call(owner: str, function: str, module: ModuleType) -> None:
    try:
        __import__(owner)
        callback: Callable[[ModuleType], None] = getattr(sys.modules[owner], function)
        callback(module)
    except Exception as error:
        # An import must succeed or fail exactly as it would without the recorder.
        from querysight import django_names

        django_names.miss(f"{module.__name__} ({error!r})")


class _ImportHook:
    """A finder that lets the others find the module, and wraps the loader they return."""

    def __init__(self) -> None:
        self.pending: dict[str, list[tuple[str, str]]] = {}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self.pending:
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _NotifyingLoader(spec.loader, self.pending.pop(name))  # type: ignore[assignment, arg-type]
                return spec
        return None


class _NotifyingLoader:
    """Loads through the loader it wraps, puts that one back where it belongs, then makes the calls."""

    def __init__(self, loader: Loader, calls: list[tuple[str, str]]) -> None:
        self._loader = loader
        self._calls = calls

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        spec.loader = self._loader
        try:
            return self._loader.create_module(spec)
        finally:
            spec.loader = self  # type: ignore[assignment]

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        for owner, function in self._calls:
            _call(owner, function, module)


_HOOK = _ImportHook()
_asked: set[tuple[str, str, str]] = set()

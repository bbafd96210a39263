"""Start-up code for every Python that a recorded command runs.

``querysight record`` puts this folder first in ``PYTHONPATH``. Python then imports this module as its ``sitecustomize``.
It must cost next to nothing and say nothing: it places an import hook (see ``querysight.hooks``) and hands over to the
``sitecustomize`` that it shadows. Only when Django is imported does a recording start.

The syntax is kept to what any Python 3 reads: a recorded command may well run an older interpreter than the recorder supports.
"""

import os
import sys


def _start(folder: str) -> None:
    """Make ``querysight`` importable without leaving anything of it on ``sys.path``, and place the import hook."""
    package_parent = os.path.dirname(os.path.dirname(folder))
    if "querysight" not in sys.modules:
        sys.path.insert(0, package_parent)
        try:
            import querysight  # noqa: F401
        finally:
            sys.path.remove(package_parent)
    from querysight import hooks

    hooks.watch_for_django()
    hooks.watch_for_pytest()


def _chain(folder: str) -> None:
    """Import the ``sitecustomize`` that this one shadows, as Python would have done, its errors included."""
    own = sys.modules.pop("sitecustomize", None)
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", None) != "sitecustomize":
            raise
    finally:
        if own is not None:
            # The import machinery expects to find what it is importing.
            sys.modules.setdefault("sitecustomize", own)


def _run() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))
    # A run that is on, or one that this process is to begin as soon as it imports Django.
    wanted = os.environ.get("QUERYSIGHT_RUN_DIR") or os.environ.get("QUERYSIGHT_RECORD")
    if wanted and sys.version_info >= (3, 10):
        try:
            _start(folder)
        except Exception as error:
            # The command must run as if the recorder were not there.
            sys.stderr.write(f"querysight: this process is not recorded: {error!r}\n")
    _chain(folder)


_run()

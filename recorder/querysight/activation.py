"""From "Django was imported" to a recording session. Called by the import hook; see ``querysight.hooks``."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING, Any

from querysight import own_run
from querysight.config import Config
from querysight.hooks import watch_the_runners
from querysight.session import Session, current

if TYPE_CHECKING:
    from types import ModuleType

# The plugin module that pytest loads in a recorded command, whether or not it knows our entry point.
AUTOLOAD_PLUGIN = "querysight.pytest_autoload"


def django_imported(registry: ModuleType) -> None:
    """Start this process's session, and install it when the models are there."""
    if current() is not None:
        return
    config = Config.from_environment() or _own_run()
    if config is None:
        return
    session = Session.start(config)
    atexit.register(_finish)
    watch_the_runners()
    _when_models_are_ready(registry.apps, session)


def _own_run() -> Config | None:
    """The configuration of a run that this process begins because ``QUERYSIGHT_RECORD`` says so."""
    run = own_run.start_if_asked()
    if run is None:
        return None
    # Called after the session's own end: the last that is registered is the first.
    atexit.register(run.finish, None, interrupted=False)
    return Config.from_environment()


def pytest_imported(_module: ModuleType) -> None:
    """Have pytest load our plugin in this process and in its workers."""
    plugins = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name]
    if AUTOLOAD_PLUGIN not in plugins:
        os.environ["PYTEST_PLUGINS"] = ",".join([*plugins, AUTOLOAD_PLUGIN])


def finish_with_workers(util: ModuleType) -> None:
    """``atexit`` does not run in multiprocessing's forked workers, but their own finalizers do.

    A worker starts with an empty list of them, and then calls what was registered here.
    """
    util.register_after_fork(_finish, lambda finish: util.Finalize(None, finish, exitpriority=0))


def _finish() -> None:
    session = current()
    if session is not None:
        session.finish()


def _when_models_are_ready(apps: Any, session: Session) -> None:
    """Install the session between the import of the models and the first ``AppConfig.ready()``.

    ``Apps.populate`` asks ``get_app_configs()`` for the configs at that point, and sets ``models_ready`` just before.
    Querysets that ``ready()`` builds, such as those of forms that the admin's autodiscovery imports, are then seen.
    """
    if apps.models_ready:
        session.install()
        return
    original = apps.get_app_configs

    def get_app_configs() -> Any:
        if apps.models_ready:
            vars(apps).pop("get_app_configs", None)
            session.install()
        return original()

    apps.get_app_configs = get_app_configs

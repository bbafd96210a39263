"""The pytest plugin: active under ``querysight record`` and with ``pytest --querysight``."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from querysight.config import Config
from querysight.hooks import watch_for_django
from querysight.manifest import FOLDER
from querysight.own_run import OwnRun, is_asked, own_root
from querysight.project import find_root
from querysight.pytest_recorder import PytestRecorder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_RECORDER = "querysight-recorder"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("querysight")
    group.addoption(
        "--querysight",
        action="store_true",
        default=False,
        help="record what Django's ORM runs into .querysight/ of the project",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: Sequence[str]) -> None:
    """Start before pytest-django sets Django up, which it does in this hook as well."""
    if Config.from_environment() is None:
        if early_config.known_args_namespace.querysight:
            _RunOfPytest.start(early_config, find_root(early_config.invocation_params.dir), args)
        elif is_asked() and find_spec("django") is not None:
            _RunOfPytest.start(early_config, own_root(), args)
    _watch(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """A plugin named with ``-p`` is loaded after the first conftests in an xdist worker."""
    _watch(config)


def _watch(config: pytest.Config) -> None:
    recorded = Config.from_environment()
    if recorded is not None and not config.pluginmanager.has_plugin(_RECORDER):
        watch_for_django()
        config.pluginmanager.register(PytestRecorder(config, recorded.root), _RECORDER)


class _RunOfPytest:
    """Ends the run that this process began with pytest's own exit code."""

    def __init__(self, run: OwnRun) -> None:
        self._run = run
        self._exit_code: int | None = None

    @classmethod
    def start(cls, config: pytest.Config, root: Path, args: Sequence[str]) -> None:
        """Make the run, and tell this process and its workers of it through the environment."""
        try:
            run = OwnRun.start(root, ["pytest", *args], "pytest")
        except OSError as error:
            reason = error.strerror or error
            raise pytest.UsageError(f"querysight: cannot write to {root / FOLDER}: {reason}") from error
        config.pluginmanager.register(cls(run), "querysight-run")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self._exit_code = int(exitstatus)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Workers have ended by now. pytest's exit code 2 is interrupted."""
        self._run.finish(self._exit_code, interrupted=self._exit_code in (None, pytest.ExitCode.INTERRUPTED))

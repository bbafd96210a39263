"""The pytest plugin: active under ``querysight record`` and with ``pytest --querysight``."""

from __future__ import annotations

from contextlib import nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from querysight.config import Config
from querysight.hooks import watch_for_django
from querysight.manifest import FOLDER
from querysight.own_run import OwnRun, is_asked, start_if_asked
from querysight.project import find_root
from querysight.pytest_recorder import PytestRecorder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from _pytest.capture import CaptureManager

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
            with _seen(early_config):
                run = start_if_asked(["pytest", *args])
            if run is not None:
                _RunOfPytest.register(early_config, run)
    _watch(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """A plugin named with ``-p`` is loaded after the first conftests in an xdist worker."""
    _watch(config)


def _seen(config: pytest.Config) -> AbstractContextManager[None]:
    """What is said in here is not captured: pytest captures from its start, and shows nothing of that where all goes well."""
    capture: CaptureManager | None = config.pluginmanager.getplugin("capturemanager")
    return nullcontext() if capture is None else capture.global_and_fixture_disabled()


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
        """Make the run that pytest's own option asks for; where that cannot be, pytest says so and runs nothing."""
        try:
            run = OwnRun.start(root, ["pytest", *args], "pytest")
        except OSError as error:
            reason = error.strerror or error
            raise pytest.UsageError(f"querysight: cannot write to {root / FOLDER}: {reason}") from error
        cls.register(config, run)

    @classmethod
    def register(cls, config: pytest.Config, run: OwnRun) -> None:
        """This process and its workers know of the run through the environment."""
        config.pluginmanager.register(cls(run), "querysight-run")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self._exit_code = int(exitstatus)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Workers have ended by now. pytest's exit code 2 is interrupted."""
        self._run.finish(self._exit_code, interrupted=self._exit_code in (None, pytest.ExitCode.INTERRUPTED))

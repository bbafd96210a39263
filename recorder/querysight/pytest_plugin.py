"""The pytest plugin: active under ``querysight record`` and with ``pytest --querysight``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from querysight.config import Config
from querysight.hooks import watch_for_django
from querysight.launch import recording_variables
from querysight.manifest import Manifest, finish_run, start_run
from querysight.project import find_root
from querysight.pytest_recorder import PytestRecorder
from querysight.report import describe, say
from querysight.session import current

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    if early_config.known_args_namespace.querysight and Config.from_environment() is None:
        _OwnRun.start(early_config, args)
    _watch(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """A plugin named with ``-p`` is loaded after the first conftests in an xdist worker."""
    _watch(config)


def _watch(config: pytest.Config) -> None:
    recorded = Config.from_environment()
    if recorded is not None and not config.pluginmanager.has_plugin(_RECORDER):
        watch_for_django()
        config.pluginmanager.register(PytestRecorder(config, recorded.root), _RECORDER)


class _OwnRun:
    """A run that this process begins and ends, because nobody else does: ``pytest --querysight``."""

    def __init__(self, run_dir: Path, manifest: Manifest, variables: dict[str, str]) -> None:
        self._run_dir = run_dir
        self._manifest = manifest
        self._variables = variables
        self._exit_code: int | None = None

    @classmethod
    def start(cls, config: pytest.Config, args: Sequence[str]) -> None:
        """Make the run, and tell this process and its workers of it through the environment."""
        root = find_root(config.invocation_params.dir)
        try:
            run_dir, manifest = start_run(root, ["pytest", *args], "pytest")
        except OSError as error:
            reason = error.strerror or error
            raise pytest.UsageError(f"querysight: cannot write to {root / '.querysight'}: {reason}") from error
        variables = recording_variables(root=root, run_dir=run_dir, runner="pytest", parameters=True)
        os.environ.update(variables)
        config.pluginmanager.register(cls(run_dir, manifest, variables), "querysight-run")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self._exit_code = int(exitstatus)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Workers have ended by now. Answers pytest's own exit codes: 2 is interrupted."""
        session = current()
        if session is not None:
            session.finish()
        for name in self._variables:
            os.environ.pop(name, None)
        interrupted = self._exit_code in (None, pytest.ExitCode.INTERRUPTED)
        summary = finish_run(self._run_dir, self._manifest, self._exit_code, interrupted=interrupted)
        say(describe(self._manifest.command, summary, self._run_dir, interrupted=interrupted))

"""Brings the pytest plugin into a recorded command, where pytest may or may not know its entry point.

Named in ``PYTEST_PLUGINS``, which pytest reads after the entry points; the plugin is registered under the entry point's name, so
that it is there once and ``-p no:querysight`` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the plugin unless it is registered or blocked. The hook is the first that pytest calls."""
    from querysight import pytest_plugin

    if not (pluginmanager.is_registered(pytest_plugin) or pluginmanager.is_blocked("querysight")):
        pluginmanager.register(pytest_plugin, "querysight")

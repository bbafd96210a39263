"""Which tests ended differently."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Outcomes = Mapping[str, Sequence[str]]

_ADDRESS = re.compile(r"\b0x[0-9a-f]+\b")

# Tests whose outcome may differ, with the reason. None of them is in the modules that are compared by default.
ALLOWED: Mapping[str, str] = {
    "backends.base.test_base.ExecuteWrapperTests.test_wrapper_connection_specific": (
        "asserts that connection.execute_wrappers, through which every query is seen, holds nothing but its own wrapper"
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One test's outcome without and with the recorder; ``None`` where it did not run."""

    test: str
    without: Sequence[str] | None
    recorded: Sequence[str] | None


def differences(without: Outcomes, recorded: Outcomes, allowed: Mapping[str, str] = ALLOWED) -> list[Difference]:
    """All tests, in order of their ids, that are not reported in the same words; memory addresses differ in any two runs."""
    tests = sorted({*without, *recorded} - {*allowed})
    found = [Difference(test, without.get(test), recorded.get(test)) for test in tests]
    return [difference for difference in found if _words(difference.without) != _words(difference.recorded)]


def _words(reports: Sequence[str] | None) -> list[str] | None:
    return None if reports is None else [_ADDRESS.sub("0x…", report) for report in reports]

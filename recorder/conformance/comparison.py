"""Which tests ended differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Outcomes = Mapping[str, Sequence[str]]

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
    """All tests, in order of their ids, that are not reported in the same words."""
    tests = sorted({*without, *recorded} - {*allowed})
    return [Difference(test, without.get(test), recorded.get(test)) for test in tests if without.get(test) != recorded.get(test)]

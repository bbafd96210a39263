"""Which tests ended differently."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Outcomes = Mapping[str, Sequence[str]]

_ADDRESS = re.compile(r"\b0x[0-9a-f]+\b")
# What a performance test measured, in its failure's text.
_MEASURED = re.compile(r"\b\d+\.\d{9,}\b")

# Tests whose outcome may differ, with the reason. docs/conformance.md says it to a reader.
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
    """All tests, in order of their ids, that are not reported in the same words; memory addresses and measured times differ in
    any two runs."""
    return _differing(without, recorded, {*without, *recorded} - {*allowed})


def excused(without: Outcomes, recorded: Outcomes, allowed: Mapping[str, str] = ALLOWED) -> list[Difference]:
    """Those of the allowed tests that are reported in other words."""
    return _differing(without, recorded, {*without, *recorded} & {*allowed})


def _differing(without: Outcomes, recorded: Outcomes, tests: set[str]) -> list[Difference]:
    found = [Difference(test, without.get(test), recorded.get(test)) for test in sorted(tests)]
    return [difference for difference in found if _words(difference.without) != _words(difference.recorded)]


def _words(reports: Sequence[str] | None) -> list[str] | None:
    return None if reports is None else [_MEASURED.sub("…", _ADDRESS.sub("0x…", report)) for report in reports]

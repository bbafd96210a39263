"""A test runner that writes down how each test ended, in the words of unittest's result."""

from __future__ import annotations

import json
import os
import unittest
from pathlib import Path
from typing import Any

from django.test.runner import DiscoverRunner

# Where the outcomes go: {"test id": ["passed", …]}.
OUTCOMES = "CONFORMANCE_OUTCOMES"


class OutcomeResult(unittest.TextTestResult):
    """Keeps, for each test, the list of all that was reported of it (subtests included), with the text of skips and failures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcomes: dict[str, list[str]] = {}

    def _note(self, test: Any, outcome: str, detail: object = "") -> None:
        self.outcomes.setdefault(test.id(), []).append(f"{outcome} {detail}".strip())

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._note(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._note(test, "failed", repr(err[1]))

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._note(test, "error", repr(err[1]))

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._note(test, "xfailed", repr(err[1]))

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._note(test, "unexpected success")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, "subtest failed", repr(err[1]))

    def stopTestRun(self) -> None:
        super().stopTestRun()
        # Workers report to the process that controls the run; each test is reported once.
        Path(os.environ[OUTCOMES]).write_text(json.dumps(self.outcomes), encoding="utf-8")


class OutcomeRunner(DiscoverRunner):
    """Django's runner with that result."""

    def get_resultclass(self) -> type[OutcomeResult]:
        return OutcomeResult

"""What a comparison prints: the counts of each module, then everything that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.comparison import Difference, Outcomes, differences
from conformance.runs import Recorded, SuiteRun

# Columns of the table; the last takes every outcome that is none of the others.
_COLUMNS = ("passed", "failed", "skipped", "xfailed")


@dataclass(frozen=True, slots=True)
class Report:
    """Both runs of one Django on one database; `excused` are the named tests that really came out differently."""

    version: str
    database: str
    plain: SuiteRun
    recorded: SuiteRun
    recording: Recorded
    excused: Sequence[Difference]

    @property
    def differences(self) -> list[Difference]:
        return differences(self.plain.outcomes, self.recorded.outcomes)

    @property
    def same(self) -> bool:
        """True where every test ended alike, every process recorded, and the recorder had no error of its own."""
        recording = self.recording
        exits_alike = self.plain.exit_code == self.recorded.exit_code or bool(self.excused)
        return not self.differences and recording.queries > 0 and not recording.idle and not recording.faults and exits_alike

    def lines(self, modules: Sequence[str]) -> Iterator[str]:
        yield f"\nDjango {self.version} on {self.database}"
        yield f"{'module':28} {'passed':>7} {'failed':>7} {'skipped':>8} {'xfailed':>8} {'queries':>10}  recorded"
        plain, recorded = by_module(self.plain.outcomes), by_module(self.recorded.outcomes)
        for module in modules:
            without, now = plain.get(module, Counter()), recorded.get(module, Counter())
            same = "the same" if without == now else ", ".join(f"{count} {word}" for word, count in sorted(now.items()))
            yield self._row(module, without, self.recording.by_module[module], same)
        total = sum(plain.values(), Counter[str]())
        yield self._row("all", total, self.recording.queries, _counts(sum(recorded.values(), Counter[str]())))
        yield (
            f"{self.plain.seconds:.0f} s without, {self.recorded.seconds:.0f} s recorded; "
            f"processes that ran tests and recorded queries: {self.recording.processes - len(self.recording.idle)} "
            f"of {self.recording.processes}; {len(self.differences)} differences, {len(self.excused)} excused"
        )
        yield from self._problems()

    def _row(self, name: str, counts: Counter[str], queries: int, recorded: str) -> str:
        passed, failed, skipped, xfailed = (counts[word] for word in _COLUMNS)
        return f"{name:28} {passed:7} {failed:7} {skipped:8} {xfailed:8} {queries:10,}  {recorded}"

    def _problems(self) -> Iterator[str]:
        for difference in self.differences:
            yield f"  {difference.test}\n    without  {difference.without}\n    recorded {difference.recorded}"
        for difference in self.excused:
            yield f"  excused: {difference.test}"
        if self.recording.queries == 0 or self.recording.idle:
            yield f"  processes that ran tests and saw no query: {', '.join(self.recording.idle) or 'all'}"
        yield from (f"  {fault}" for fault in self.recording.faults)
        if self.plain.exit_code != self.recorded.exit_code:
            yield f"  exit code {self.plain.exit_code} without, {self.recorded.exit_code} recorded"


def by_module(outcomes: Outcomes) -> dict[str, Counter[str]]:
    """Number of tests by Django's test module and outcome; a test with a failed subtest, or an error, is `failed`."""
    found: dict[str, Counter[str]] = {}
    for test, reports in outcomes.items():
        # `setUpClass (queries.tests.QueryTests)` stands for the tests of its class.
        module = test.rpartition("(")[2].partition(".")[0]
        found.setdefault(module, Counter())[_outcome(reports)] += 1
    return found


def _outcome(reports: Sequence[str]) -> str:
    words = {report.partition(" ")[0] for report in reports}
    if words & {"failed", "error", "subtest", "unexpected"}:
        return "failed"
    return next((word for word in ("skipped", "xfailed") if word in words), "passed")


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))

"""The comparison that holds Django's own suite; the suite itself is run by ``python -m conformance``."""

from __future__ import annotations

import json

from conformance.comparison import ALLOWED, Difference, differences, excused
from conformance.report import by_module
from conformance.runs import read_recording


def test_equal_outcomes_do_not_differ():
    outcomes = {"a": ["passed"], "b": ["skipped why"]}
    assert differences(outcomes, {**outcomes}) == []


def test_memory_addresses_do_not_differ():
    assert differences({"a": ["xfailed <Store at 0x7fc53b67cd50>"]}, {"a": ["xfailed <Store at 0x7fe6e2d62c10>"]}) == []


def test_measured_times_do_not_differ():
    text = "subtest failed AssertionError('{} not less than or equal to 2')"
    assert differences({"a": [text.format("4.412834904852652")]}, {"a": [text.format("4.36267715989660")]}) == []
    assert differences({"a": [text.format("4.412834904852652")]}, {"a": ["passed"]}) != []


def test_another_outcome_another_reason_and_a_missing_test_differ():
    without = {"a": ["passed"], "b": ["skipped why"], "c": ["passed"]}
    recorded = {"a": ["failed"], "b": ["skipped why not"], "d": ["passed"]}
    assert differences(without, recorded) == [
        Difference("a", ["passed"], ["failed"]),
        Difference("b", ["skipped why"], ["skipped why not"]),
        Difference("c", ["passed"], None),
        Difference("d", None, ["passed"]),
    ]


def test_only_what_is_named_with_a_reason_may_differ():
    assert differences({"a": ["passed"]}, {"a": ["failed"]}, {"a": "a reason"}) == []
    assert all(len(reason) > 40 for reason in ALLOWED.values())
    assert not any(test.startswith(("queries.", "select_related.", "prefetch_related.", "foreign_object.")) for test in ALLOWED)


def test_an_excused_test_is_shown_only_where_it_differs():
    allowed = {"a": "a reason", "b": "a reason"}
    found = excused({"a": ["passed"], "b": ["passed"]}, {"a": ["failed"], "b": ["passed"]}, allowed)
    assert [difference.test for difference in found] == ["a"]


def test_counts_of_a_module():
    outcomes = {
        "queries.tests.A.test_one": ["passed"],
        "queries.tests.A.test_two": ["subtest failed x", "passed"],
        "queries.tests.A.test_three": ["skipped why"],
        "setUpClass (delete.tests.B)": ["error x"],
    }
    assert by_module(outcomes) == {"queries": {"passed": 1, "failed": 1, "skipped": 1}, "delete": {"failed": 1}}


def _recording(root, run, pid, *records):
    folder = root / ".querysight" / "runs" / run
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"pid": pid}), "utf-8")
    (folder / "main.ndjson").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


SCOPE = {"type": "scope", "id": 1, "test": "queries/tests.py::A::test_one"}
TEST = {"type": "test", "id": "queries/tests.py::A::test_one"}


def test_only_the_run_that_was_made_is_read(tmp_path):
    _recording(tmp_path, "other", 1, SCOPE, {"type": "row", "scope": 1, "count": 5}, TEST, {"type": "end"})
    _recording(tmp_path, "own", 2, SCOPE, {"type": "row", "scope": 1, "count": 3}, TEST, {"type": "end"})
    found = read_recording(tmp_path, 2)
    assert (found.processes, found.queries, found.by_module) == (1, 3, {"queries": 3})
    assert (found.idle, found.faults) == ([], [])
    assert [path.name for path in (tmp_path / ".querysight" / "runs").iterdir()] == ["other"]


def test_a_process_that_saw_nothing_had_faults_or_did_not_end_is_found(tmp_path):
    notice = {"type": "notice", "code": "recorder-error", "message": "exceptions"}
    _recording(tmp_path, "own", 2, SCOPE, TEST, notice)
    found = read_recording(tmp_path, 2)
    assert found.idle == ["main"]
    assert found.faults == ["main: exceptions", "main: did not come to its end"]

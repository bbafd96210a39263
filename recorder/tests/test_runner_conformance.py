"""The comparison that holds Django's own suite; the suite itself is run by ``python -m conformance``."""

from __future__ import annotations

from conformance.comparison import ALLOWED, Difference, differences


def test_equal_outcomes_do_not_differ():
    outcomes = {"a": ["passed"], "b": ["skipped why"]}
    assert differences(outcomes, {**outcomes}) == []


def test_memory_addresses_do_not_differ():
    assert differences({"a": ["xfailed <Store at 0x7fc53b67cd50>"]}, {"a": ["xfailed <Store at 0x7fe6e2d62c10>"]}) == []


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

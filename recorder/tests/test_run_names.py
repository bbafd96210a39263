"""Names of runs: what was recorded last sorts last, whatever the clock says."""

from __future__ import annotations

import os
import time

import pytest

from querysight import manifest


@pytest.fixture
def clock(monkeypatch):
    """Sets the time that the recorder is told."""

    def set_to(stamp):
        now = time.strptime(stamp, "%Y%m%dT%H%M%SZ")
        monkeypatch.setattr(manifest.time, "gmtime", lambda *seconds: gmtime(*seconds) if seconds else now)

    gmtime = time.gmtime
    return set_to


def start(root):
    return manifest.start_run(root, ["pytest"], "pytest")[0].name


def test_runs_of_one_second_sort_as_they_were_started(tmp_path, clock):
    clock("20261122T235959Z")
    names = [start(tmp_path) for _ in range(3)]
    assert [name[:16] for name in names] == ["20261122T235959Z", "20261123T000000Z", "20261123T000001Z"]


def test_a_run_behind_a_clock_that_was_set_back_sorts_behind_those_before_it(tmp_path, clock):
    clock("20261122T120000Z")
    before = start(tmp_path)
    clock("20261022T120000Z")
    assert start(tmp_path)[:16] == "20261122T120001Z"
    assert start(tmp_path) > before
    clock("20261122T120500Z")
    assert start(tmp_path)[:16] == "20261122T120500Z"


@pytest.mark.parametrize(
    "name", ["99999999T999999Z-1-aaaa", "99991231T235959Z-1-aaaa", "copy of 20991231T000000Z-1-aaaa", "notes"]
)
def test_a_folder_that_no_recorder_named_moves_no_run(tmp_path, clock, name):
    clock("20261122T120000Z")
    os.makedirs(tmp_path / ".querysight" / "runs" / name)
    assert start(tmp_path)[:16] == "20261122T120000Z"

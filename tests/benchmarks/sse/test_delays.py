"""What a benchmark says of delays and faults rests on these few functions."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.sse.delays import Commits, commit_delays, faults_of, spread_ms

COMMITS = Commits.of([(11.0, 50), (10.0, 100)], ended_at_s=11.2)


def seen(**changes: Any) -> dict[str, Any]:
    told = {
        "at_s": [9.0, 10.5, 11.25],
        "versions": [1, 2, 3],
        "rows": [0, 100, 150],
        "events": ["progress", "progress", "completed"],
    }
    return told | changes


def faults(**changes: Any) -> list[str]:
    viewer = {"of": "job", "ended": True, "seen": {"job": seen(**changes)}}
    return faults_of(viewer, {"job": COMMITS})


def test_a_commit_is_seen_with_the_first_message_that_has_its_rows() -> None:
    assert commit_delays(COMMITS, seen()) == [0.5, 0.25]


def test_a_message_that_tells_of_later_commits_tells_of_earlier_ones() -> None:
    assert commit_delays(COMMITS, seen(rows=[0, 0, 150])) == [1.25, 0.25]


def test_who_came_later_has_not_waited_for_earlier_commits() -> None:
    assert commit_delays(COMMITS, seen(at_s=[10.4, 10.5, 11.25])) == [0.25]


def test_a_commit_that_was_never_seen_has_no_delay_but_is_a_fault() -> None:
    assert commit_delays(COMMITS, seen(rows=[0, 100, 100])) == [0.5]
    assert faults(rows=[0, 100, 100]) == ["rows were lost"]


def test_a_viewer_who_saw_all_has_no_fault() -> None:
    assert faults() == []


def test_what_goes_backwards_is_a_fault() -> None:
    assert faults(versions=[2, 1, 3]) == ["versions fell"]
    assert faults(rows=[0, 160, 150]) == ["rows fell"]


def test_an_end_comes_once_and_last() -> None:
    twice = ["progress", "completed", "completed"]
    assert faults(events=twice) == ["not one end"]
    assert faults(events=["progress", "completed", "progress"]) == ["the end was not last"]
    assert "not one end" in faults(events=["progress"] * 3)


def test_a_viewer_of_all_jobs_sees_each_of_them() -> None:
    viewer = {"of": "", "ended": False, "seen": {"job": seen()}}
    commits = {"job": COMMITS, "other": COMMITS}
    assert faults_of(viewer, commits) == ["a job was never seen"]


def test_percentiles_are_of_the_sorted_delays() -> None:
    spread = spread_ms([0.1 * n for n in range(100, 0, -1)])
    assert (spread["p50"], spread["p99"], spread["most"]) == (5100.0, 10000.0, 10000.0)
    assert spread_ms([]) == {"of": 0}

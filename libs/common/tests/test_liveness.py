"""A loop that stands still is told from one that has nothing to do."""

from __future__ import annotations

from datetime import UTC, datetime

from sluice.liveness import Heartbeat


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_s = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, UTC)

    def monotonic_s(self) -> float:
        return self.at_s


def test_a_loop_that_turns_is_live_and_one_that_stopped_is_not() -> None:
    clock = HandClock()
    heart = Heartbeat(clock)
    clock.at_s += 59
    assert heart.not_live() == ""
    clock.at_s += 2
    assert heart.not_live() == "the loop has not turned for 61 s"
    heart.beat()
    assert heart.not_live() == ""


def test_work_that_stands_still_is_a_hang_although_the_loop_turns() -> None:
    clock = HandClock()
    heart = Heartbeat(clock)
    for _ in range(61):
        clock.at_s += 1
        heart.beat()
        heart.progress(("offset", 7))
    assert heart.not_live() == ""
    clock.at_s += 1
    heart.beat()
    heart.progress(("offset", 7))
    assert heart.not_live() == "there is work, and none was done for 61 s"
    heart.progress(("offset", 8))
    assert heart.not_live() == ""


def test_no_work_is_no_hang_and_work_after_a_rest_starts_anew() -> None:
    clock = HandClock()
    heart = Heartbeat(clock)
    heart.progress("chunk 1")
    clock.at_s += 50
    heart.progress(None)
    clock.at_s += 50
    heart.beat()
    heart.progress("chunk 1")
    assert heart.not_live() == ""


def test_work_that_comes_further_within_one_turn_is_no_hang() -> None:
    clock = HandClock()
    heart = Heartbeat(clock)
    heart.progress("chunk 1")
    for _ in range(3):
        clock.at_s += 50
        heart.moved()
    assert heart.not_live() == ""
    clock.at_s += 61
    assert heart.not_live() != ""

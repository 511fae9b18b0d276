"""What a viewer is told, and when."""

from __future__ import annotations

from typing import Any

import pytest

from progress_gateway.domain.stream_choice import (
    LEAST_GAP_S,
    Viewed,
    after_telling,
    choose_event,
    is_news,
    is_over,
    replaces,
    wait_s,
)


def snapshot(
    version: int = 5,
    status: str = "processing",
    batches: int = 3,
    failed: int = 0,
    **others: Any,
) -> dict[str, Any]:
    data = {"currentBatch": batches, "failedRows": failed, "failure": None} | others
    return {"version": version, "status": status, "data": data}


TOLD = Viewed(version=4, status="processing", batches=2, sent_at_s=10.0, batch_at_s=9.0)
HEALING = Viewed(version=9, status="completed_with_errors", ongoing="correction")
WHY = {"code": "DISK_FULL", "message": "m"}


@pytest.mark.parametrize(
    ("viewed", "now", "event"),
    [
        (Viewed(), snapshot(), "progress"),
        (Viewed(), snapshot(status="completed"), "completed"),
        (TOLD, snapshot(), "batch_complete"),
        (TOLD, snapshot(failed=1), "batch_partial"),
        (TOLD, snapshot(batches=2), "progress"),
        (Viewed(status="processing", sent_at_s=10.0, batch_at_s=9.1), snapshot(), "progress"),
        (TOLD, snapshot(status="paused"), "paused"),
        (TOLD, snapshot(status="retrying"), "retrying"),
        (TOLD, snapshot(failure=WHY), "error"),
        (TOLD, snapshot(status="completed_with_errors", failed=1), "completed"),
        (TOLD, snapshot(status="failed", failure=WHY), "failed"),
        (TOLD, snapshot(status="cancelled"), "cancelled"),
        (TOLD, snapshot(status="undone"), "undone"),
        (TOLD, snapshot(status="completed_with_errors", ongoing="correction"), "progress"),
        (TOLD, snapshot(status="failed", failure=WHY, ongoing="undo"), "progress"),
    ],
)
def test_a_snapshot_becomes_an_event(viewed: Viewed, now: dict[str, Any], event: str) -> None:
    assert choose_event(viewed, now, 10.0) == event


def test_a_pause_is_told_once() -> None:
    viewed = after_telling(TOLD, snapshot(status="paused", batches=2), "paused", 10.0)
    assert choose_event(viewed, snapshot(status="paused", batches=2), 11.0) == "progress"


def test_rejected_rows_since_the_last_batch_message_count_not_those_before() -> None:
    viewed = after_telling(TOLD, snapshot(failed=4), "batch_partial", 10.0)
    assert choose_event(viewed, snapshot(batches=4, failed=4), 11.0) == "batch_complete"


@pytest.mark.parametrize(
    ("viewed", "now", "news"),
    [
        (Viewed(version=5, status="processing"), snapshot(4), False),
        (Viewed(version=5, status="processing"), snapshot(5), True),
        (Viewed(version=9), snapshot(8), False),
        (Viewed(version=9), snapshot(8, "completed"), True),
        (Viewed(version=9, status="completed"), snapshot(9, "completed"), False),
        (Viewed(version=9, status="failed"), snapshot(9), False),
        (Viewed(version=9, status="failed"), snapshot(10), True),
        (Viewed(version=9, status="completed_with_errors"), snapshot(12, "completed"), True),
        (Viewed(version=12, status="completed"), snapshot(10, "completed_with_errors"), False),
        (HEALING, snapshot(9, "completed_with_errors"), True),
        (HEALING, snapshot(8, "completed_with_errors"), False),
    ],
)
def test_older_is_dropped_and_the_end_is_always_news(
    viewed: Viewed, now: dict[str, Any], news: bool
) -> None:
    assert is_news(viewed, now) is news


def test_a_stream_is_over_once_nothing_changes_the_ended_job() -> None:
    now = snapshot(9, "completed_with_errors", ongoing="correction")
    healing = after_telling(TOLD, now, choose_event(TOLD, now, 11.0), 11.0)
    assert not is_over(healing)
    now = snapshot(9, "completed_with_errors", ongoing=None)
    assert choose_event(healing, now, 12.0) == "completed"
    assert is_over(after_telling(healing, now, "completed", 12.0))


def test_the_first_change_goes_at_once_and_the_next_waits_for_its_turn() -> None:
    assert wait_s(Viewed(), snapshot(), 10.0) == 0.0
    assert wait_s(TOLD, snapshot(), 10.025) == pytest.approx(LEAST_GAP_S - 0.025)
    assert wait_s(TOLD, snapshot(), 10.2) == 0.0


def test_an_end_goes_at_once_and_what_changes_it_waits() -> None:
    end = snapshot(6, "completed_with_errors")
    assert wait_s(TOLD, end, 10.025) == 0.0
    told = after_telling(TOLD, end, choose_event(TOLD, end, 10.025), 10.025)
    assert wait_s(told, snapshot(7, "completed"), 10.05) == pytest.approx(LEAST_GAP_S - 0.025)


def test_each_attempt_and_each_wait_is_told_once() -> None:
    now = snapshot(status="retrying", batches=2, attempt=2)
    viewed = after_telling(TOLD, now, choose_event(TOLD, now, 10.0), 10.0)
    assert choose_event(viewed, now, 11.0) == "progress"
    for others in ({"attempt": 3}, {"attempt": None, "waitingFor": "postgresql"}):
        assert choose_event(viewed, snapshot(status="retrying", **others), 11.0) == "retrying"


def test_the_end_of_an_older_run_is_no_news_while_the_newer_one_goes_on() -> None:
    again = Viewed(version=12, run=2, status="processing")
    assert not is_news(again, snapshot(10, "failed", run=1))
    assert is_news(again, snapshot(10, "failed", run=2))


@pytest.mark.parametrize(
    ("known", "came", "is_row", "taken"),
    [
        (snapshot(5), snapshot(6), True, True),
        (snapshot(5), snapshot(5, failed=1), False, True),
        (snapshot(5), snapshot(5, failed=1), True, False),
        (snapshot(5), snapshot(5), False, False),
        (snapshot(5), snapshot(4, failed=1), False, False),
        (snapshot(5), snapshot(4, "completed"), True, True),
        (snapshot(5, run=2), snapshot(4, "failed", run=1), True, False),
        (snapshot(5, "failed", run=1), snapshot(7, "pending", run=2), False, True),
        (snapshot(5, "failed", run=1), snapshot(5, run=1), False, False),
    ],
)
def test_the_newest_snapshot_is_kept(
    known: dict[str, Any], came: dict[str, Any], is_row: bool, taken: bool
) -> None:
    assert replaces(known, came, is_row=is_row) is taken

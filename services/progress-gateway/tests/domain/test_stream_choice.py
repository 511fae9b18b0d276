"""What a viewer is told, and when."""

from __future__ import annotations

from typing import Any

import pytest

from progress_gateway.domain.stream_choice import (
    Viewed,
    after_telling,
    choose_event,
    is_news,
    wait_s,
)


def snapshot(
    version: int = 5,
    status: str = "processing",
    batches: int = 3,
    failed: int = 0,
    failure: dict[str, str] | None = None,
) -> dict[str, Any]:
    data = {"currentBatch": batches, "failedRows": failed, "failure": failure}
    return {"version": version, "status": status, "data": data}


TOLD = Viewed(version=4, status="processing", batches=2, sent_at_s=10.0, batch_at_s=9.0)
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
    ],
)
def test_older_is_dropped_and_the_end_is_always_news(
    viewed: Viewed, now: dict[str, Any], news: bool
) -> None:
    assert is_news(viewed, now) is news


def test_the_first_change_goes_at_once_and_the_next_waits_an_eighth() -> None:
    assert wait_s(Viewed(), 10.0) == 0.0
    assert wait_s(TOLD, 10.025) == pytest.approx(0.1)
    assert wait_s(TOLD, 10.2) == 0.0

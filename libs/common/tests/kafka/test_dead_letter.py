"""The story of a failed record is told by its headers, and the original stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sluice.kafka.dead_letter import (
    Delivery,
    Failure,
    Origin,
    dead_headers,
    failed_headers,
    original_headers,
    read_delivery,
    waiting_headers,
)

HERE = Origin(topic="imports.chunks", partition=3, offset=41, timestamp_ms=1_700_000_000_000)
JOB = UUID(int=7)
AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FAILURE = Failure(code="DEADLOCK", message="DeadlockDetected 40P01")
OWN = [("ce_id", b"x"), ("ce_id", b"y"), ("traceparent", b"\xff\x00")]


def test_a_record_without_headers_is_delivered_for_the_first_time_here() -> None:
    assert read_delivery({}, HERE) == Delivery(origin=HERE)


def test_the_first_place_and_moment_stay_whatever_happens_later() -> None:
    first = read_delivery({}, HERE).failed(AT)
    headers = failed_headers(OWN, first, FAILURE, JOB, AT)
    elsewhere = Origin(topic="imports.chunks", partition=0, offset=99, timestamp_ms=5)
    second = read_delivery(dict(headers), elsewhere).failed(AT + timedelta(seconds=3))
    assert second == Delivery(origin=HERE, attempts=2, replay_count=0, first_failed_at=AT)


def test_a_failed_record_keeps_its_own_headers_and_tells_the_last_failure_once() -> None:
    delivery = read_delivery({}, HERE).failed(AT)
    headers = failed_headers(OWN, delivery, FAILURE, JOB, AT)
    again = failed_headers(headers, delivery.failed(AT), FAILURE, JOB, AT)
    assert original_headers(again) == OWN
    assert again[: len(OWN)] == OWN
    told = [name for name, _ in again[len(OWN) :]]
    assert len(told) == len(set(told))
    assert dict(again)["sluice-attempt"] == b"2"
    assert dict(again)["sluice-job-id"] == str(JOB).encode()
    assert dict(again)["sluice-last-failed-at"] == b"2026-11-25T12:00:00.000+00:00"


def test_a_record_that_waits_untried_counts_no_attempt() -> None:
    delivery = Delivery(origin=HERE, attempts=2, replay_count=1, first_failed_at=AT)
    headers = waiting_headers(failed_headers(OWN, delivery, FAILURE, JOB, AT), delivery)
    assert read_delivery(dict(headers), HERE) == delivery
    assert "sluice-error-class" not in dict(headers)


def test_a_dead_letter_has_spring_s_headers_as_spring_writes_them() -> None:
    delivery = read_delivery({}, HERE).failed(AT)
    headers = dict(dead_headers(OWN, delivery, FAILURE, None, AT))
    assert headers["kafka_dlt-original-topic"] == b"imports.chunks"
    assert headers["kafka_dlt-original-partition"] == b"\x00\x00\x00\x03"
    assert headers["kafka_dlt-original-offset"] == b"\x00" * 7 + b"\x29"
    assert headers["kafka_dlt-exception-message"] == b"DEADLOCK: DeadlockDetected 40P01"
    assert headers["sluice-original-timestamp"] == b"1700000000000"
    assert "sluice-job-id" not in headers


NUMBERS = st.integers(0, 2**80).map(lambda number: str(number).encode())


@given(st.dictionaries(st.sampled_from(
    ["sluice-attempt", "sluice-replay-count", "sluice-original-topic", "sluice-original-offset",
     "sluice-original-partition", "sluice-first-failed-at"]),
    st.binary(max_size=40) | NUMBERS))  # fmt: skip
def test_headers_that_others_broke_break_nothing(headers: dict[str, bytes]) -> None:
    delivery = read_delivery(headers, HERE)
    assert 0 <= delivery.attempts <= 1_000_000
    assert dead_headers(headers.items(), delivery.failed(AT), FAILURE, JOB, AT)


def test_another_zone_is_told_in_utc() -> None:
    delivery = read_delivery({"sluice-first-failed-at": b"2026-11-25T14:00:00+02:00"}, HERE)
    assert delivery.first_failed_at == AT

"""What a failed record carries with it: the original untouched, and headers that tell its story.

The same on the retry topics and in the dead letters. The headers are ours and may be missing or
broken on what others produced: then the record counts as delivered for the first time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

ATTEMPT = "sluice-attempt"
REPLAY_COUNT = "sluice-replay-count"
JOB_ID = "sluice-job-id"
ERROR_CLASS = "sluice-error-class"
ERROR_MESSAGE = "sluice-error-message"
FIRST_FAILED_AT = "sluice-first-failed-at"
LAST_FAILED_AT = "sluice-last-failed-at"
ORIGINAL_TOPIC = "sluice-original-topic"
ORIGINAL_PARTITION = "sluice-original-partition"
ORIGINAL_OFFSET = "sluice-original-offset"
ORIGINAL_TIMESTAMP = "sluice-original-timestamp"
OURS = ("sluice-", "kafka_dlt-")
"""Prefixes of what is added; everything else is the original's own."""
MAX_COUNT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a record failed: a stable class and a sentence, neither with a cell's value."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a record was first, and when it was produced there."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A record's story up to the delivery in hand."""

    origin: Origin
    attempts: int = 0
    """Failed ones, before this delivery."""
    replay_count: int = 0
    first_failed_at: datetime | None = None

    def failed(self, now: datetime) -> Delivery:
        """Return the story when this delivery has failed, too."""
        first = self.first_failed_at or now
        return replace(self, attempts=self.attempts + 1, first_failed_at=first)


def read_delivery(headers: Mapping[str, bytes], here: Origin) -> Delivery:
    """Return the story that a record's headers tell; without them it begins here."""
    topic = headers.get(ORIGINAL_TOPIC, b"").decode(errors="replace")
    partition = _number(headers, ORIGINAL_PARTITION, below=2**31)
    offset = _number(headers, ORIGINAL_OFFSET)
    timestamp = _number(headers, ORIGINAL_TIMESTAMP)
    origin = here
    if topic and partition is not None and offset is not None:
        origin = Origin(
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp_ms=here.timestamp_ms if timestamp is None else timestamp,
        )
    return Delivery(
        origin=origin,
        attempts=_number(headers, ATTEMPT, below=MAX_COUNT) or 0,
        replay_count=_number(headers, REPLAY_COUNT, below=MAX_COUNT) or 0,
        first_failed_at=_moment(headers, FIRST_FAILED_AT),
    )


def original_headers(headers: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return what the record had when it was produced first."""
    return [(name, value) for name, value in headers if not name.startswith(OURS)]


def waiting_headers(
    headers: Iterable[tuple[str, bytes]], delivery: Delivery
) -> list[tuple[str, bytes]]:
    """Return the headers of a record that goes round untried: its attempts stay as they are."""
    return [*original_headers(headers), *_encoded(_story(delivery))]


def failed_headers(
    headers: Iterable[tuple[str, bytes]],
    delivery: Delivery,
    failure: Failure,
    job_id: UUID | None,
    now: datetime,
) -> list[tuple[str, bytes]]:
    """Return the headers of a record that has failed; `delivery` counts this failure."""
    added = _story(delivery) | {
        ERROR_CLASS: failure.code,
        ERROR_MESSAGE: failure.message,
        LAST_FAILED_AT: _iso(now),
    }
    if job_id is not None:
        added[JOB_ID] = str(job_id)
    return [*original_headers(headers), *_encoded(added)]


def dead_headers(
    headers: Iterable[tuple[str, bytes]],
    delivery: Delivery,
    failure: Failure,
    job_id: UUID | None,
    now: datetime,
) -> list[tuple[str, bytes]]:
    """Return the headers of a dead letter: also those that Spring Kafka's tools look for.

    Partition and offset are big-endian integers there, as Spring writes them.
    """
    origin = delivery.origin
    return [
        *failed_headers(headers, delivery, failure, job_id, now),
        ("kafka_dlt-original-topic", origin.topic.encode()),
        ("kafka_dlt-original-partition", origin.partition.to_bytes(4, "big")),
        ("kafka_dlt-original-offset", origin.offset.to_bytes(8, "big")),
        ("kafka_dlt-exception-message", f"{failure.code}: {failure.message}".encode()),
    ]


def _story(delivery: Delivery) -> dict[str, str]:
    origin = delivery.origin
    story = {
        ATTEMPT: str(delivery.attempts),
        REPLAY_COUNT: str(delivery.replay_count),
        ORIGINAL_TOPIC: origin.topic,
        ORIGINAL_PARTITION: str(origin.partition),
        ORIGINAL_OFFSET: str(origin.offset),
        ORIGINAL_TIMESTAMP: str(origin.timestamp_ms),
    }
    if delivery.first_failed_at is not None:
        story[FIRST_FAILED_AT] = _iso(delivery.first_failed_at)
    return story


def _encoded(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _number(headers: Mapping[str, bytes], name: str, below: int = 2**63) -> int | None:
    text = headers.get(name, b"")
    number = int(text) if text.isdigit() and len(text) <= len(str(below)) else below
    return number if number < below else None


def _moment(headers: Mapping[str, bytes], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(headers.get(name, b"").decode())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

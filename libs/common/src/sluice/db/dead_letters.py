"""The operators' list of dead letters: one row for each record in a dead-letter topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sluice.db.pool import Connection
    from sluice.kafka.dead_letter import Delivery, Failure

REPLAY_CAP = 3
"""A letter that was sent again so often wants another cure: it is parked."""

_INSERT = """
INSERT INTO sluice.dead_letters
       (topic, partition, kafka_offset, original_topic, original_partition, original_offset,
        job_id, chunk_no, run, error_class, error_message, attempts, replay_count, size_bytes,
        state, state_reason, first_failed_at, last_failed_at)
VALUES (%(topic)s, %(partition)s, %(kafka_offset)s, %(original_topic)s, %(original_partition)s,
        %(original_offset)s, %(job_id)s, %(chunk_no)s, %(run)s, %(error_class)s,
        %(error_message)s, %(attempts)s, %(replay_count)s, %(size_bytes)s, %(state)s,
        %(state_reason)s, %(first_failed_at)s, %(last_failed_at)s)
    ON CONFLICT (topic, partition, kafka_offset) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a dead letter lies."""

    topic: str
    partition: int
    kafka_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record that failed for good: where it lies, where it was, and why.

    `job_id`, `chunk_no` and `run` are None as far as nobody can tell.
    """

    placed: Placed
    delivery: Delivery
    failure: Failure
    failed_at: datetime
    size_bytes: int
    replay_count: int = 0
    job_id: UUID | None = None
    chunk_no: int | None = None
    run: int | None = None


def letter_state(replay_count: int) -> str:
    """Return the state in which a letter begins."""
    return "parked" if replay_count >= REPLAY_CAP else "open"


def insert_letter(conn: Connection, letter: DeadLetter) -> None:
    """Put a letter on the list; one that is there already stays as it is."""
    origin, state = letter.delivery.origin, letter_state(letter.replay_count)
    values = {
        "topic": letter.placed.topic,
        "partition": letter.placed.partition,
        "kafka_offset": letter.placed.kafka_offset,
        "original_topic": origin.topic,
        "original_partition": origin.partition,
        "original_offset": origin.offset,
        "job_id": letter.job_id,
        "chunk_no": letter.chunk_no,
        "run": letter.run,
        "error_class": letter.failure.code,
        "error_message": letter.failure.message,
        "attempts": letter.delivery.attempts,
        "replay_count": letter.replay_count,
        "size_bytes": letter.size_bytes,
        "state": state,
        "state_reason": f"replayed {letter.replay_count} times" if state == "parked" else None,
        "first_failed_at": letter.delivery.first_failed_at or letter.failed_at,
        "last_failed_at": letter.failed_at,
    }
    conn.execute(_INSERT, values)

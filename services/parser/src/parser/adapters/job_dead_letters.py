"""Where a record of `imports.jobs` goes that nobody can read: `imports.jobs.dlq`, and the list."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from sluice.db.dead_letters import DeadLetter, Placed, insert_letter
from sluice.db.pool import connection_of
from sluice.kafka.dead_letter import Failure, Origin, dead_headers, read_delivery
from sluice.kafka.records import header_list, header_map
from sluice.kafka.topic_names import JOBS, JOBS_DLQ

if TYPE_CHECKING:
    from confluent_kafka import Message
    from psycopg_pool import ConnectionPool

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.errors import Poison
    from sluice.kafka.producer import RecordProducer

log = structlog.get_logger(__name__)


class JobDeadLetters:
    """Puts records aside with their raw bytes; may be repeated, then the letter is there twice."""

    def __init__(
        self, pool: ConnectionPool[Connection], producer: RecordProducer, clock: Clock
    ) -> None:
        self._pool = pool
        self._producer = producer
        self._clock = clock

    def set_aside(self, message: Message, error: Poison) -> None:
        """Dead-letter a record: acknowledged by the brokers, then on the operators' list.

        Raises:
            Outage: Kafka or PostgreSQL is away.
        """
        now = self._clock.now()
        here = Origin(
            topic=message.topic() or JOBS,
            partition=message.partition() or 0,
            offset=message.offset() or 0,
            timestamp_ms=max(message.timestamp()[1], 0),
        )
        delivery = read_delivery(header_map(message), here).failed(now)
        failure = Failure(code=error.code, message=error.message)
        key, value, job_id = message.key() or b"", message.value() or b"", _job_of(message)
        headers = dead_headers(header_list(message), delivery, failure, job_id, now)
        partition, offset = self._producer.place(JOBS_DLQ, key, value, headers)
        letter = DeadLetter(
            placed=Placed(JOBS_DLQ, partition, offset),
            delivery=delivery,
            failure=failure,
            failed_at=now,
            size_bytes=len(value),
            replay_count=delivery.replay_count,
            job_id=job_id,
        )
        with connection_of(self._pool) as conn:
            insert_letter(conn, letter)
        log.error(
            "a record of imports.jobs cannot be read",
            partition=here.partition,
            kafka_offset=here.offset,
            code=error.code,
        )


def _job_of(message: Message) -> UUID | None:
    try:
        return UUID((message.key() or b"").decode(errors="replace"))
    except ValueError:
        return None

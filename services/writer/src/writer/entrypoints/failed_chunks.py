"""Where a chunk goes that could not be written: up the ladder, and at its end to the dead letters.

The order is what makes it exact: the dead letter is acknowledged, then the ledger's row and the
operators' are committed together, then the fact is confirmed, then the offset. A crash between any
two brings the record again, and the ledger tells what has happened already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sluice.db.dead_letters import Placed
from sluice.events.envelope import Record
from sluice.failpoints import failpoint
from sluice.kafka import dead_letter, topic_names
from sluice.kafka.dead_letter import Failure, Origin, read_delivery
from sluice.kafka.records import header_list, header_map
from sluice.kafka.retry_policy import CHUNK_LADDER, RetryLadder, RetryStep
from writer import metrics
from writer.adapters.publish_chunk_dead_lettered import chunk_dead_lettered_record
from writer.adapters.publish_chunk_retrying import chunk_retrying_record
from writer.adapters.publish_writing_failed import writing_failed_record
from writer.domain.dead_chunk import (
    Burial,
    ChunkExtent,
    ChunkName,
    DeadRecord,
    extent_of,
    name_of_key,
)
from writer.domain.job_state import why_skip

if TYPE_CHECKING:
    from confluent_kafka import Message

    from sluice.clock import Clock
    from sluice.events.rows_chunked import ChunkMeta
    from sluice.kafka.dead_letter import Delivery
    from sluice.kafka.loop import Fetched
    from writer.adapters.postgres_dead_letters import DeadLetters
    from writer.entrypoints.confirmed_facts import ConfirmedFacts
    from writer.entrypoints.patience import Patience

log = structlog.get_logger(__name__)


class FailedChunks:
    """Decides over failed records; each method returns what is to be produced for the record."""

    def __init__(
        self,
        letters: DeadLetters,
        facts: ConfirmedFacts,
        patience: Patience,
        clock: Clock,
        ladder: RetryLadder = CHUNK_LADDER,
    ) -> None:
        self._letters = letters
        self._facts = facts
        self._patience = patience
        self._clock = clock
        self._ladder = ladder

    def escalate(self, record: Fetched, meta: ChunkMeta, failure: Failure) -> list[Record]:
        """Send a chunk that failed to its next step."""
        delivery = delivery_of(record).failed(self._clock.now())
        step = self._ladder.step_after(delivery.attempts)
        name = ChunkName(job_id=meta.job_id, chunk_no=meta.chunk_no)
        if step is None:
            return self._end(record, name, extent_of(meta), delivery, failure)
        state, _, _ = self._patience.until_done(lambda: self._letters.standing(name))
        if why_skip(state) or state is None:
            _note_skip(name, why_skip(state))
            return []
        log.warning(
            "a chunk failed and comes again",
            job_id=str(meta.job_id),
            chunk_no=meta.chunk_no,
            attempts=delivery.attempts,
            delay_s=step.delay_s,
            code=failure.code,
            why=failure.message,
        )
        metrics.RETRIES.labels(str(delivery.attempts + 1), failure.code).inc()
        now = self._clock.now()
        headers = dead_letter.failed_headers(
            header_list(record.message), delivery, failure, meta.job_id, now
        )
        fact = chunk_retrying_record(meta, state.run, delivery, failure, self._ladder, now)
        return [_copy(record.message, step.topic, headers), fact]

    def defer(self, record: Fetched) -> Record:
        """Return the record for another round, untried: no attempt is counted."""
        step: RetryStep = self._ladder.slowest
        headers = dead_letter.waiting_headers(header_list(record.message), delivery_of(record))
        return _copy(record.message, step.topic, headers)

    def set_aside(self, record: Fetched, failure: Failure) -> list[Record]:
        """Dead-letter a record at once that can never be handled, with its raw bytes."""
        now = self._clock.now()
        delivery = delivery_of(record).failed(now)
        name = name_of_key(record.message.key() or b"")
        metrics.CHUNKS.labels("undecodable").inc()
        if name is not None:
            return self._end(record, name, ChunkExtent(), delivery, failure)
        dead = self._dead(record, None, ChunkExtent(), delivery, failure)
        placed = self._place(record, dead)
        self._patience.until_done(lambda: self._letters.file_nameless(dead, placed))
        _alarm(record, dead)
        return []

    def _end(
        self,
        record: Fetched,
        name: ChunkName,
        extent: ChunkExtent,
        delivery: Delivery,
        failure: Failure,
    ) -> list[Record]:
        state, outcome, known = self._patience.until_done(lambda: self._letters.standing(name))
        if why := why_skip(state):
            _note_skip(name, why)
            return []
        if known is not None:
            return [chunk_dead_lettered_record(name, known, self._clock.now())]
        if outcome:
            return []
        dead = self._dead(record, name, extent, delivery, failure)
        placed = self._place(record, dead)
        burial = self._patience.until_done(lambda: self._letters.bury(dead, name, placed))
        if burial is None:
            return []
        _alarm(record, dead)
        return self._facts_of(name, burial)

    def _dead(
        self,
        record: Fetched,
        name: ChunkName | None,
        extent: ChunkExtent,
        delivery: Delivery,
        failure: Failure,
    ) -> DeadRecord:
        return DeadRecord(
            name=name,
            extent=extent,
            delivery=delivery,
            failure=failure,
            failed_at=self._clock.now(),
            size_bytes=len(record.message.value() or b""),
        )

    def _place(self, record: Fetched, dead: DeadRecord) -> Placed:
        """Produce a dead letter and wait for its acknowledgement."""
        headers = dead_letter.dead_headers(
            header_list(record.message),
            dead.delivery,
            dead.failure,
            None if dead.name is None else dead.name.job_id,
            dead.failed_at,
        )
        letter = _copy(record.message, topic_names.CHUNKS_DLQ, headers)
        failpoint("dlq.before_ack")
        partition, offset = self._patience.until_done(lambda: self._facts.place(letter))
        failpoint("dlq.after_ack")
        return Placed(topic_names.CHUNKS_DLQ, partition, offset)

    def _facts_of(self, name: ChunkName, burial: Burial) -> list[Record]:
        now = self._clock.now()
        records = [chunk_dead_lettered_record(name, burial, now)]
        if burial.over_budget is not None:
            log.error("a job has spent its dead-letter budget", job_id=str(name.job_id))
            metrics.FAILED_JOBS.labels(burial.over_budget[1]).inc()
            records.append(writing_failed_record(name.job_id, burial.over_budget, now))
        return records


def delivery_of(record: Fetched) -> Delivery:
    """Return the story of a record up to now."""
    source, message = record.claim.source, record.message
    here = Origin(
        topic=source.topic,
        partition=source.partition,
        offset=record.claim.offset,
        timestamp_ms=max(message.timestamp()[1], 0),
    )
    return read_delivery(header_map(message), here)


def _copy(message: Message, topic: str, headers: list[tuple[str, bytes]]) -> Record:
    return Record(
        topic=topic,
        key=message.key() or b"",
        value=message.value() or b"",
        headers=tuple(headers),
    )


def _note_skip(name: ChunkName, why: str) -> None:
    metrics.CHUNKS.labels("skipped").inc()
    log.info("a failed chunk of a job is skipped", job_id=str(name.job_id), why=why)


def _alarm(record: Fetched, dead: DeadRecord) -> None:
    metrics.DEAD_LETTERS.labels(dead.failure.code).inc()
    source, name = record.claim.source, dead.name
    log.error(
        "a record is a dead letter",
        topic=source.topic,
        partition=source.partition,
        kafka_offset=record.claim.offset,
        job_id=None if name is None else str(name.job_id),
        chunk_no=None if name is None else name.chunk_no,
        attempts=dead.delivery.attempts,
        code=dead.failure.code,
        why=dead.failure.message,
    )

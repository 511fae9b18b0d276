"""Step 3: chunks come from `imports.chunks`, rows go to PostgreSQL, facts to `imports.results`.

The order is what makes it exact: the transaction, then the acknowledged fact, then the offset. A
crash between any two brings the chunk again, and the ledger answers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import structlog

from sluice.errors import Critical, Outage, Poison, Transient, UnknownVersion
from sluice.events import rows_chunked
from sluice.failpoints import failpoint
from writer import metrics
from writer.adapters.publish_chunk_written import chunk_written_record
from writer.adapters.publish_writing_failed import writing_failed_record
from writer.domain.batching import ChunkInHand, JobBatch, plan_batches
from writer.domain.repeats import RepeatPolicy, wait_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice.clock import Clock
    from sluice.events import Record
    from sluice.kafka.loop import Fetched, RecordFeed
    from sluice.kafka.partitions import Claim
    from sluice.kafka.producer import RecordProducer
    from writer.adapters.postgres_session import PostgresSession
    from writer.adapters.redis_recent import RecentInRedis
    from writer.domain.prepared import PreparedBatch
    from writer.settings import WriterSettings
    from writer.write_batch import BatchDone, BatchWriter

log = structlog.get_logger(__name__)
T = TypeVar("T")

GROUP = "sluice-writer"
FETCH_TIMEOUT_S = 0.1
"""An idle writer wakes ten times a second; a record that is there is returned at once."""
FLUSH_S = 0.5
LAST_FLUSH_S = 8.0
"""How long an ending writer waits for its last facts; the ledger pays for the rest."""
PROBE_STEP_S = 0.5
STARTING = "starting"


class Stopping(Exception):
    """The process was told to end while it waited."""


class ChunkConsumer:
    """The writer's loop. `stop` may be called from a signal handler."""

    def __init__(  # noqa: PLR0913 - what bootstrap joins; each is used
        self,
        *,
        feed: RecordFeed,
        producer: RecordProducer,
        session: PostgresSession,
        writer: BatchWriter,
        recent: RecentInRedis,
        clock: Clock,
        settings: WriterSettings,
        policy: RepeatPolicy | None = None,
    ) -> None:
        self._feed = feed
        self._producer = producer
        self._session = session
        self._writer = writer
        self._recent = recent
        self._clock = clock
        self._settings = settings
        self._policy = policy or RepeatPolicy()
        self._stopping = False
        self._unconfirmed: list[Record] = []
        self._done_when_confirmed: list[Claim] = []
        self._resend = False
        self.not_ready = STARTING

    def stop(self) -> None:
        """Finish the transaction in hand and end."""
        self._stopping = True

    def run(self) -> None:
        """Consume until told to stop, then commit and leave the group."""
        try:
            while not self._stopping:
                self.step()
        except Stopping:
            log.info("stopped while waiting; what was in hand comes again")
        self._feed.close()
        self._session.close()
        self._recent.close()

    def step(self) -> None:
        """Fetch once, and bring everything fetched to its end."""
        fetched = self._feed.fetch(self._settings.writer_fetch_records, FETCH_TIMEOUT_S)
        if self.not_ready == STARTING:
            self.not_ready = ""
        if not fetched:
            return
        chunks = [chunk for record in fetched if (chunk := self._decode(record)) is not None]
        for batch in plan_batches(chunks, self._settings.writer_chunks_per_transaction):
            if self._stopping:
                break
            self._handle(batch)
        self._confirm()

    def _decode(self, record: Fetched) -> ChunkInHand | None:
        value = record.message.value() or b""
        try:
            chunk = self._until_done(lambda: rows_chunked.decode(value))
        except Poison as error:
            self.set_aside(record, error)
            return None
        return ChunkInHand(chunk, (record.claim,))

    def set_aside(self, record: Fetched, error: Poison) -> None:
        """Pass over a record that can never be handled; what it was is in the log."""
        source = record.claim.source
        log.error(
            "a record cannot be decoded",
            topic=source.topic,
            partition=source.partition,
            kafka_offset=record.claim.offset,
            size_bytes=len(record.message.value() or b""),
            code=error.code,
        )
        metrics.CHUNKS.labels("undecodable").inc()
        self._done_when_confirmed.append(record.claim)

    def _handle(self, batch: JobBatch) -> None:
        if not any(self._feed.partitions.holds(claim) for claim in batch.claims):
            return
        with metrics.BATCH_S.time():
            records = self._facts_of(batch)
        self._unconfirmed.extend(records)
        self._done_when_confirmed.extend(batch.claims)
        self._send(records)

    def _facts_of(self, batch: JobBatch) -> list[Record]:
        """Write a batch; return what is to be said of it."""
        try:
            prepared = self._until_done(lambda: self._writer.prepare(batch))
            if prepared is None:
                self._note_skip(batch, "unknown")
                return []
            done = self._until_done(lambda: self._writer.write(prepared))
        except Critical as failure:
            return self._fail(batch, failure)
        if done.skipped:
            self._note_skip(batch, done.skipped)
            return []
        self._note(prepared, done)
        now = self._clock.now()
        return [chunk_written_record(batch.job_id, chunk, now) for chunk in done.chunks]

    def _fail(self, batch: JobBatch, failure: Critical) -> list[Record]:
        recorded = self._until_done(lambda: self._writer.fail(batch.job_id, failure))
        if recorded is None:
            return []
        log.error("a job cannot go on", job_id=str(batch.job_id), code=recorded[1])
        metrics.FAILED_JOBS.labels(recorded[1]).inc()
        return [writing_failed_record(batch.job_id, recorded, self._clock.now())]

    def _note_skip(self, batch: JobBatch, why: str) -> None:
        metrics.CHUNKS.labels("skipped").inc(len(batch.chunks))
        log.info(
            "chunks of a job are skipped", job_id=str(batch.job_id), why=why, n=len(batch.chunks)
        )

    def _note(self, prepared: PreparedBatch, done: BatchDone) -> None:
        new = [chunk.entry for chunk in done.chunks if chunk.is_new]
        metrics.CHUNKS.labels("written").inc(len(new))
        metrics.CHUNKS.labels("known").inc(len(done.chunks) - len(new))
        for outcome in ("inserted", "updated", "skipped", "failed"):
            metrics.ROWS.labels(outcome).inc(sum(getattr(entry, outcome) for entry in new))
        if new:
            self._recent.add(prepared.only({entry.chunk_no for entry in new}), done.rejections)

    def _send(self, records: list[Record]) -> None:
        """Queue facts; a failure shows again in `_confirm`, which sends all anew."""
        try:
            self._producer.send_all(records)
        except Outage as error:
            log.warning("facts wait", reason=error.reason)
            self._resend = True

    def _confirm(self) -> None:
        """Wait until the brokers have every fact, then commit the offsets of what they tell of."""
        self._until_done(self._flush)
        failpoint("writer.after_event")
        self._feed.finish(self._done_when_confirmed)
        self._unconfirmed, self._done_when_confirmed = [], []
        self._feed.commit()

    def _flush(self) -> None:
        if self._resend:
            self._producer.send_all(self._unconfirmed)
            self._resend = False
        try:
            confirmed = self._producer.flush(LAST_FLUSH_S if self._stopping else FLUSH_S)
        except Outage:
            self._resend = True
            raise
        if not confirmed:
            raise Outage("kafka", f"facts are unconfirmed after {FLUSH_S} s")

    def _until_done(self, act: Callable[[], T]) -> T:
        """Do it, and where something is in the way wait with the feed at rest and do it again.

        Raises:
            Stopping: the process shall end.
            Critical, Poison: waiting does not help.
        """
        failures = 0
        while True:
            try:
                done = act()
            except (Outage, Transient, UnknownVersion) as error:
                failures += 1
                if self._stopping:
                    raise Stopping from error
                self._rest(error, wait_s(self._policy, failures))
            else:
                if failures:
                    self._end_rest()
                return done

    def _rest(self, error: Exception, pause_s: float) -> None:
        """Stay in the group, read nothing, and look for PostgreSQL when it was the one away."""
        why = str(error)
        if self.not_ready != why:
            log.warning("nothing is read", why=why)
        self.not_ready = why
        metrics.RESTING.set(1)
        self._feed.rest("waiting", why)
        until_s = self._clock.monotonic_s() + pause_s
        while (left_s := until_s - self._clock.monotonic_s()) > 0:
            if self._stopping:
                raise Stopping from error
            self._feed.keep_alive(min(left_s, PROBE_STEP_S))

    def _end_rest(self) -> None:
        log.info("records are read again")
        self.not_ready = ""
        metrics.RESTING.set(0)
        self._feed.go_on("waiting")

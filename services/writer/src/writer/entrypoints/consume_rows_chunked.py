"""Step 3: chunks come from `imports.chunks`, rows go to PostgreSQL, facts to `imports.results`.

The order is what makes it exact: the transaction, then the acknowledged fact, then the offset. A
crash between any two brings the chunk again, and the ledger answers it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from sluice.errors import Critical, Outage, Poison, SluiceError, Transient
from sluice.events import rows_chunked
from sluice.kafka.dead_letter import Failure
from sluice.kafka.records import header_list
from writer import metrics
from writer.adapters.publish_chunk_written import chunk_written_record
from writer.adapters.publish_writing_failed import writing_failed_record
from writer.domain.batching import ChunkInHand, JobBatch
from writer.domain.dead_chunk import name_of_key
from writer.domain.failures import KILLED_ITS_WRITER, failure_of
from writer.domain.locked_targets import ChunkBusy, LockedTargets, TargetLocked, Turn
from writer.entrypoints.batches_ahead import BatchesAhead
from writer.entrypoints.chunk_traces import ChunkTraces
from writer.entrypoints.failed_chunks import delivery_of
from writer.entrypoints.patience import Stopping
from writer.entrypoints.records_in_hand import RecordsInHand, care_of
from writer.write_batch import BatchDone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sluice.clock import Clock
    from sluice.events import Record
    from sluice.kafka.loop import Fetched, RecordFeed
    from sluice.kafka.partitions import Claim, PartitionId
    from sluice.kafka.waiting_notices import WaitingNotices
    from sluice.liveness import Heartbeat
    from writer.adapters.postgres_session import PostgresSession
    from writer.adapters.postgres_starts import ChunkStarts
    from writer.adapters.redis_recent import RecentInRedis
    from writer.domain.prepared import PreparedBatch
    from writer.entrypoints.confirmed_facts import ConfirmedFacts
    from writer.entrypoints.failed_chunks import FailedChunks
    from writer.entrypoints.halt import HaltWatch
    from writer.entrypoints.housekeeping import Housekeeping
    from writer.entrypoints.patience import Patience
    from writer.settings import WriterSettings
    from writer.write_batch import BatchWriter

log = structlog.get_logger(__name__)

GROUP = "sluice-writer"
FETCH_TIMEOUT_S = 0.1
"""An idle writer wakes ten times a second; a record that is there is returned at once."""
BATCHES_AHEAD = 3
"""Nothing is fetched while so many batches wait: one that is prepared, one to follow it, and the
rest of a fetch, which is not begun before others fill it up."""
BEGIN_EVERY_S = 0.04
"""While chunks come one by one a transaction begins no sooner than that after the last one: each
costs this process, PostgreSQL and Kafka some 8 ms together. What comes alone is written at once."""
ENOUGH_BYTES = 2 * 1024 * 1024
"""Nothing waits when so much is in hand."""
FLUSH_S = 0.5
LAST_FLUSH_S = 4.0
"""How long an ending writer waits for its last facts; the ledger pays for the rest."""
MOST_STARTS = 2
"""So many writers have died with a record alone in hand before it is a dead letter."""
TABLE_LOCKED = "somebody holds a lock on the table; the import goes on when it is released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What bootstrap joins for the consumer."""

    feed: RecordFeed
    facts: ConfirmedFacts
    patience: Patience
    halt: HaltWatch
    housekeeping: Housekeeping
    failed: FailedChunks
    starts: ChunkStarts
    session: PostgresSession
    writer: BatchWriter
    recent: RecentInRedis
    notices: WaitingNotices
    heart: Heartbeat
    clock: Clock


class ChunkConsumer:
    """The writer's loop. `stop` may be called from a signal handler."""

    def __init__(self, parts: Parts, settings: WriterSettings) -> None:
        self._parts = parts
        self._feed = parts.feed
        self._facts = parts.facts
        self._patience = parts.patience
        self._locked = LockedTargets()
        self._traces = ChunkTraces()
        self._ahead = BatchesAhead(parts.writer, settings.batch_limits)
        most = settings.writer_fetch_records
        care = care_of(most, settings.writer_chunks_per_transaction)
        self._in_hand = RecordsInHand(parts.feed, most, care)
        self._tenures: dict[PartitionId, int] = {}
        self._handled = 0
        self._began_s = 0.0

    @property
    def not_ready(self) -> str:
        return self._patience.not_ready

    def stop(self) -> None:
        """Bring what is in hand to its end, and end."""
        self._patience.stop()

    def run(self) -> None:
        """Consume until told to stop, bring what is in hand to its end, leave the group."""
        try:
            while not self._patience.is_stopping:
                self.step()
            self._handle_line()
            self._settle()
        except Stopping:
            log.info("stopped while waiting; what was in hand comes again")
            with suppress(Outage):
                self._facts.flush(LAST_FLUSH_S)
                self._facts.settle()
        self._ahead.close()
        self._feed.close()
        self._parts.session.close()
        self._parts.recent.close()

    def step(self) -> None:
        """Take in hand what is there, and bring the batch whose turn it is to its end."""
        self._parts.halt.stand_while_halted()
        self._tell_of_locked_tables()
        self._parts.housekeeping.sweep_if_due()
        fetched = self._fetch()
        self._parts.heart.progress(self._handled if self._in_hand else None)
        for record in fetched:
            self._begin_tenure(record.claim)
        careful = [record for record in fetched if record.claim.with_care]
        if careful:
            self._handle_line()
        for record in careful:
            self._handle_alone(record)
        self._line_up([record for record in fetched if not record.claim.with_care])
        if self._ahead:
            self._handle(self._ahead.take())
        if self._in_hand and not self._ahead:
            self._settle()

    def _fetch(self) -> list[Fetched]:
        """Take in hand what is there; wait for it only while nothing is in hand."""
        if len(self._ahead) >= BATCHES_AHEAD or not self._in_hand.has_room:
            return []
        fetched = self._in_hand.fetch(0 if self._in_hand else FETCH_TIMEOUT_S)
        while fetched and not self._ahead and (wait_s := self._pause_s()) > 0:
            fetched += self._in_hand.fetch(wait_s)
        if fetched:
            self._began_s = self._parts.clock.monotonic_s()
        self._patience.polled()
        # Whose people are told should something be in the way. Their runs are known once read
        names = [name_of_key(record.message.key() or b"") for record in fetched]
        fresh = {name.job_id: 1 for name in names if name is not None}
        waiting = {batch.job_id: batch.metas[0].run for batch in self._ahead.waiting}
        self._patience.jobs_in_hand = fresh | waiting
        return fetched

    def _pause_s(self) -> float:
        """Return how long a small batch that follows another one closely may wait for more."""
        if not self._in_hand.has_room or self._in_hand.size_bytes >= ENOUGH_BYTES:
            return 0.0
        return self._began_s + BEGIN_EVERY_S - self._parts.clock.monotonic_s()

    def _line_up(self, records: list[Fetched]) -> None:
        chunks = [chunk for record in records if (chunk := self._decode(record)) is not None]
        self._patience.jobs_in_hand |= {chunk.meta.job_id: chunk.meta.run for chunk in chunks}
        self._ahead.add(chunks)

    def _tell(self, facts: Iterable[Record], claims: Sequence[Claim]) -> None:
        """Send facts after those before them are confirmed: by now they nearly always are."""
        if self._in_hand.told and not self._facts.are_confirmed():
            self._patience.until_done(lambda: self._facts.flush(FLUSH_S))
        self._settle_told(more_follow=True)
        self._facts.add(facts, claims)
        self._in_hand.tell(claims)

    def _settle(self) -> None:
        """Nothing waits: have the brokers confirm all that was told, and commit the offsets."""
        within_s = LAST_FLUSH_S if self._patience.is_stopping else FLUSH_S
        self._patience.until_done(lambda: self._facts.flush(within_s))
        self._settle_told()
        self._traces.end(self._in_hand.put_down())
        self._patience.jobs_in_hand = {}

    def _settle_told(self, *, more_follow: bool = False) -> None:
        if self._in_hand.told:
            self._facts.settle(more_follow=more_follow)
            self._traces.end(self._in_hand.settled())

    def _handle_line(self) -> None:
        while self._ahead:
            self._handle(self._ahead.take())

    def _begin_tenure(self, claim: Claim) -> None:
        if self._tenures.get(claim.source) != claim.tenure:
            self._patience.until_done(lambda: self._parts.starts.forget(claim))
            self._tenures[claim.source] = claim.tenure

    def _handle_alone(self, record: Fetched) -> None:
        """Handle a record that may have killed its last writer: marked, and with no other."""
        claim, starts = record.claim, self._parts.starts
        if self._patience.must_leave or not self._feed.partitions.holds(claim):
            return
        before = self._patience.until_done(lambda: starts.mark(claim))
        try:
            if before >= MOST_STARTS:
                self._tell(self._parts.failed.set_aside(record, KILLED_ITS_WRITER), [claim])
                self._parts.halt.look_soon()
            else:
                self._line_up([record])
                self._handle_line()
            self._patience.until_done(lambda: starts.clear(claim))
        except Stopping:
            with suppress(SluiceError):  # away as it may be: a leave is no death
                starts.clear(claim)
            raise

    def _decode(self, record: Fetched) -> ChunkInHand | None:
        value = record.message.value() or b""
        try:
            chunk = self._patience.until_done(lambda: rows_chunked.decode(value))
        except Poison as error:
            dead = self._parts.failed.set_aside(record, failure_of(error))
            self._tell(dead, [record.claim])
            self._parts.halt.look_soon()
            return None
        self._traces.begin(record.claim, chunk.meta, header_list(record.message))
        return ChunkInHand(
            chunk,
            (record.claim,),
            alone=delivery_of(record).attempts > 0,
            size_bytes=len(value),
        )

    def _handle(self, batch: JobBatch) -> None:
        """Bring one batch to its end, unless it is not ours any more or time is up."""
        held = any(self._feed.partitions.holds(claim) for claim in batch.claims)
        if self._patience.must_leave or not held:
            return
        self._parts.halt.stand_while_halted()
        self._parts.heart.progress(self._handled)
        turn = self._locked.turn(batch.job_id, self._parts.clock.monotonic_s())
        if turn is Turn.DEFER:
            self._defer(batch)
        elif turn is Turn.GIVE_UP:
            minutes = self._locked.policy.longest_s / 60
            why = f"the table was locked for {minutes:.0f} minutes; retry the job when it is free"
            self._tell(self._fail(batch, Critical("TARGET_LOCKED", why)), batch.claims)
        else:
            self._write(batch, turn)
        self._handled += 1
        self._patience.breathe()

    def _write(self, batch: JobBatch, turn: Turn) -> None:
        try:
            with self._traces.writing(batch.metas):
                done = self._patience.until_done(lambda: self._attempt(batch, turn))
        except Critical as failure:
            self._tell(self._fail(batch, failure), batch.claims)
        except TargetLocked:
            now_s = self._parts.clock.monotonic_s()
            self._locked.locked(batch.job_id, batch.metas[0].run, now_s)
            self._defer(batch)
        except ChunkBusy:
            self._defer(batch)
        else:
            self._table_is_free(batch)
            if isinstance(done, Failure):
                self._after(batch, done)
            else:
                self._tell(self._written(batch, done), batch.claims)

    def _attempt(self, batch: JobBatch, turn: Turn) -> BatchDone | Failure:
        """Write a batch, or return why these chunks cannot be written for now.

        The one place where an unexpected exception is caught: a bug that one chunk brings to light
        must not stop the others.
        """
        writer, session = self._parts.writer, self._parts.session
        try:
            prepared = self._ahead.prepared(batch) or writer.prepare(batch)
            if prepared is None:
                return BatchDone(skipped="unknown")
            if turn is Turn.PROBE:
                done = writer.probe(prepared, self._locked.policy.probe_lock_timeout_ms)
            else:
                done = writer.write(prepared)
        except Transient as error:
            return failure_of(error)
        except SluiceError:
            raise
        except Exception as error:
            if session.is_lost:
                raise Outage("postgres", "the connection was lost") from error
            session.close()  # whatever state it is in
            log.exception("an unexpected error in a batch", job_id=str(batch.job_id))
            return failure_of(error)
        self._note(prepared, done)
        return done

    def _after(self, batch: JobBatch, failure: Failure) -> None:
        """Try the chunks of a failed batch one by one; a chunk that fails alone goes its way."""
        if len(batch.chunks) > 1:
            log.info("the chunks of a batch are tried one by one", why=failure.message)
            for single in batch.one_by_one():
                self._handle(single)
            return
        chunk = batch.chunks[0]
        record = self._in_hand.record_of(chunk)
        self._tell(self._parts.failed.escalate(record, chunk.meta, failure), batch.claims)
        self._parts.halt.look_soon()

    def _defer(self, batch: JobBatch) -> None:
        """Send the chunks round untried, while somebody holds their table."""
        metrics.CHUNKS.labels("deferred").inc(len(batch.chunks))
        brought = [self._in_hand.record_of(chunk) for chunk in batch.chunks]
        self._tell([self._parts.failed.defer(record) for record in brought], batch.claims)

    def _table_is_free(self, batch: JobBatch) -> None:
        if self._locked.free(batch.job_id):
            self._parts.notices.go_on([batch.job_id])

    def _tell_of_locked_tables(self) -> None:
        jobs = self._locked.waiting(self._parts.clock.monotonic_s())
        if jobs:
            self._parts.notices.waits(jobs.items(), "target-table", TABLE_LOCKED)

    def _written(self, batch: JobBatch, done: BatchDone) -> list[Record]:
        if done.skipped:
            metrics.CHUNKS.labels("skipped").inc(len(batch.chunks))
            log.info(
                "chunks of a job are skipped",
                job_id=str(batch.job_id),
                why=done.skipped,
                n=len(batch.chunks),
            )
        now = self._parts.clock.now()
        facts = [
            chunk_written_record(
                batch.job_id,
                chunk,
                now,
                dry_run=done.dry_run,
                traceparent=self._traces.traceparent(batch.job_id, chunk.entry.chunk_no),
            )
            for chunk in done.chunks
        ]
        return facts if done.failure is None else [*facts, *self._fail(batch, done.failure)]

    def _fail(self, batch: JobBatch, failure: Critical) -> list[Record]:
        self._table_is_free(batch)
        writer = self._parts.writer
        recorded = self._patience.until_done(lambda: writer.fail(batch.job_id, failure))
        if recorded is None:
            return []
        log.error("a job cannot go on", job_id=str(batch.job_id), code=recorded[1])
        metrics.FAILED_JOBS.labels(recorded[1]).inc()
        return [writing_failed_record(batch.job_id, recorded, self._parts.clock.now())]

    def _note(self, prepared: PreparedBatch, done: BatchDone) -> None:
        new = [chunk.entry for chunk in done.chunks if chunk.is_new]
        metrics.CHUNKS.labels("written").inc(len(new))
        metrics.CHUNKS.labels("known").inc(len(done.chunks) - len(new))
        for outcome in ("inserted", "updated", "skipped", "failed"):
            metrics.ROWS.labels(outcome).inc(sum(getattr(entry, outcome) for entry in new))
        if new:
            metrics.ROADS.labels(done.road.name.lower()).inc()
            self._parts.recent.add(
                prepared.only({entry.chunk_no for entry in new}), done.rejections
            )

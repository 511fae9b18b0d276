"""The writer's stages: validate, COPY, the ledger's transaction, and the three together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from tests.benchmarks.stages.inputs import encoded_chunks, insert_job, writer_settings
from tests.benchmarks.stages.meter import metered
from tests.table_facts import empty_orders

from sluice.clock import SystemClock
from sluice.events import rows_chunked
from writer.adapters.import_target import TargetValidation
from writer.adapters.postgres_rejected import RejectedRows
from writer.adapters.postgres_rows import copy_into_target
from writer.adapters.postgres_session import PostgresSession
from writer.domain.batching import ChunkInHand, plan_batches
from writer.write_batch import BatchWriter

if TYPE_CHECKING:
    from tests.benchmarks.stages.meter import Spent

    from writer.domain.batching import JobBatch
    from writer.domain.prepared import PreparedBatch


class Bench:
    """A writer's parts without its consumer, and all batches of a job that it can write."""

    def __init__(self) -> None:
        settings = writer_settings()
        self.session = PostgresSession(settings)
        self.writer = BatchWriter(
            session=self.session,
            validation=TargetValidation(),
            rejected=RejectedRows(settings.max_stored_errors),
            clock=SystemClock(),
        )
        self._url = settings.database_url.get_secret_value()
        self._limits = settings.batch_limits
        self._fetched = settings.writer_fetch_records
        empty_orders(self._url)

    def batches(self) -> list[JobBatch]:
        """Return the chunks in the batches that a writer makes of what it fetches."""
        job_id = uuid4()
        insert_job(self._url, job_id)
        chunks = [
            ChunkInHand(rows_chunked.decode(value), (), size_bytes=len(value))
            for _, value in encoded_chunks(job_id)
        ]
        found: list[JobBatch] = []
        for start in range(0, len(chunks), self._fetched):
            found += plan_batches(chunks[start : start + self._fetched], self._limits)
        self._prepare(found[0])  # reads the job
        with psycopg.connect(self._url, autocommit=True) as conn:
            conn.execute("CHECKPOINT")
        return found

    def prepared(self) -> list[PreparedBatch]:
        return [self._prepare(batch) for batch in self.batches()]

    def _prepare(self, batch: JobBatch) -> PreparedBatch:
        prepared = self.writer.prepare(batch)
        assert prepared is not None
        return prepared


def validate() -> Spent:
    """Convert and check the cells of decoded chunks, in batches."""
    bench = Bench()
    batches = bench.batches()
    with metered() as spent:
        for batch in batches:
            bench.writer.prepare(batch)
    return spent


def copy() -> Spent:
    """COPY validated rows into the real table, a transaction for each batch."""
    bench = Bench()
    batches = bench.prepared()
    conn = bench.session.connection()
    with metered() as spent:
        for batch in batches:
            with conn.transaction():
                copy_into_target(conn, batch)
    return spent


def ledger() -> Spent:
    """Do everything of the transactions but the rows: gates, claims, times, COMMIT."""
    bench = Bench()
    # A dry run into a table without a twin writes no row
    batches = [_without_rows(batch) for batch in bench.prepared()]
    with metered() as spent:
        for batch in batches:
            bench.writer.write(batch)
    return spent


def _without_rows(batch: PreparedBatch) -> PreparedBatch:
    return replace(batch, plan=replace(batch.plan, dry_run=True))


def write() -> Spent:
    """Validate and write decoded chunks: all that a writer does between two fetches."""
    bench = Bench()
    batches = bench.batches()
    with metered() as spent:
        for batch in batches:
            prepared = bench.writer.prepare(batch)
            assert prepared is not None
            bench.writer.write(prepared)
    return spent

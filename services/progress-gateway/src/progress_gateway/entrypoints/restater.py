"""Step 4: states again, from the rows they rest on, the facts that the fold lacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from progress_gateway.adapters import settlements
from progress_gateway.adapters.job_records import written_chunks
from progress_gateway.domain.missing import RepairMemory, lacking
from progress_gateway.domain.restatement import LedgerFacts, restated_facts
from progress_gateway.entrypoints.settler_metrics import RESTATED
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.missing import Lacking
    from progress_gateway.domain.progress import JobProgress
    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.events import ChunkDeadLettered, Fact
    from sluice.kafka.producer import RecordProducer

log = structlog.get_logger(__name__)

KAFKA = "kafka"
CONFIRMED_WITHIN_S = 4.0
KAFKA_REST_S = 5.0
"""After Kafka did not confirm, nothing is stated for so long: rows and controls go on meanwhile."""


@dataclass(slots=True, kw_only=True)
class Restater:
    """Every method that states facts waits for the broker, and raises `Outage` without it."""

    producer: RecordProducer
    clock: Clock
    _rests_until_s: float = 0.0
    _memories: dict[UUID, RepairMemory] = field(default_factory=dict)

    def forget_all_but(self, job_ids: Collection[UUID]) -> None:
        """Forget what other jobs lacked."""
        for job_id in set(self._memories) - set(job_ids):
            del self._memories[job_id]

    def repair(self, conn: Connection, record: JobRecord, state: JobProgress) -> None:
        """State again what the fold has lacked for a while."""
        chunks = _chunks_to_compare(conn, record, state)
        dead = _dead(conn, record)
        lacks = lacking(record, chunks, state, dead)
        memory = self._memories.setdefault(record.job_id, RepairMemory())
        now_s = self.clock.monotonic_s()
        due = memory.due(lacks.names(), now_s)
        if due:
            self._restate(conn, record, lacks.only(due), dead)
            memory.stated(due, now_s)

    def repair_now(self, conn: Connection, record: JobRecord, state: JobProgress) -> int:
        """State all that the fold lacks; return how many written chunks the log has by then."""
        chunks, dead = written_chunks(conn, record.job_id), _dead(conn, record)
        lacks = lacking(record, chunks, state, dead)
        if lacks:
            self._restate(conn, record, lacks, dead)
        return len(chunks)

    def repair_end(self, record: JobRecord, state: JobProgress) -> None:
        """State again what comes with a job's end and after it, where the fold lacks it."""
        lacks = lacking(record, (), state).after_end()
        if lacks:
            self.produce(restated_facts(record, lacks, LedgerFacts()))

    def _restate(
        self,
        conn: Connection,
        record: JobRecord,
        lacks: Lacking,
        dead: Sequence[ChunkDeadLettered],
    ) -> None:
        written = settlements.chunk_facts(conn, record.job_id, lacks.chunks) if lacks.chunks else []
        self.produce(restated_facts(record, lacks, LedgerFacts(written=written, dead=dead)))

    def produce(self, facts: Sequence[Fact], *, repair: bool = True) -> None:
        """State facts of one job."""
        if self.clock.monotonic_s() < self._rests_until_s:
            raise Outage(KAFKA, "it did not confirm a moment ago")
        now = self.clock.now()
        try:
            self.producer.send_all(
                settlements.record_of(fact, now, repair=repair) for fact in facts
            )
            self.producer.confirm(CONFIRMED_WITHIN_S)
        except Outage:
            # They are made again from their rows: kept, they would pile up through an outage
            self.producer.drop_queued()
            self._rests_until_s = self.clock.monotonic_s() + KAFKA_REST_S
            raise
        if not repair:
            return
        for fact in facts:
            RESTATED.labels(fact.NAME).inc()
        log.info("facts were stated again", job_id=str(facts[0].job_id), facts=len(facts))


def _chunks_to_compare(conn: Connection, record: JobRecord, state: JobProgress) -> frozenset[int]:
    if state.written_chunks >= record.ledger.written_chunks:
        return frozenset()
    return written_chunks(conn, record.job_id)


def _dead(conn: Connection, record: JobRecord) -> list[ChunkDeadLettered]:
    if not record.ledger.dead_chunks:
        return []
    return settlements.dead_chunk_facts(conn, record.job_id)

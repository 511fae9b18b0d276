"""Step 4: a job's row goes on, and ends once: under its gate, with its facts in the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.rows import dict_row

from progress_gateway.adapters.job_records import PACKAGE, read_job
from progress_gateway.domain.settlement import finished_facts, settlement_of, started_fact
from progress_gateway.domain.settlement_after_end import healed_facts, settlement_after_end
from sluice import tracing
from sluice.db import job_gate, outbox
from sluice.db.statements import statement
from sluice.events import ChunkDeadLettered, ChunkWritten, Fact, Record, to_record
from sluice.events.chunk_written import REJECTED_IN_FACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.progress import JobProgress
    from progress_gateway.domain.settlement import Settlement
    from sluice.db.pool import Connection

SOURCE = "progress-gateway"
CHAIN_PASSES = 32
"""Enough for any chain of displaced lines: each pass halves it."""
REPAIR_HEADER = ("sluice-repair", "1")


def record_of(fact: Fact, now: datetime, *, repair: bool = False) -> Record:
    """Return a fact as the settler states it."""
    headers = [REPAIR_HEADER] if repair else []
    traceparent = tracing.current().traceparent
    return to_record(fact, source=SOURCE, now=now, traceparent=traceparent, extra_headers=headers)


def go_on(conn: Connection, settlement: Settlement, now: datetime) -> bool:
    """Write the counters and the status of an unfinished job; False when its run has passed."""
    with conn.transaction():
        found = conn.execute(statement(PACKAGE, "update_unfinished"), settlement.row()).fetchone()
        if found is not None and settlement.begins:
            _put_start(conn, settlement.record, now)
    return found is not None


def finish(
    conn: Connection,
    job_id: UUID,
    *,
    stated_chunks: int,
    fold_version: int,
    root_state: JobProgress | None,
    now: datetime,
) -> Settlement | None:
    """End a job in one transaction under its gate, where its ledger cannot grow.

    With a correction its root is settled too: nobody sees the one without the other.

    Args:
        conn: a connection in autocommit mode.
        job_id: the job.
        stated_chunks: of so many written chunks the facts are on the broker; with more in the
            ledger by now, nothing is done.
        fold_version: the version that the fold shows, where it can be told.
        root_state: of a correction: what the fold has of its root, where it can be told.
        now: for the facts.

    Returns:
        How it ended; None when it did not: not accounted, more chunks, or ended by another.
    """
    with conn.transaction():
        job_gate.pass_alone(conn, job_id)
        record = read_job(conn, job_id)
        if record is None or record.status.is_terminal:
            return None
        settlement = settlement_of(record, fold_version)
        if not settlement.status.is_terminal or record.ledger.written_chunks > stated_chunks:
            return None
        if conn.execute(statement(PACKAGE, "finish_job"), settlement.row()).fetchone() is None:
            return None
        if record.own_ledger.failed:
            _name_partners(conn, job_id)
        if settlement.begins:
            _put_start(conn, record, now)
        for fact in finished_facts(settlement):
            put(conn, fact, now)
        if record.correction_of is not None:
            settle_root(conn, record, root_state, now)
    return settlement


def _name_partners(conn: Connection, job_id: UUID) -> None:
    """Let each rejected duplicate name the line that is in the table, now that all are known."""
    # Without statistics of fresh rows a nested loop may be chosen, and compare each with each
    conn.execute("SET LOCAL enable_nestloop = off")
    for _ in range(CHAIN_PASSES):
        if not conn.execute(statement(PACKAGE, "name_partners"), {"job": job_id}).rowcount:
            break
    conn.execute("SET LOCAL enable_nestloop = on")


def _put_start(conn: Connection, record: JobRecord, now: datetime) -> None:
    """Say outside that a run has begun; a dry run is nobody's business there."""
    if not record.dry_run:
        put(conn, started_fact(record), now)


def put(conn: Connection, fact: Fact, now: datetime) -> None:
    """Put a fact into the outbox, in the transaction that makes it true."""
    outbox.put(conn, fact.job_id, record_of(fact, now))


def chunk_facts(conn: Connection, job_id: UUID, chunks: Iterable[int]) -> list[ChunkWritten]:
    """Return the facts of written chunks, as their ledger entries tell them."""
    parameters = {"job": job_id, "chunks": list(chunks), "rejected": REJECTED_IN_FACT}
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement(PACKAGE, "chunk_facts"), parameters)
        return [ChunkWritten(job_id=job_id, **row) for row in cursor]


def dead_chunk_facts(conn: Connection, job_id: UUID) -> list[ChunkDeadLettered]:
    """Return the facts of a job's dead chunks, as ledger and dead letters tell them."""
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement(PACKAGE, "dead_chunk_facts"), {"job": job_id})
        return [ChunkDeadLettered(job_id=job_id, **row) for row in cursor]


def settle_root(
    conn: Connection, correction: JobRecord, state: JobProgress | None, now: datetime
) -> None:
    """Settle the root of a correction that ends in this transaction, under both gates.

    The correction's gate comes first, here as in the writers: so they never wait for each other
    in a circle.
    """
    root_id = correction.correction_of
    if root_id is None:
        return
    job_gate.pass_alone(conn, root_id)
    root = read_job(conn, root_id)
    if root is None:
        return
    own = [each for each in root.healings if each.correction_id == correction.job_id]
    facts: list[Fact] = [*healed_facts(root, own)]
    settlement = settlement_after_end(root, state)
    if conn.execute(statement(PACKAGE, "update_ended"), settlement.row()).fetchone() and facts:
        facts += finished_facts(settlement)
    for fact in facts:
        put(conn, fact, now)


def refresh_ended(conn: Connection, settlement: Settlement) -> bool:
    """Write what corrections that still go on have made of a job's counters, nothing else.

    Outside of the gates: False when the job was settled, or told of more, since it was read.
    """
    found = conn.execute(statement(PACKAGE, "refresh_ended"), settlement.row()).fetchone()
    return found is not None


def settle_undo(
    conn: Connection, job_id: UUID, state: JobProgress | None, now: datetime
) -> Settlement | None:
    """End a job as undone, in one transaction under its gate; None when it is not."""
    with conn.transaction():
        job_gate.pass_alone(conn, job_id)
        record = read_job(conn, job_id)
        if record is None or record.undoing is None or not record.undoing.done:
            return None
        settlement = settlement_after_end(record, state)
        ended = conn.execute(statement(PACKAGE, "update_ended"), settlement.row()).fetchone()
        conn.execute(statement(PACKAGE, "settle_undo"), {"job": job_id})
        if ended is None:
            return None
        for fact in finished_facts(settlement):
            put(conn, fact, now)
    return settlement


def heal_letters(conn: Connection, job_ids: Sequence[UUID]) -> int:
    """Mark the dead letters of these jobs whose chunks are written by now; return how many."""
    return conn.execute(statement(PACKAGE, "heal_letters"), {"jobs": list(job_ids)}).rowcount

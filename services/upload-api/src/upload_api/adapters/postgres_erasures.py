"""Erases jobs: what decides at once behind the gate, what is much in batches behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Identifier

from sluice.db import job_gate
from sluice.db.statements import statement
from sluice.job_status import JobStatus
from upload_api.adapters.gate_patience import GateBusy, patiently
from upload_api.adapters.postgres_audit import put_audit
from upload_api.domain.erasure_rules import (
    UNDO_STUCK_AFTER,
    ErasableJob,
    EraseRefused,
    check_erasable,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Actor

PACKAGE: Final = "upload_api"
BATCH_ROWS: Final = 20_000
SMALL_TABLES: Final = ("chunks", "error_counts", "job_failures", "outbox")
LARGE_TABLES: Final = ("rejected_rows", "rejected_lines", "replaced_rows", "undo_rows")
"""A million rows each: deleted in batches, since a transaction's statement has 30 s."""

_OF_JOB = SQL("DELETE FROM sluice.{} WHERE job_id = ANY(%s)")
_BATCH = SQL(
    "DELETE FROM sluice.{table} WHERE ctid = ANY(ARRAY("
    "SELECT ctid FROM sluice.{table} WHERE job_id = %s LIMIT %s))"
)
_REPLAY_LETTERS = """
DELETE FROM sluice.replay_letters WHERE dead_letter_id IN (
    SELECT dead_letter_id FROM sluice.dead_letters WHERE job_id = ANY(%s))
"""
_ANSWERS = """
UPDATE sluice.idempotency_keys SET duplicate_of = NULL WHERE duplicate_of = ANY(%s)
"""
_REPLAYS = "DELETE FROM sluice.replays WHERE selection ->> 'jobId' = ANY(%s::text[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An erased job of which something may be left: rows, its file, its keys in Redis."""

    job_id: UUID
    file_url: str


def begin_erasure(conn: Connection, job_id: UUID, actor: Actor, reason: str) -> None:
    """Erase a job and its corrections: from the commit on they are unknown to everybody.

    Raises:
        EraseRefused: its state does not allow it.
        GateBusy: a gate was not free in time.
    """
    patiently(conn, job_id, lambda: _begin_once(conn, job_id, actor, reason))


def _begin_once(conn: Connection, job_id: UUID, actor: Actor, reason: str) -> None:
    with conn.transaction():
        # As writers do: a correction's gate before its root's
        rows = conn.execute(statement(PACKAGE, "list_corrections"), {"job_id": job_id})
        corrections = [correction for (correction,) in rows]
        for gate in (*corrections, job_id):
            job_gate.pass_alone(conn, gate)
        if _checked(conn, job_id) != corrections:
            raise GateBusy(f"job {job_id} got a correction meanwhile")
        values = {"job_id": job_id}
        conn.execute(statement(PACKAGE, "begin_erasure"), values)
        _delete_small(conn, [job_id, *corrections])
        conn.execute(statement(PACKAGE, "delete_job"), values)
        details = {"corrections": len(corrections), "reason": reason}
        put_audit(conn, "job_erased", actor, job_id, details)


def _checked(conn: Connection, job_id: UUID) -> list[UUID]:
    """Return the corrections of a job that can be erased."""
    values = {"job_id": job_id, "undo_stuck_after": UNDO_STUCK_AFTER}
    row = conn.execute(statement(PACKAGE, "find_erasable"), values).fetchone()
    if row is None:
        raise EraseRefused("The job was erased meanwhile.")
    status, root_id, undo_runs, statuses, corrections = row
    job = ErasableJob(
        status=JobStatus(status),
        root_id=root_id,
        undo_runs=undo_runs,
        corrections=tuple(map(JobStatus, statuses)),
    )
    check_erasable(job)
    return list(corrections)


def _delete_small(conn: Connection, job_ids: list[UUID]) -> None:
    conn.execute(_REPLAY_LETTERS, [job_ids])
    conn.execute(_REPLAYS, [job_ids])
    conn.execute(_ANSWERS, [job_ids])
    for table in ("dead_letters", *SMALL_TABLES):
        conn.execute(_OF_JOB.format(Identifier(table)), [job_ids])


def open_erasures(conn: Connection) -> list[Erasure]:
    """Return the erasures that have not come to their end, the oldest first."""
    rows = conn.execute(statement(PACKAGE, "list_erasures"))
    return [Erasure(job_id=job_id, file_url=file_url) for job_id, file_url in rows]


def delete_large(conn: Connection, job_id: UUID) -> None:
    """Delete what may be millions of rows; each batch is a transaction of its own."""
    for table in LARGE_TABLES:
        delete_batches(conn, table, job_id)


def delete_batches(conn: Connection, table: str, job_id: UUID) -> None:
    batch = _BATCH.format(table=Identifier(table))
    while conn.execute(batch, [job_id, BATCH_ROWS]).rowcount:
        pass


def end_erasure(conn: Connection, job_id: UUID) -> bool:
    """Forget an erasure that has left nothing; False: another process is still deleting rows."""
    return conn.execute(statement(PACKAGE, "end_erasure"), {"job_id": job_id}).rowcount > 0

"""What the writer reads of jobs, and the one thing it states of them: that they cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.db import job_gate
from sluice.job_status import Desired, JobStatus
from writer.adapters.sql_files import statement
from writer.domain.job_state import JobState
from writer.domain.prepared import StoredJob

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection


def read_job(conn: Connection, job_id: UUID) -> StoredJob | None:
    """Return the immutable part of a job; None when it is erased or was never here."""
    row = conn.execute(statement("read_job"), {"job_id": job_id}).fetchone()
    if row is None:
        return None
    names = (
        "mode",
        "target_definition",
        "layout",
        "root_id",
        "root_layout",
        "dry_run",
        "max_error_percent",
    )
    return StoredJob(job_id=job_id, **dict(zip(names, row, strict=True)))


def read_state(conn: Connection, job_id: UUID) -> JobState | None:
    """Return whether a job goes on; to be called behind the job's gate."""
    row = conn.execute(statement("read_job_state"), {"job_id": job_id}).fetchone()
    if row is None:
        return None
    desired, status, run, has_failure, is_undone = row
    return JobState(Desired(desired), JobStatus(status), run, has_failure, is_undone)


def record_failure(
    conn: Connection, job_id: UUID, code: str, message: str
) -> tuple[int, str, str] | None:
    """Commit why the job's current run cannot go on; return (run, code, message) on record.

    None: the job is gone. The first reason of a run stays, whoever found it.
    """
    with conn.transaction():
        job_gate.pass_together(conn, job_id)
        return insert_failure(conn, job_id, code, message)


def insert_failure(
    conn: Connection, job_id: UUID, code: str, message: str
) -> tuple[int, str, str] | None:
    """Do the same within the caller's transaction, behind the job's gate."""
    values = {"job_id": job_id, "code": code, "message": message}
    conn.execute(statement("insert_job_failure"), values)
    row = conn.execute(statement("read_job_failure"), {"job_id": job_id}).fetchone()
    return None if row is None else (row[0], row[1], row[2])

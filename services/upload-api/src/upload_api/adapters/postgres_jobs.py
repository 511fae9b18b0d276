"""The jobs' table, as upload-api writes and reads it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sluice.db.pool import is_outage
from sluice.db.statements import statement
from sluice.errors import Outage
from upload_api.adapters.postgres_audit import Actor, put_audit
from upload_api.adapters.postgres_slots import take_slot, wait_for_turn
from upload_api.adapters.publish_job_created import put_job_created

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sluice.auth.access import User
    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Caller

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """All that a job begins with."""

    job_id: UUID
    owner_id: UUID
    target: str
    target_definition: Mapping[str, Any]
    mode: str
    layout: Mapping[str, Any]
    file_name: str
    file_url: str
    file_size_bytes: int
    file_sha256: bytes
    total_rows: int


class CommitUnknown(Outage):
    """The connection was lost while the job was committed: it may exist, or not."""


def insert_job(
    conn: Connection, job: NewJob, caller: Caller, max_unfinished: int, now: datetime
) -> UUID | None:
    """Insert a job, its `job-created` and its audit row in one transaction.

    Returns:
        The owner's newest earlier job of the same bytes, or None.

    Raises:
        NoSlotFree: the owner has as many unfinished jobs as they may have.
        CommitUnknown: PostgreSQL went away while it committed; see `was_committed`.
    """
    complete = False
    try:
        with conn.transaction():
            take_slot(conn, job.owner_id, max_unfinished)
            found = _insert(conn, job, caller, now)
            complete = True
    except psycopg.OperationalError as error:
        if complete and is_outage(error):
            raise CommitUnknown("postgres", "the connection was lost at COMMIT") from error
        raise
    return found


def was_committed(conn: Connection, job: NewJob) -> bool:
    """Tell for good whether a job exists whose commit is unknown.

    The transaction in question holds its owner's turn: who has it next knows that it is over.

    Raises:
        Outage: it cannot be told yet.
    """
    try:
        with conn.transaction():
            wait_for_turn(conn, job.owner_id)
            return bool(existing_jobs(conn, [job.job_id]))
    except psycopg.errors.LockNotAvailable as error:
        raise Outage("postgres", "a transaction of this user does not end") from error


def _insert(conn: Connection, job: NewJob, caller: Caller, now: datetime) -> UUID | None:
    values = asdict(job) | {
        "target_definition": Jsonb(job.target_definition),
        "layout": Jsonb(job.layout),
        "now": now,
    }
    found = conn.execute(statement(PACKAGE, "find_duplicate"), values).fetchone()
    conn.execute(statement(PACKAGE, "insert_job"), values)
    put_job_created(conn, job, now)
    details = {"target": job.target, "fileSizeBytes": job.file_size_bytes}
    put_audit(conn, "job_created", Actor(user_id=job.owner_id, caller=caller), job.job_id, details)
    return found[0] if found else None


def get_job(conn: Connection, job_id: UUID) -> dict[str, Any] | None:
    """Return a job's row, by column."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "get_job"), {"job_id": job_id}).fetchone()


def list_jobs(
    conn: Connection,
    user: User,
    status: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return the jobs that a user sees, newest first, older than `before`."""
    values = {
        "sees_all": user.is_operator,
        "user_id": user.user_id,
        "status": status,
        "before": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_jobs"), values).fetchall()


def list_row_errors(
    conn: Connection, job_id: UUID, after: tuple[int, int], limit: int
) -> list[dict[str, Any]]:
    """Return errors in sheet order, behind the (line, error number) of `after`."""
    values = {"job_id": job_id, "line": after[0], "error_no": after[1], "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_row_errors"), values).fetchall()


def existing_jobs(conn: Connection, job_ids: list[UUID]) -> set[UUID]:
    """Return which of these are jobs."""
    rows = conn.execute(statement(PACKAGE, "existing_jobs"), {"job_ids": job_ids})
    return {row[0] for row in rows}

"""The jobs' table, as upload-api writes and reads it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sluice.db import job_gate
from sluice.db.pool import is_outage
from sluice.db.statements import statement
from sluice.errors import Outage
from upload_api.adapters.postgres_audit import Actor, put_audit
from upload_api.adapters.postgres_idempotency import bind_key
from upload_api.adapters.postgres_roots import find_root
from upload_api.adapters.postgres_slots import take_slot, wait_for_turn
from upload_api.adapters.publish_job_created import put_job_created
from upload_api.domain.corrections import CorrectionRefused, check_correctable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sluice.auth.access import User
    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Caller
    from upload_api.domain.idempotency import KeyClaim

PACKAGE = "upload_api"


class JobScope(StrEnum):
    """Which jobs a list is of; `visible` is mine and those shared with me."""

    MINE = "mine"
    SHARED = "shared"
    VISIBLE = "visible"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs somebody wants to see; what is None does not restrict."""

    user: User
    scope: JobScope
    statuses: tuple[str, ...] | None = None
    target: str | None = None
    name_part: str | None = None
    """A part of the file's name, in any case."""


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
    dry_run: bool = False
    correction_of: UUID | None = None
    mapping_name: str | None = None
    mapping_version: int | None = None
    max_error_percent: float | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedKey:
    """The idempotency key that a job is made under, and what it was used for."""

    claim: KeyClaim
    fingerprint: bytes


class CommitUnknown(Outage):
    """The connection was lost while the job was committed: it may exist, or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTerms:
    """What holds for whoever makes a job."""

    caller: Caller
    max_unfinished: int
    key: UsedKey | None = None


def insert_job(conn: Connection, job: NewJob, terms: JobTerms, now: datetime) -> UUID | None:
    """Insert a job, its `job-created` and its audit row in one transaction.

    Returns:
        The owner's newest earlier job of the same bytes and target, or None.

    Raises:
        NoSlotFree: the owner has as many unfinished jobs as they may have.
        KeyInFlight: another upload took the idempotency key.
        CorrectionRefused: what happened to the corrected job meanwhile forbids it.
        CommitUnknown: PostgreSQL went away while it committed; see `was_committed`.
    """
    complete = False
    try:
        with conn.transaction():
            if job.correction_of is not None:  # before the slot, as everybody takes the two
                _check_root(conn, job.correction_of)
            take_slot(conn, job.owner_id, terms.max_unfinished)
            found = _insert(conn, job, terms, now)
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


def _check_root(conn: Connection, root_id: UUID) -> None:
    job_gate.pass_together(conn, root_id)
    root = find_root(conn, root_id)
    if root is None:
        raise CorrectionRefused("The job was erased meanwhile.")
    check_correctable(root)


def _insert(conn: Connection, job: NewJob, terms: JobTerms, now: datetime) -> UUID | None:
    values = asdict(job) | {
        "target_definition": Jsonb(job.target_definition),
        "layout": Jsonb(job.layout),
        "now": now,
    }
    duplicate_of = None
    if job.correction_of is None:  # of few rows, and the same ones may be wrong twice
        duplicate_of = find_duplicate(conn, job.owner_id, job.file_sha256, job.target)
    conn.execute(statement(PACKAGE, "insert_job"), values)
    if terms.key is not None:
        bind_key(conn, terms.key.claim, terms.key.fingerprint, duplicate_of)
    put_job_created(conn, job, now)
    actor = Actor(user_id=job.owner_id, caller=terms.caller)
    put_audit(conn, "job_created", actor, job.job_id, _audited(job))
    return duplicate_of


def find_duplicate(
    conn: Connection, owner_id: UUID, file_sha256: bytes, target: str
) -> UUID | None:
    """Return the newest job of the owner that wrote this content into this target, and stands."""
    values = {"owner_id": owner_id, "file_sha256": file_sha256, "target": target}
    row = conn.execute(statement(PACKAGE, "find_duplicate"), values).fetchone()
    return row[0] if row else None


def _audited(job: NewJob) -> dict[str, Any]:
    details: dict[str, Any] = {"target": job.target, "fileSizeBytes": job.file_size_bytes}
    if job.dry_run:
        details["dryRun"] = True
    if job.correction_of is not None:
        details["correctionOf"] = str(job.correction_of)
    return details


def get_job(conn: Connection, job_id: UUID) -> dict[str, Any] | None:
    """Return a job's row, by column."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "get_job"), {"job_id": job_id}).fetchone()


def list_jobs(
    conn: Connection, wanted: JobFilter, before: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return the jobs that a filter chooses, newest first, older than `before`."""
    values = {
        "user_id": wanted.user.user_id,
        "role": wanted.user.role,
        "scope": wanted.scope,
        "statuses": list(wanted.statuses) if wanted.statuses else None,
        "target": wanted.target,
        "name_part": wanted.name_part,
        "before": before[0] if before else None,
        "before_id": before[1] if before else None,
        "limit": limit,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_jobs"), values).fetchall()


def existing_jobs(conn: Connection, job_ids: list[UUID]) -> set[UUID]:
    """Return which of these are jobs."""
    rows = conn.execute(statement(PACKAGE, "existing_jobs"), {"job_ids": job_ids})
    return {row[0] for row in rows}

"""Jobs as PostgreSQL has them: row, manifest or failure, and the ledger added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg.rows import dict_row

from progress_gateway.domain.after_end import Healing, Undoing
from progress_gateway.domain.job_record import JobRecord, ParseRecord
from sluice.db.statements import statement
from sluice.job_status import Desired, Failure, JobStatus, LedgerSums, Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sluice.db.pool import Connection

PACKAGE = "progress_gateway"


def read_jobs(conn: Connection, job_ids: Sequence[UUID]) -> list[JobRecord]:
    """Return these jobs, oldest first; unknown ones are left out."""
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement(PACKAGE, "read_jobs"), {"jobs": list(job_ids)})
        return [_record(row) for row in cursor]


def read_job(conn: Connection, job_id: UUID) -> JobRecord | None:
    """Return one job; None when there is none."""
    return next(iter(read_jobs(conn, [job_id])), None)


def unfinished_jobs(conn: Connection) -> list[UUID]:
    """Return the jobs that are to be settled, oldest first."""
    return [row[0] for row in conn.execute(statement(PACKAGE, "unfinished_jobs"))]


def lately_finished_jobs(conn: Connection) -> list[UUID]:
    """Return the jobs whose end the fold may have missed."""
    return [row[0] for row in conn.execute(statement(PACKAGE, "lately_finished_jobs"))]


def jobs_changed_after_end(conn: Connection) -> list[UUID]:
    """Return the jobs that corrections or undos are changing: few, whatever has ended."""
    return [row[0] for row in conn.execute(statement(PACKAGE, "jobs_changed_after_end"))]


def written_chunks(conn: Connection, job_id: UUID) -> frozenset[int]:
    """Return the chunk numbers of a job's `written` ledger entries."""
    rows = conn.execute(statement(PACKAGE, "written_chunks"), {"job": job_id})
    return frozenset(row[0] for row in rows)


def _record(row: dict[str, Any]) -> JobRecord:
    return JobRecord(
        job_id=row["job_id"],
        run=row["run"],
        started_run=row["started_run"],
        control_seq=row["control_seq"],
        status=JobStatus(row["status"]),
        desired=Desired(row["desired"]),
        version=row["version"],
        target=row["target"],
        file_name=row["file_name"],
        estimated_rows=row["estimated_rows"],
        own_ledger=LedgerSums(
            written_chunks=row["written_chunks"],
            dead_chunks=row["dead_chunks"],
            inserted=row["inserted"],
            updated=row["updated"],
            skipped=row["skipped"],
            failed=row["failed"],
        ),
        covered_bytes=row["covered_bytes"],
        parse=_parse(row),
        writing_failure=_failure(row, "writing"),
        settled_failure=_failure(row, "settled"),
        elapsed_s=row["elapsed_s"],
        age_s=row["age_s"],
        traceparent=row["traceparent"],
        dry_run=row["dry_run"],
        correction_of=row["correction_of"],
        healings=tuple(
            Healing(correction_id=UUID(correction_id), **sums)
            for correction_id, sums in sorted((row["healings"] or {}).items())
        ),
        is_in_correction=row["is_in_correction"],
        undoing=_undoing(row),
    )


def _undoing(row: dict[str, Any]) -> Undoing | None:
    """Return the undo as its newest fact tells it: the last one comes behind all batches."""
    if row["undo_state"] is None:
        return None
    done = row["undo_state"] == "done"
    return Undoing(
        batch=row["undo_batches"] + done,
        done=done,
        total=row["undo_total"],
        reversed=row["undo_reversed"],
        kept=row["undo_kept"],
        refused=row["undo_refused"],
    )


def _parse(row: dict[str, Any]) -> ParseRecord | None:
    if row["parse_run"] is None:
        return None
    manifest = None
    if row["manifest_chunks"] is not None:
        manifest = Manifest(total_rows=row["manifest_rows"], total_chunks=row["manifest_chunks"])
    return ParseRecord(
        run=row["parse_run"],
        epoch=row["epoch"],
        bytes_total=row["bytes_total"] or 0,
        manifest=manifest,
        failure=_failure(row, "parsing"),
    )


def _failure(row: dict[str, Any], of: str) -> Failure | None:
    code = row[f"{of}_code"]
    return None if code is None else Failure(code=code, message=row[f"{of}_message"] or "")

"""Step 4: the snapshot of a job that people see, from the fold's state or from PostgreSQL."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.job_record import version_of_record
from progress_gateway.domain.progress import ended_status, ledger_of, status_of
from sluice.job_status import (
    Failure,
    JobStatus,
    LedgerSums,
    Manifest,
    RowTotals,
    row_totals,
)

if TYPE_CHECKING:
    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.progress import JobProgress

TYPE_OF_STATUS = {
    JobStatus.COMPLETED: "completed",
    JobStatus.COMPLETED_WITH_ERRORS: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
    JobStatus.PAUSED: "paused",
    JobStatus.RETRYING: "retrying",
}
"""The event that tells of a status; every other status is a `progress`."""

_ALL_DONE = frozenset({JobStatus.COMPLETED, JobStatus.COMPLETED_WITH_ERRORS})
ALMOST_DONE = 99.9
"""The bar shows no more than this before the job is at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftState:
    """What is true only for the moment: shown over the facts, kept nowhere."""

    rows_per_second: float | None = None
    waiting_for: str | None = None
    """The dependency that is away."""
    recent_batches: tuple[dict[str, Any], ...] = ()


NOTHING_SOFT = SoftState()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """What a snapshot is made of, wherever it came from."""

    job_id: str
    run: int
    status: JobStatus
    version: int
    ledger: LedgerSums
    totals: RowTotals
    manifest: Manifest | None
    percentage: float
    failure: Failure | None = None
    elapsed_s: float | None = None


def view_of_progress(job_id: str, state: JobProgress) -> JobView:
    """Return what the fold knows of a job."""
    ledger, status, end = ledger_of(state), status_of(state), state.end
    known_rows = max(state.estimated_rows, end.total_rows if end is not None else 0)
    manifest = state.manifest
    if manifest is None and end is not None and not end.total_is_estimate:
        # Nothing was left open, so the number of chunks is the number of those written
        manifest = Manifest(total_rows=end.total_rows, total_chunks=ledger.accounted_chunks)
    return JobView(
        job_id=job_id,
        run=state.run,
        status=status,
        version=state.version,
        ledger=ledger,
        totals=row_totals(manifest, ledger, known_rows),
        manifest=manifest,
        percentage=percentage_of(status, state.covered_bytes, state.bytes_total),
        failure=state.failure if state.failure_run == state.run else None,
        elapsed_s=_elapsed_s(state),
    )


def _elapsed_s(state: JobProgress) -> float | None:
    if ended_status(state) is None or not state.finished_at_ms or not state.started_at_ms:
        return None
    return max(0.0, (state.finished_at_ms - state.started_at_ms) / 1000)


def view_of_record(record: JobRecord) -> JobView:
    """Return what PostgreSQL knows of a job: the status of its row, the counts of its ledger."""
    return JobView(
        job_id=str(record.job_id),
        run=record.run,
        status=record.status,
        version=max(record.version, version_of_record(record)),
        ledger=record.ledger,
        totals=row_totals(record.manifest, record.ledger, record.estimated_rows),
        manifest=record.manifest,
        percentage=percentage_of(
            record.status,
            record.covered_bytes,
            record.parse.bytes_total if record.parse is not None else 0,
        ),
        failure=record.settled_failure or record.failure,
        elapsed_s=record.elapsed_s,
    )


def percentage_of(status: JobStatus, covered_bytes: int, bytes_total: int) -> float:
    """Return the share of the sheet's bytes behind the written chunks, in steps of 0.1.

    Bytes, because the number of rows is an estimate until the sheet was read to its end; written
    chunks, because dead ones are tried again: so the bar never falls (exactness F9, G1).
    """
    if status in _ALL_DONE:
        return 100.0
    if bytes_total <= 0:
        return 0.0
    return min(ALMOST_DONE, math.floor(1000 * covered_bytes / bytes_total) / 10)


def snapshot_of(view: JobView, soft: SoftState = NOTHING_SOFT) -> dict[str, Any]:
    """Return the public snapshot: `{jobId, type, status, version, data}` in camelCase."""
    status = view.status
    if soft.waiting_for is not None and status is JobStatus.PROCESSING:
        status = JobStatus.RETRYING
    return {
        "jobId": view.job_id,
        "type": TYPE_OF_STATUS.get(status, "progress"),
        "status": status.value,
        "version": view.version,
        "data": _data(view, soft),
    }


def _data(view: JobView, soft: SoftState) -> dict[str, Any]:
    terminal = view.status.is_terminal
    failure = view.failure
    return {
        **_counts(view),
        "run": view.run,
        "percentage": view.percentage,
        "currentBatch": view.ledger.accounted_chunks,
        "totalBatches": view.manifest.total_chunks if view.manifest is not None else None,
        "rowsPerSecond": None if terminal else soft.rows_per_second,
        "estimatedTimeRemaining": None if terminal else _remaining_s(view, soft.rows_per_second),
        "attempt": None,
        "maxAttempts": None,
        "reason": soft.waiting_for,
        "failure": None if failure is None else {"code": failure.code, "message": failure.message},
        "summary": _summary(view) if terminal else None,
        "recentBatches": list(soft.recent_batches),
    }


def _counts(view: JobView) -> dict[str, Any]:
    ledger, totals = view.ledger, view.totals
    return {
        "totalRows": totals.total_rows,
        "totalIsEstimate": totals.total_is_estimate,
        "processedRows": ledger.processed_rows,
        "successRows": ledger.success_rows,
        "failedRows": ledger.failed,
        "insertedRows": ledger.inserted,
        "updatedRows": ledger.updated,
        "skippedRows": ledger.skipped,
        "unprocessedRows": totals.unprocessed_rows,
    }


def _remaining_s(view: JobView, rows_per_second: float | None) -> float | None:
    """Return how long the rest takes at this pace; by bytes while the total is an estimate."""
    if not rows_per_second:
        return None
    rows_left: float = view.totals.unprocessed_rows
    if view.totals.total_is_estimate and view.percentage > 0:
        rows_left = view.ledger.processed_rows * (100 - view.percentage) / view.percentage
    return round(rows_left / rows_per_second, 1)


def _summary(view: JobView) -> dict[str, Any]:
    failure = view.failure
    return {
        **_counts(view),
        "status": view.status.value,
        "deadBatches": view.ledger.dead_chunks,
        "failureCode": failure.code if failure is not None else None,
        "failureMessage": failure.message if failure is not None else None,
        "seconds": view.elapsed_s,
    }

"""Step 4: the snapshot of a job that people see, from the fold's state or from PostgreSQL."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.after_end import healed_rows
from progress_gateway.domain.job_record import version_of_record
from progress_gateway.domain.progress_status import ended_status, ledger_of, retrying_of, status_of
from sluice.job_status import (
    TERMINAL_STATUSES,
    Failure,
    JobStatus,
    LedgerSums,
    Manifest,
    RowTotals,
    failure_of_dead_chunks,
    row_totals,
)

if TYPE_CHECKING:
    from progress_gateway.domain.after_end import Undoing
    from progress_gateway.domain.chunk_trouble import ChunkTrouble
    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.progress import JobProgress
    from sluice.waiting import Waiting

TYPE_OF_STATUS = {
    JobStatus.COMPLETED: "completed",
    JobStatus.COMPLETED_WITH_ERRORS: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
    JobStatus.UNDONE: "undone",
    JobStatus.PAUSED: "paused",
    JobStatus.RETRYING: "retrying",
}
"""The event that tells of a status; every other status is a `progress`."""

_STANDS = TERMINAL_STATUSES | {JobStatus.PAUSED}
"""Over these nothing is shown that a worker waits for."""
_ALL_DONE = frozenset({JobStatus.COMPLETED, JobStatus.COMPLETED_WITH_ERRORS})
ALMOST_DONE = 99.9
"""The bar shows no more than this before the job is at its end."""
TROUBLED_SHOWN = 20
"""A message stays small, however many batches a locked table stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftState:
    """What only the fold's process knows, and only for the moment."""

    rows_per_second: float | None = None
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
    retrying: ChunkTrouble | None = None
    """The chunk whose next attempt comes."""
    troubles: tuple[ChunkTrouble, ...] = ()
    """Of the chunks of this run that are not written."""
    elapsed_s: float | None = None
    healed_rows: int = 0
    undoing: Undoing | None = None
    dry_run: bool = False
    correction_of: str | None = None


def view_of_progress(job_id: str, state: JobProgress) -> JobView:
    """Return what the fold knows of a job."""
    ledger, status = ledger_of(state), status_of(state)
    manifest = _manifest(state, ledger)
    return JobView(
        job_id=job_id,
        run=state.run,
        status=status,
        version=state.version,
        ledger=ledger,
        totals=_totals(state, ledger),
        manifest=manifest,
        percentage=percentage_of(
            _bar_status(status, manifest, ledger), state.covered_bytes, state.bytes_total
        ),
        failure=_failure(state, ledger),
        retrying=retrying_of(state),
        troubles=state.own_troubles,
        elapsed_s=_elapsed_s(state),
        healed_rows=max(healed_rows(state.healings), state.end.healed if state.end else 0),
        undoing=state.undoing,
        dry_run=state.dry_run,
    )


def _totals(state: JobProgress, ledger: LedgerSums) -> RowTotals:
    """Return the totals; where the manifest was not seen, those that the job's end counted."""
    end = state.end
    if state.manifest is not None or end is None:
        return row_totals(state.manifest, ledger, state.estimated_rows)
    if end.total_is_estimate:
        return row_totals(None, ledger, max(state.estimated_rows, end.total_rows))
    return row_totals(Manifest(total_rows=end.total_rows, total_chunks=0), ledger, 0)


def _manifest(state: JobProgress, ledger: LedgerSums) -> Manifest | None:
    if state.manifest is None and state.end is not None and state.end.status in _ALL_DONE:
        # Nothing was left open, so the number of chunks is the number of those written
        total_rows = state.end.total_rows
        return Manifest(total_rows=total_rows, total_chunks=ledger.accounted_chunks)
    return state.manifest


def _failure(state: JobProgress, ledger: LedgerSums) -> Failure | None:
    if state.failure is not None and state.failure_run == state.run:
        return state.failure
    if ended_status(state) is JobStatus.FAILED and ledger.dead_chunks:
        return failure_of_dead_chunks(ledger.dead_chunks)
    return None


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
            _bar_status(record.status, record.manifest, record.ledger),
            record.covered_bytes,
            record.parse.bytes_total if record.parse is not None else 0,
        ),
        failure=record.settled_failure or record.failure,
        elapsed_s=record.elapsed_s,
        healed_rows=record.healed_rows,
        undoing=record.undoing,
        dry_run=record.dry_run,
        correction_of=str(record.correction_of) if record.correction_of else None,
    )


def _bar_status(status: JobStatus, manifest: Manifest | None, ledger: LedgerSums) -> JobStatus:
    """Return the status for the bar: an undo leaves it as full as it was."""
    if status is not JobStatus.UNDONE or manifest is None:
        return status
    whole = ledger.written_chunks >= manifest.total_chunks
    return JobStatus.COMPLETED if whole else status


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
    return {
        "jobId": view.job_id,
        "type": TYPE_OF_STATUS.get(view.status, "progress"),
        "status": view.status.value,
        "version": view.version,
        "data": _data(view, soft),
    }


def with_waiting(snapshot: dict[str, Any], waiting: Waiting | None) -> dict[str, Any]:
    """Return the snapshot with what the job waits for shown over it, where it could go on."""
    if waiting is None or snapshot["status"] in _STANDS:
        return snapshot
    shown = {
        "attempt": None,
        "maxAttempts": None,
        "retrying": None,
        "waitingFor": waiting.dependency,
        "reason": waiting.reason,
    }
    retrying = JobStatus.RETRYING.value
    return {
        **snapshot,
        "type": retrying,
        "status": retrying,
        "data": {**snapshot["data"], **shown},
    }


def _data(view: JobView, soft: SoftState) -> dict[str, Any]:
    terminal = view.status.is_terminal
    failure = view.failure
    return {
        **_counts(view),
        "dryRun": view.dry_run,
        "correctionOf": view.correction_of,
        "ongoing": None,
        "undo": None if view.undoing is None else _undo(view.undoing),
        "run": view.run,
        "percentage": view.percentage,
        "currentBatch": view.ledger.accounted_chunks,
        "totalBatches": view.manifest.total_chunks if view.manifest is not None else None,
        "rowsPerSecond": None if terminal else soft.rows_per_second,
        "estimatedTimeRemaining": None if terminal else _remaining_s(view, soft.rows_per_second),
        **_retrying(view.retrying if view.status is JobStatus.RETRYING else None),
        "waitingFor": None,
        "failure": None if failure is None else {"code": failure.code, "message": failure.message},
        "summary": _summary(view) if terminal else None,
        "recentBatches": list(soft.recent_batches),
        "troubledBatches": [_troubled(each) for each in view.troubles[:TROUBLED_SHOWN]],
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
        "healedRows": view.healed_rows,
        "unprocessedRows": totals.unprocessed_rows,
    }


def _undo(undoing: Undoing) -> dict[str, Any]:
    return {
        "state": "done" if undoing.done else "running",
        "total": undoing.total,
        "reversed": undoing.reversed,
        "kept": undoing.kept,
        "refused": undoing.refused,
    }


def _retrying(trouble: ChunkTrouble | None) -> dict[str, Any]:
    """Return which attempt of which lines comes next, and why it does."""
    if trouble is None:
        return {"attempt": None, "maxAttempts": None, "reason": None, "retrying": None}
    return {
        "attempt": trouble.attempt,
        "maxAttempts": trouble.max_attempts or None,
        "reason": trouble.code,
        "retrying": {
            "chunkNo": trouble.chunk_no,
            "firstLine": trouble.first_line or None,
            "lastLine": trouble.last_line or None,
            "delaySeconds": trouble.delay_s,
        },
    }


def _troubled(trouble: ChunkTrouble) -> dict[str, Any]:
    """Return a batch that failed: its next attempt, or none when it is a dead letter."""
    return {
        "chunkNo": trouble.chunk_no,
        "firstLine": trouble.first_line or None,
        "lastLine": trouble.last_line or None,
        "code": trouble.code,
        "attempt": None if trouble.is_dead else trouble.attempt,
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

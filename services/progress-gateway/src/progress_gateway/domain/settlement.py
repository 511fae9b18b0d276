"""Step 4: what is written of a job when it goes on, and what is stated when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.job_record import facts_of_record, version_of_record
from sluice.events import JobFinished, JobFinishedNotice, JobStarted
from sluice.job_status import (
    Failure,
    JobStatus,
    RowTotals,
    decide_status,
    failure_of_dead_chunks,
    row_totals,
)

if TYPE_CHECKING:
    from progress_gateway.domain.job_record import JobRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of one job now."""

    record: JobRecord
    status: JobStatus
    totals: RowTotals
    version: int
    started: bool
    """A parser has begun the newest run, or what it wrote is there."""

    @property
    def begins(self) -> bool:
        """Tell whether this run has started and nobody was told yet."""
        return self.started and self.record.started_run < self.record.run

    @property
    def failure(self) -> Failure | None:
        """Why the job failed; None when it did not."""
        if self.status is not JobStatus.FAILED:
            return None
        if self.record.status is JobStatus.FAILED and self.record.settled_failure is not None:
            return self.record.settled_failure
        return self.record.failure or failure_of_dead_chunks(self.record.ledger.dead_chunks)

    @property
    def undone_rows(self) -> int:
        undoing = self.record.undoing
        return undoing.reversed if undoing is not None and self.status is JobStatus.UNDONE else 0

    def row(self) -> dict[str, Any]:
        """Return the parameters of the statements that write it."""
        record, ledger = self.record, self.record.ledger
        failure = self.failure
        return {
            "job": record.job_id,
            "run": record.run,
            "status": self.status.value,
            "version": self.version,
            "total_rows": self.totals.total_rows,
            "total_is_estimate": self.totals.total_is_estimate,
            "inserted": ledger.inserted,
            "updated": ledger.updated,
            "skipped": ledger.skipped,
            "failed": ledger.failed,
            "healed": record.healed_rows,
            "undone": self.undone_rows,
            "unprocessed": self.totals.unprocessed_rows,
            "finished_chunks": ledger.accounted_chunks,
            "failure_code": failure.code if failure is not None else None,
            "failure_message": failure.message if failure is not None else None,
            "started": self.started,
        }


def settlement_of(
    record: JobRecord, fold_version: int = 0, *, retrying: bool = False
) -> Settlement:
    """Decide a job from the truth.

    Args:
        record: the job, read now; under its gate when the end is to be written. One that has
            ended stays as it ended.
        fold_version: the version that the fold shows, where it can be told.
        retrying: an attempt is to come or a dependency is away.
    """
    facts = facts_of_record(record, retrying=retrying)
    known = record.status
    status = known if known.is_terminal else decide_status(facts)
    ended = status.is_terminal and not known.is_terminal
    # Before its parse, only chunks of this run show that it began: of the first any chunk is
    has_chunks = record.ledger.accounted_chunks > 0 and (record.run == 1 or ended)
    return Settlement(
        record=record,
        status=status,
        totals=row_totals(record.manifest, record.ledger, record.estimated_rows),
        version=max(record.version, fold_version, version_of_record(record)) + ended,
        started=facts.started or has_chunks,
    )


def started_fact(record: JobRecord) -> JobStarted:
    return JobStarted(
        job_id=record.job_id,
        run=record.run,
        target=record.target,
        file_name=record.file_name,
        estimated_rows=record.estimated_rows,
    )


def finished_facts(settlement: Settlement) -> list[JobFinished]:
    """Return the end of a run: for the job's log, and for services outside.

    A dry run is nobody's business outside: nothing was imported.
    """
    row, record, ledger = settlement.row(), settlement.record, settlement.record.ledger
    members: dict[str, Any] = {
        "job_id": row["job"],
        "run": row["run"],
        "status": settlement.status,
        "total_rows": row["total_rows"],
        "total_is_estimate": row["total_is_estimate"],
        "inserted": ledger.inserted,
        "updated": ledger.updated,
        "skipped": ledger.skipped,
        "failed": ledger.failed,
        "unprocessed": row["unprocessed"],
        "written_chunks": ledger.written_chunks,
        "dead_chunks": ledger.dead_chunks,
        "healed": row["healed"],
        "undone": row["undone"],
        "dry_run": record.dry_run,
        "correction_of": record.correction_of,
        "failure_code": row["failure_code"],
        "failure_message": row["failure_message"],
    }
    finished = JobFinished(**members)
    return [finished] if record.dry_run else [finished, JobFinishedNotice(**members)]

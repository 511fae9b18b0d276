"""What becomes of a job: one pure decision that the fold, the settler and the tests share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JobStatus(StrEnum):
    """The states of a job, as people and programs see them."""

    PENDING = "pending"
    PROCESSING = "processing"
    RETRYING = "retrying"
    PAUSED = "paused"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"
    """It had ended, and an undo took its rows back as far as it could."""

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL_STATUSES


TERMINAL_STATUSES: frozenset[str] = frozenset(
    {
        JobStatus.COMPLETED,
        JobStatus.COMPLETED_WITH_ERRORS,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.UNDONE,
    },
)
"""As members and as the texts that they are: a snapshot has texts."""


class Desired(StrEnum):
    """What the people who control a job want of it."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job cannot be brought to its end: a stable code and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the sheet holds, known once it was read to its end."""

    total_rows: int
    total_chunks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSums:
    """The ledger of one job, added up; each chunk counts once."""

    written_chunks: int = 0
    dead_chunks: int = 0
    inserted: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def success_rows(self) -> int:
        return self.inserted + self.updated + self.skipped

    @property
    def processed_rows(self) -> int:
        return self.success_rows + self.failed

    @property
    def accounted_chunks(self) -> int:
        return self.written_chunks + self.dead_chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """All that the status of one run of a job depends on."""

    desired: Desired = Desired.RUN
    started: bool = False
    retrying: bool = False
    """The next attempt of some chunk is to come, or a dependency is away."""
    manifest: Manifest | None = None
    ledger: LedgerSums = LedgerSums()
    failure: Failure | None = None


def decide_status(facts: JobFacts) -> JobStatus:
    """Return the status that these facts make.

    A cancelled job is cancelled, a failure ends the job at once, and otherwise a job is done
    when the manifest is known and every one of its chunks has an outcome in the ledger.
    """
    if facts.desired is Desired.CANCEL:
        return JobStatus.CANCELLED
    if facts.failure is not None:
        return JobStatus.FAILED
    if is_accounted(facts):
        return _status_of_accounted(facts.ledger)
    if facts.desired is Desired.PAUSE:
        return JobStatus.PAUSED
    if facts.retrying:
        return JobStatus.RETRYING
    return JobStatus.PROCESSING if facts.started else JobStatus.PENDING


def is_accounted(facts: JobFacts) -> bool:
    """Tell whether the sheet was read to its end and every chunk has an outcome."""
    manifest = facts.manifest
    return manifest is not None and facts.ledger.accounted_chunks >= manifest.total_chunks


def _status_of_accounted(ledger: LedgerSums) -> JobStatus:
    if ledger.dead_chunks:
        return JobStatus.FAILED
    if ledger.failed:
        return JobStatus.COMPLETED_WITH_ERRORS
    return JobStatus.COMPLETED


def failure_of_dead_chunks(dead_chunks: int) -> Failure:
    """Return why a job failed whose chunks all have an outcome, some of them a dead letter."""
    batches, them = ("1 batch", "it") if dead_chunks == 1 else (f"{dead_chunks:,} batches", "them")
    return Failure(
        code="CHUNKS_DEAD_LETTERED",
        message=f"{batches} could not be written after all retries: replay {them}, or retry the "
        "job.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTotals:
    """How a job's rows add up: accounted + unprocessed = total, in every terminal state."""

    total_rows: int
    total_is_estimate: bool
    unprocessed_rows: int


def row_totals(manifest: Manifest | None, ledger: LedgerSums, estimated_rows: int) -> RowTotals:
    """Return the totals; without a manifest the total is the estimate, never below the ledger."""
    if manifest is not None:
        total = manifest.total_rows
    else:
        total = max(estimated_rows, ledger.processed_rows)
    return RowTotals(
        total_rows=total,
        total_is_estimate=manifest is None,
        unprocessed_rows=max(0, total - ledger.processed_rows),
    )

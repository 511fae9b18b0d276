"""What PostgreSQL says of a job: its row, its manifest or failure, its ledger added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from progress_gateway.domain.after_end import Healing, Undoing, healed_ledger, healed_rows
from progress_gateway.domain.chunk_trouble import WRITTEN_RANK
from sluice.job_status import (
    Desired,
    Failure,
    JobFacts,
    JobStatus,
    LedgerSums,
    Manifest,
)

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseRecord:
    """The parser's claim and what came of it."""

    run: int
    epoch: int
    bytes_total: int
    manifest: Manifest | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job as PostgreSQL has it: the truth that facts and views are measured by."""

    job_id: UUID
    run: int
    control_seq: int
    status: JobStatus
    desired: Desired
    version: int
    target: str
    file_name: str
    estimated_rows: int
    own_ledger: LedgerSums
    """Of its own chunks; see `ledger`."""
    started_run: int = 0
    """The newest run that `job-started` was stated of."""
    covered_bytes: int = 0
    parse: ParseRecord | None = None
    writing_failure: Failure | None = None
    """Of the newest run."""
    settled_failure: Failure | None = None
    """What the job row says of its end."""
    elapsed_s: float | None = None
    """From upload to end; None until then."""
    age_s: float = 0.0
    """Since the upload, when the record was read."""
    traceparent: str | None = None
    """Of the upload."""
    dry_run: bool = False
    correction_of: UUID | None = None
    """The root, where this job is a correction."""
    healings: tuple[Healing, ...] = ()
    """What its corrections have written, by correction."""
    is_in_correction: bool = False
    """A correction of it has not ended."""
    undoing: Undoing | None = None
    """The facts of an undo as its row tells them."""

    @property
    def is_changed_after_end(self) -> bool:
        """Tell whether a correction or an undo of the ended job goes on."""
        undo_goes_on = self.undoing is not None and self.status is not JobStatus.UNDONE
        return self.is_in_correction or undo_goes_on

    @property
    def ledger(self) -> LedgerSums:
        """The sums over its own chunks and those of its corrections."""
        return healed_ledger(self.own_ledger, self.healings)

    @property
    def healed_rows(self) -> int:
        return healed_rows(self.healings)

    @property
    def manifest(self) -> Manifest | None:
        """The totals are the file's: any run's reading of it tells them."""
        return self.parse.manifest if self.parse is not None else None

    @property
    def parsing_failure(self) -> Failure | None:
        """A failure to read counts for its own run only."""
        if self.parse is None or self.parse.run != self.run:
            return None
        return self.parse.failure

    @property
    def failure(self) -> Failure | None:
        return self.writing_failure or self.parsing_failure


def facts_of_record(record: JobRecord, *, retrying: bool = False) -> JobFacts:
    """Return what the status depends on, from the truth.

    Args:
        record: the job.
        retrying: an attempt is to come or a dependency is away: no row says so, but the fold.
    """
    begun = record.parse is not None and record.parse.run == record.run
    return JobFacts(
        desired=record.desired,
        retrying=retrying,
        started=begun,
        manifest=record.manifest,
        ledger=record.ledger,
        failure=record.failure,
    )


def version_of_record(record: JobRecord) -> int:
    """Return a version that the fold has reached or will: comparable with its own.

    It is the sum of the ranks that PostgreSQL knows. Earlier epochs and runs leave no trace
    there, nor do failed attempts, so it may be lower than the fold's, and never higher.
    """
    parse = record.parse
    ranks = record.ledger.written_chunks * WRITTEN_RANK + record.run + record.control_seq
    if parse is not None:
        ranks += 1 + (parse.manifest is not None) + (record.parsing_failure is not None)
    ranks += record.writing_failure is not None
    return ranks + record.status.is_terminal + _ranks_after_end(record)


def _ranks_after_end(record: JobRecord) -> int:
    """Return what corrections and an undo add; the newest end counted all that is healed."""
    ranks = record.healed_rows + (record.undoing.batch if record.undoing is not None else 0)
    if record.status.is_terminal and not record.is_in_correction:
        ranks += record.healed_rows
    return ranks + (record.status is JobStatus.UNDONE)

"""Whether a job can be erased, and what is kept for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sluice.job_status import JobStatus


UNDO_STUCK_AFTER: Final = timedelta(minutes=15)
"""An undo asked for so long ago that something is in the way of does not hold its job any more."""


class EraseRefused(Exception):
    """The job cannot be erased now; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasableJob:
    """A job as it stands behind its gate."""

    status: JobStatus
    root_id: UUID | None
    """Of a correction: the job that it corrects."""
    undo_runs: bool
    """And may come to its end."""
    corrections: Sequence[JobStatus]


def check_erasable(job: ErasableJob) -> None:
    """Raise `EraseRefused` unless nothing of the job is at work any more."""
    if not job.status.is_terminal:
        raise EraseRefused(f"The job is {job.status}: wait for its end, or cancel it.")
    if job.root_id is not None:
        raise EraseRefused(
            f"The job corrects {job.root_id}, whose counts rest on it: erase that one, and its"
            " corrections go with it."
        )
    if job.undo_runs:
        raise EraseRefused(
            "The job is being undone: wait for the end of that; where something is in its way (see"
            " its `trouble`), 15 minutes from when it was asked for."
        )
    if not all(status.is_terminal for status in job.corrections):
        raise EraseRefused("A correction of the job is at work: wait for its end, or cancel it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long what is kept; days count from a job's end."""

    job_days: float
    file_days: float
    error_days: float
    keep_completed: int | None
    """So many of each owner's completed or undone jobs; None: all."""
    keep_failed: int | None
    """The same of those that ended otherwise."""

    def jobs_before(self, now: datetime) -> datetime:
        return now - timedelta(days=self.job_days)

    def files_before(self, now: datetime) -> datetime:
        return now - timedelta(days=self.file_days)

    def errors_before(self, now: datetime) -> datetime:
        return now - timedelta(days=self.error_days)

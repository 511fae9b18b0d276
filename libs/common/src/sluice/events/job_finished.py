"""`job-finished`: the job reached a terminal state; stated after its last chunk fact."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sluice.events.envelope import Fact
from sluice.job_status import JobStatus
from sluice.kafka import topic_names


class JobFinished(Fact):
    """The end of one run: `inserted + updated + skipped + failed + unprocessed = total`.

    A run ends anew when corrections have healed rows of it, and when an undo took them back.
    """

    NAME: ClassVar[str] = "job-finished"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    status: JobStatus
    """`completed`, `completed_with_errors`, `failed`, `cancelled` or, after an undo, `undone`."""
    total_rows: int
    """Rows of the sheet."""
    total_is_estimate: bool
    """The sheet was not read to its end."""
    inserted: int
    """Rows that were not there before."""
    updated: int
    """Rows of the table that an upsert replaced."""
    skipped: int
    """Rows whose key was there already, left alone as the mode says."""
    failed: int
    """Rows that were rejected as bad data and not healed since."""
    unprocessed: int
    """Rows that nobody came to."""
    written_chunks: int
    """So many `chunk-written` it covers."""
    dead_chunks: int
    """Chunks that failed for good."""
    healed: int = 0
    """Rows that corrections wrote since."""
    undone: int = 0
    """Rows that an undo took back; the other counts are those of the import."""
    correction_of: UUID | None = None
    """The job whose rejected rows this one writes."""
    dry_run: bool = False
    """Nothing was written: the counts are what a real import would do."""
    failure_code: str | None = None
    """Of a failed job: a stable class of what is wrong."""
    failure_message: str | None = None
    """Of a failed job: a sentence for people."""

    def identity(self) -> tuple[object, ...]:
        if self.status is JobStatus.UNDONE:
            return (self.run, "undone")
        return (self.run, self.healed) if self.healed else (self.run,)


class JobFinishedNotice(JobFinished):
    """The same fact on `imports.job-events`.

    Read by services outside: the few facts that most of them want.
    """

    TOPIC: ClassVar[str] = topic_names.JOB_EVENTS

"""Every JSON event, and which of them stand on which topic; read as `sluice.events`."""

from __future__ import annotations

from sluice.events.chunk_dead_lettered import ChunkDeadLettered
from sluice.events.chunk_retrying import ChunkRetrying
from sluice.events.chunk_written import ChunkWritten, RejectedLine
from sluice.events.envelope import Fact, Record, decode, to_record
from sluice.events.import_waiting import ImportResumed, ImportWaiting
from sluice.events.job_controlled import (
    JobCancelled,
    JobPaused,
    JobResumed,
    JobRetried,
    JobWakeup,
)
from sluice.events.job_created import JobCreated
from sluice.events.job_finished import JobFinished, JobFinishedNotice
from sluice.events.job_started import JobStarted
from sluice.events.parsing_failed import ParsingFailed
from sluice.events.parsing_started import ParsingStarted
from sluice.events.rows_healed import RowsHealed
from sluice.events.rows_undone import RowsUndone
from sluice.events.sheet_parsed import SheetParsed
from sluice.events.writing_failed import WritingFailed

RESULT_FACTS: dict[str, type[Fact]] = {
    kind.NAME: kind
    for kind in (
        ParsingStarted,
        SheetParsed,
        ParsingFailed,
        ChunkWritten,
        WritingFailed,
        ChunkRetrying,
        ChunkDeadLettered,
        ImportWaiting,
        ImportResumed,
        JobPaused,
        JobResumed,
        JobCancelled,
        JobRetried,
        RowsHealed,
        RowsUndone,
        JobFinished,
    )
}
"""What is read from `imports.results`, by name."""

JOB_FACTS: dict[str, type[Fact]] = {kind.NAME: kind for kind in (JobCreated, JobWakeup)}
"""What is read from `imports.jobs`, by name."""

PUBLIC_FACTS: tuple[type[Fact], ...] = (
    *JOB_FACTS.values(),
    *RESULT_FACTS.values(),
    JobStarted,
    JobFinishedNotice,
)
"""Every JSON event."""

__all__ = [
    "JOB_FACTS",
    "PUBLIC_FACTS",
    "RESULT_FACTS",
    "ChunkDeadLettered",
    "ChunkRetrying",
    "ChunkWritten",
    "Fact",
    "ImportResumed",
    "ImportWaiting",
    "JobCancelled",
    "JobCreated",
    "JobFinished",
    "JobFinishedNotice",
    "JobPaused",
    "JobResumed",
    "JobRetried",
    "JobStarted",
    "JobWakeup",
    "ParsingFailed",
    "ParsingStarted",
    "Record",
    "RejectedLine",
    "RowsHealed",
    "RowsUndone",
    "SheetParsed",
    "WritingFailed",
    "decode",
    "to_record",
]

"""States `writing-failed` for a job whose failure is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.events import Record, WritingFailed, to_record
from writer.adapters.publish_chunk_written import SOURCE

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def writing_failed_record(job_id: UUID, failure: tuple[int, str, str], now: datetime) -> Record:
    """Return the fact in its envelope; `failure` is (run, code, message) as recorded."""
    run, code, message = failure
    fact = WritingFailed(job_id=job_id, run=run, code=code, message=message)
    return to_record(fact, source=SOURCE, now=now)

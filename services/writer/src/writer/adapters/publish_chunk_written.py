"""States `chunk-written` for each chunk whose entry is committed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sluice.events import ChunkWritten, Record, to_record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from writer.write_batch import ChunkDone

SOURCE = "writer"


def chunk_written_record(
    job_id: UUID,
    chunk: ChunkDone,
    now: datetime,
    *,
    dry_run: bool = False,
    traceparent: str | None = None,
) -> Record:
    """Return the fact in its envelope; the same chunk always has the same event id."""
    counts = asdict(chunk.entry)
    del counts["sha256"]
    fact = ChunkWritten(job_id=job_id, rejected=chunk.rejected, dry_run=dry_run, **counts)
    return to_record(fact, source=SOURCE, now=now, traceparent=traceparent)

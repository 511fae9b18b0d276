"""States `chunk-dead-lettered` for a chunk whose end in the ledger is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.events import ChunkDeadLettered, Record, to_record
from writer.adapters.publish_chunk_written import SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from writer.domain.dead_chunk import Burial, ChunkName


def chunk_dead_lettered_record(name: ChunkName, burial: Burial, now: datetime) -> Record:
    """Return the fact in its envelope; stated again, it has the same event id."""
    fact = ChunkDeadLettered(
        job_id=name.job_id,
        run=burial.run,
        chunk_no=name.chunk_no,
        replay=burial.replay_count,
        attempts=burial.attempts,
        code=burial.code,
        rows=burial.extent.rows,
        first_line=burial.extent.first_line,
        last_line=burial.extent.last_line,
    )
    return to_record(fact, source=SOURCE, now=now)

"""States `chunk-retrying` for a chunk that failed and comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.events import ChunkRetrying, Record, to_record
from writer.adapters.publish_chunk_written import SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from sluice.events.rows_chunked import ChunkMeta
    from sluice.kafka.dead_letter import Delivery, Failure
    from sluice.kafka.retry_policy import RetryLadder, RetryStep


def chunk_retrying_record(
    meta: ChunkMeta,
    run: int,
    delivery: Delivery,
    failure: Failure,
    ladder: RetryLadder,
    now: datetime,
) -> Record:
    """Return the fact in its envelope; `delivery` counts the failure."""
    step: RetryStep = ladder.steps[delivery.attempts - 1]
    fact = ChunkRetrying(
        job_id=meta.job_id,
        run=run,
        chunk_no=meta.chunk_no,
        replay=delivery.replay_count,
        attempt=delivery.attempts + 1,
        max_attempts=ladder.max_attempts,
        delay_s=step.delay_s,
        code=failure.code,
        first_line=meta.first_line,
        last_line=meta.last_line,
    )
    return to_record(fact, source=SOURCE, now=now)

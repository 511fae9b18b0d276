"""States `rows-undone` for an undo whose counts are committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.events import Record, RowsUndone, to_record
from writer.adapters.publish_chunk_written import SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from writer.domain.undo import Undo, UndoTarget


def rows_undone_record(target: UndoTarget, undo: Undo, now: datetime) -> Record:
    """Return the fact in its envelope; from the same row it always has the same event id."""
    fact = RowsUndone(
        job_id=target.job_id,
        run=target.run,
        batch=undo.batches + undo.is_done,
        total=undo.total,
        reversed=undo.reversed,
        kept=undo.kept,
        refused=undo.refused,
        done=undo.is_done,
    )
    return to_record(fact, source=SOURCE, now=now)

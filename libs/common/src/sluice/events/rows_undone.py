"""`rows-undone`: an undo took back rows of a job; rests on its row in `undos`."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class RowsUndone(Fact):
    """Sums of the whole undo so far: of the facts of one job the highest `batch` counts."""

    NAME: ClassVar[str] = "rows-undone"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    batch: int
    """1 for the first batch of rows; with `done` one more than the last."""
    total: int
    """Rows of the job that were in the table when the undo began."""
    reversed: int
    """Taken back so far."""
    kept: int
    """Changed since by somebody else, and so left alone."""
    refused: int
    """Held by a foreign key."""
    done: bool = False
    """Nothing is left to do."""

    def identity(self) -> tuple[object, ...]:
        return (self.batch,)

"""`chunk-retrying`: a chunk failed for now; the same record comes again after a delay."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class ChunkRetrying(Fact):
    """Which attempt failed, and when the next one comes; never a cell's value.

    `attempt` is the one that comes next (2 is the first repeat), `replay` how often an operator
    had sent the chunk again before.
    """

    NAME: ClassVar[str] = "chunk-retrying"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    chunk_no: int
    """Which chunk, from 0."""
    replay: int = 0
    """How often an operator had sent it again before."""
    attempt: int
    """The one that comes next; 2 is the first repeat."""
    max_attempts: int
    """The last one; after it the chunk is a dead letter."""
    delay_s: float
    """Seconds until then."""
    code: str
    """A stable class of what went wrong."""
    first_line: int | None = None
    """The sheet's line of its first row, where the record could be read."""
    last_line: int | None = None
    """Of the sheet; both are left out where the record could not be read."""

    def identity(self) -> tuple[object, ...]:
        return (self.run, self.chunk_no, self.replay, self.attempt)

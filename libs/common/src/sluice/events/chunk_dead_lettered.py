"""`chunk-dead-lettered`: a chunk failed for good and lies in `imports.chunks.dlq`."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class ChunkDeadLettered(Fact):
    """The ledger has it as `dead`: an operator can replay it, the owner can retry the job."""

    NAME: ClassVar[str] = "chunk-dead-lettered"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    chunk_no: int
    """Which chunk, from 0."""
    replay: int = 0
    """How often an operator had sent it again before."""
    attempts: int
    """How often it was tried."""
    code: str
    """A stable class of what went wrong."""
    rows: int
    """So many rows it has."""
    first_line: int
    """The sheet's line of its first row."""
    last_line: int
    """The sheet's line of its last row."""

    def identity(self) -> tuple[object, ...]:
        return (self.run, self.chunk_no, self.replay)

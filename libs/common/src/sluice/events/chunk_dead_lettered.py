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
    replay: int = 0
    attempts: int
    code: str
    """A stable class of what went wrong."""
    rows: int
    first_line: int
    last_line: int

    def identity(self) -> tuple[object, ...]:
        return (self.run, self.chunk_no, self.replay)

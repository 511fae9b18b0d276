"""`chunk-written`: a chunk's rows, its rejected rows and its ledger entry are committed."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from sluice.events.envelope import Fact
from sluice.kafka import topic_names

REJECTED_IN_FACT = 5
"""So many rejected lines a fact names: whoever states it again names the same."""


class RejectedLine(BaseModel):
    """One rejected row: where and why, but not what stood there."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    line: int
    column: str | None = None
    code: str


class ChunkWritten(Fact):
    """Counts of one chunk; a public event, so it carries no ids and no cell values."""

    NAME: ClassVar[str] = "chunk-written"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    chunk_no: int
    rows: int
    inserted: int
    updated: int
    skipped: int
    failed: int
    first_line: int
    last_line: int
    covered_bytes: int
    dry_run: bool = False
    """Nothing was written: the counts are what a real import would do."""
    rejected: tuple[RejectedLine, ...] = ()
    """The first few of the chunk."""

    def identity(self) -> tuple[object, ...]:
        return (self.chunk_no,)

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

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )

    line: int
    """Of the sheet, as people see it: the header's is usually 1."""
    column: str | None = None
    """Its letter; left out where the whole row is meant."""
    code: str
    """A stable class of what is wrong, such as `NOT_A_NUMBER`."""


class ChunkWritten(Fact):
    """Counts of one chunk; a public event, so it carries no ids and no cell values."""

    NAME: ClassVar[str] = "chunk-written"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    chunk_no: int
    """Which chunk, from 0; with the job the key to count it once by."""
    rows: int
    """`inserted + updated + skipped + failed`."""
    inserted: int
    """Rows that were not there before."""
    updated: int
    """Rows of the table that an upsert replaced."""
    skipped: int
    """Rows whose key was there already, left alone as the mode says."""
    failed: int
    """Rows that were rejected as bad data."""
    first_line: int
    """The sheet's line of the chunk's first row."""
    last_line: int
    """The sheet's line of the chunk's last row."""
    covered_bytes: int
    """Bytes of the sheet behind the chunk: the progress, while the total of rows is unknown."""
    dry_run: bool = False
    """Nothing was written: the counts are what a real import would do."""
    rejected: tuple[RejectedLine, ...] = ()
    """The first few of the chunk."""

    def identity(self) -> tuple[object, ...]:
        return (self.chunk_no,)

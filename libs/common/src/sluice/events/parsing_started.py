"""`parsing-started`: a parser claimed the job and begins to read its sheet."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class ParsingStarted(Fact):
    """The job is `processing`; `bytes_total` is the sheet's inflated size."""

    NAME: ClassVar[str] = "parsing-started"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    epoch: int
    """Rises with each claim of the job by a parser."""
    bytes_total: int
    """The sheet's inflated size."""
    estimated_rows: int
    """From the sheet's head."""

    def identity(self) -> tuple[object, ...]:
        return (self.run, self.epoch)

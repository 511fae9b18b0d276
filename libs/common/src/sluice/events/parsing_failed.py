"""`parsing-failed`: the file cannot be read to its end; the job fails."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class ParsingFailed(Fact):
    """What was wrong with the file, where, and what to do; never a cell's value."""

    NAME: ClassVar[str] = "parsing-failed"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    code: str
    """A stable class of what is wrong, such as `WORKBOOK_ENCRYPTED`."""
    message: str
    """A sentence for people: where, and what to do."""

"""`writing-failed`: the database refused in a way that no retry can mend; the job fails."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class WritingFailed(Fact):
    """Why, and what to do; never a cell's value."""

    NAME: ClassVar[str] = "writing-failed"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    code: str
    """A stable class of what is wrong, such as `TABLE_MISSING`."""
    message: str
    """A sentence for people: why, and what to do."""

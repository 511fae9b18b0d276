"""`job-started`: a job left `pending`; for services outside that follow `imports.job-events`."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class JobStarted(Fact):
    """Read by services outside, such as a dashboard of running imports."""

    NAME: ClassVar[str] = "job-started"
    TOPIC: ClassVar[str] = topic_names.JOB_EVENTS

    target: str
    """The import target."""
    file_name: str
    """As it was uploaded."""
    estimated_rows: int
    """From the sheet's head; the true total comes with the end."""

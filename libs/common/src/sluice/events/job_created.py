"""`job-created`: an upload was accepted; its file and its job row are durable."""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class JobCreated(Fact):
    """Wakes the parsers; the work itself is claimed in PostgreSQL."""

    NAME: ClassVar[str] = "job-created"
    TOPIC: ClassVar[str] = topic_names.JOBS

    target: str
    """The import target."""
    file_name: str
    """As it was uploaded."""
    file_size_bytes: int
    """The file's size."""

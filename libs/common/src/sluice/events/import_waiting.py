"""`import-waiting` and `import-resumed`: a dependency is away and the import waits for it.

Several services state these. They are soft: each is true for some seconds only, is repeated every
5 s while it lasts, and rests on no row, because the database may be what is away.
"""

from __future__ import annotations

from typing import ClassVar

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class ImportWaiting(Fact):
    """Who waits for what; forgotten 12 s after it was stated last."""

    NAME: ClassVar[str] = "import-waiting"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    worker: str
    """The process that waits."""
    number: int
    """Rises with each statement of one worker."""
    dependency: str
    """`postgresql`, `storage`, `target-table` (locked by somebody else), `operator` (halted)."""
    reason: str
    """A sentence for people."""

    def identity(self) -> tuple[object, ...]:
        return (self.worker, self.number)


class ImportResumed(Fact):
    """The same worker does not wait any more: ends an `import-waiting` early."""

    NAME: ClassVar[str] = "import-resumed"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    worker: str
    """The process that waits."""
    number: int
    """Higher than that of the statement that it ends."""

    def identity(self) -> tuple[object, ...]:
        return (self.worker, self.number)

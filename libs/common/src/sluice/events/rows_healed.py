"""`rows-healed`: a correction wrote rows that its root had rejected.

On the root's key. It rests on the ledger of the correction, whose sums it carries, so of the facts
of one correction the one with the most rows counts, in whatever order they come.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sluice.events.envelope import Fact
from sluice.kafka import topic_names


class RowsHealed(Fact):
    """The root's `failed` falls by the sum of the three, and they rise by their own."""

    NAME: ClassVar[str] = "rows-healed"
    TOPIC: ClassVar[str] = topic_names.RESULTS

    correction_id: UUID
    """The job that wrote them."""
    inserted: int
    """Sum over the correction so far."""
    updated: int
    """Sum over the correction so far."""
    skipped: int
    """Sum over the correction so far."""

    @property
    def healed(self) -> int:
        return self.inserted + self.updated + self.skipped

    def identity(self) -> tuple[object, ...]:
        return (self.correction_id, self.healed)

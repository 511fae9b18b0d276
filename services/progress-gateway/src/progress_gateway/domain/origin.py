"""Step 4: what a snapshot first shows: since which COMMIT it waits to be seen, and whose trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MEMBER = "origin"
"""Of a published snapshot, between our processes only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Of the facts that a snapshot shows and the one before it did not."""

    committed_at_ms: int | None = None
    """When the first of the chunks was committed, in Unix milliseconds; None: no chunk."""
    traceparent: str | None = None
    """Of the newest fact that is traced."""

    def joined(self, later: Origin) -> Origin:
        """Return the origin of what shows both at once."""
        moments = [
            each.committed_at_ms for each in (self, later) if each.committed_at_ms is not None
        ]
        return Origin(
            committed_at_ms=min(moments, default=None),
            traceparent=later.traceparent or self.traceparent,
        )

    def to_json(self) -> dict[str, Any]:
        return {"committedAtMs": self.committed_at_ms, "traceparent": self.traceparent}


def origin_from_json(told: Mapping[str, Any] | None) -> Origin | None:
    """Return what `to_json` made; None where nothing was told."""
    if told is None:
        return None
    return Origin(committed_at_ms=told.get("committedAtMs"), traceparent=told.get("traceparent"))

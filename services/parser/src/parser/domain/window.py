"""Step 2: how many chunks of a job may be on their way at once."""

from __future__ import annotations

from dataclasses import dataclass, field

SHARED_WINDOW = 192
"""Chunks on their way of all parses together: at 200 chunks/s it is one second's work, so the
chunk of a small file never waits longer behind large ones."""
SMALLEST, LARGEST = 4, 64
"""One job alone needs about 30 to keep a writer busy at 200 chunks/s."""


def window_size(active_parses: int) -> int:
    """Return how many chunks each of so many parses may have outstanding."""
    return max(SMALLEST, min(LARGEST, SHARED_WINDOW // max(active_parses, 1)))


@dataclass(slots=True)
class Window:
    """The chunks of one job that were produced and have no outcome in the ledger yet."""

    outstanding: set[int] = field(default_factory=set)
    moved_at_s: float = 0.0
    """When the set last changed, on the monotonic clock."""

    def sent(self, chunk_no: int, now_s: float) -> None:
        self.outstanding.add(chunk_no)
        self.moved_at_s = now_s

    def settled(self, chunk_nos: set[int], now_s: float) -> None:
        if chunk_nos & self.outstanding:
            self.outstanding -= chunk_nos
            self.moved_at_s = now_s

    def has_room(self, active_parses: int) -> bool:
        return len(self.outstanding) < window_size(active_parses)

    def is_stuck(self, now_s: float, after_s: float) -> bool:
        """Tell whether chunks have been outstanding so long that they must be lost."""
        return bool(self.outstanding) and now_s - self.moved_at_s > after_s

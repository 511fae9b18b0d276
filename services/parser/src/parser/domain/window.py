"""Step 2: how much of a job may be on its way at once."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

SHARED_WINDOW = 192
"""What may be on its way of all parses together, in units: see `weight_of`."""
SMALLEST, LARGEST = 4, 192
FEWEST = 8
"""However slow the writers are: enough to learn that they are fast again."""
FEWEST_CHUNKS = 2
"""One in a writer's hand and one behind it, however large they are."""
AT_FIRST = 64
"""Until the first outcomes tell the pace."""
UNIT_ROWS, UNIT_BYTES = 1000, 512 * 1024
LATENCY_S = 0.4
"""How long a chunk may wait behind others. With 64,000 rows of a large import outstanding, 1.1 s
of a busy writer's work, a file of 1,000 rows beside it took 2.7 s (p95). A round through Kafka, a
transaction and a look takes 0.15 s, so 0.4 s of work keeps the writers busy."""
PACE_SPAN_S = 1.0
LEAST_SPAN_S = 0.2


def weight_of(rows: int, size_bytes: int) -> float:
    """Return what a chunk counts in units of 1,000 rows or 512 KiB; a small one counts one."""
    return max(1.0, rows / UNIT_ROWS, size_bytes / UNIT_BYTES)


def share_of(active_parses: int) -> int:
    """Return how many units each of so many parses may have outstanding at most."""
    return max(SMALLEST, min(LARGEST, SHARED_WINDOW // max(active_parses, 1)))


@dataclass(slots=True)
class Window:
    """The chunks of one job that were produced and have no outcome in the ledger yet."""

    outstanding: dict[int, float] = field(default_factory=dict)
    """What each of them weighs."""
    moved_at_s: float = 0.0
    """When the set last changed, on the monotonic clock."""
    _outcomes: deque[tuple[float, float]] = field(default_factory=deque)
    """When how much was seen to have an outcome: those of the last second, and one before."""

    def sent(self, chunk_no: int, now_s: float, weight: float = 1.0) -> None:
        self.outstanding[chunk_no] = weight
        self.moved_at_s = now_s

    def settled(self, chunk_nos: set[int], now_s: float) -> None:
        ours = chunk_nos & self.outstanding.keys()
        if not ours:
            return
        self.moved_at_s = now_s
        self._outcomes.append((now_s, sum(self.outstanding.pop(chunk_no) for chunk_no in ours)))
        while len(self._outcomes) > 2 and self._outcomes[1][0] <= now_s - PACE_SPAN_S:  # noqa: PLR2004 - two make a span
            self._outcomes.popleft()

    def size(self, active_parses: int) -> int:
        """Return how many units may be outstanding: what the writers finish within `LATENCY_S`.

        The pace is measured (Little's law), so it follows the machine, the table and the number of
        writers by itself.
        """
        share, pace = share_of(active_parses), self._per_second()
        if pace is None:
            return min(AT_FIRST, share)
        return min(share, max(FEWEST, math.ceil(pace * LATENCY_S)))

    def _per_second(self) -> float | None:
        if not self._outcomes:
            return None
        span_s = self._outcomes[-1][0] - self._outcomes[0][0]
        if span_s < LEAST_SPAN_S:
            return None
        return sum(weight for _, weight in list(self._outcomes)[1:]) / span_s

    def has_room(self, active_parses: int) -> bool:
        if len(self.outstanding) < FEWEST_CHUNKS:
            return True
        return sum(self.outstanding.values()) < self.size(active_parses)

    def is_stuck(self, now_s: float, after_s: float) -> bool:
        """Tell whether chunks have been outstanding so long that they must be lost."""
        return bool(self.outstanding) and now_s - self.moved_at_s > after_s

"""How fast a job goes and which chunks came last: soft state, lost with the process."""

from __future__ import annotations

from collections import deque
from typing import Any

WINDOW_S = 10.0
RECENT_MAX = 20


class Pace:
    """Rows a second over a sliding window, and the last written chunks, of one job."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self.recent: deque[dict[str, Any]] = deque(maxlen=RECENT_MAX)

    def count(self, now_s: float, processed_rows: int) -> None:
        """Note how many rows were done by now; the window keeps one point before its start."""
        if self._seen and now_s - self._seen[-1][0] < 0.05:  # noqa: PLR2004 - the flush interval
            self._seen[-1] = (self._seen[-1][0], processed_rows)
        else:
            self._seen.append((now_s, processed_rows))
        while len(self._seen) > 1 and self._seen[1][0] <= now_s - WINDOW_S:
            self._seen.popleft()

    def rows_per_second(self, now_s: float) -> float | None:
        """Return the pace; None until it can be told."""
        if not self._seen:
            return None
        first_s, first_rows = self._seen[0]
        last_rows = self._seen[-1][1]
        span_s = min(WINDOW_S, now_s - first_s)
        if span_s < 0.2:  # noqa: PLR2004 - below this the pace is noise
            return None
        return round((last_rows - first_rows) / span_s, 1)

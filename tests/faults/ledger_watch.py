"""Watches the ledger grow, from beside the product: what says how soon work went on."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from itertools import pairwise

import psycopg

EVERY_S = 0.05
NAME = "fault-watch"


class LedgerWatch(threading.Thread):
    """Notes when the number of written chunks changed, since it was started."""

    def __init__(self, database_url: str) -> None:
        super().__init__(name=NAME, daemon=True)
        self._url = database_url
        self._stopping = threading.Event()
        self._times_s: list[float] = []
        self._counts: list[int] = []
        self._base: int | None = None

    @property
    def count(self) -> int:
        """How many chunks were written since the start."""
        return self._counts[-1] if self._counts else 0

    @property
    def last_growth_s(self) -> float | None:
        """When it grew last, on the monotonic clock."""
        return self._times_s[-1] if self._times_s else None

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    self._url, autocommit=True, connect_timeout=2, application_name=NAME
                ) as conn:
                    self._look(conn)
            except psycopg.Error:
                self._stopping.wait(EVERY_S)

    def stop(self) -> None:
        self._stopping.set()
        self.join(10)

    def growth_after(self, moment_s: float) -> float | None:
        """Return how long after a moment the ledger grew; None when it did not any more."""
        at = bisect_right(self._times_s, moment_s)
        return self._times_s[at] - moment_s if at < len(self._times_s) else None

    def standstill_after(self, moment_s: float) -> float:
        """Return the longest time without growth between a moment and the last growth."""
        times_s = [moment_s, *self._times_s[bisect_right(self._times_s, moment_s) :]]
        return max((b - a for a, b in pairwise(times_s)), default=0.0)

    def _look(self, conn: psycopg.Connection[tuple[int]]) -> None:
        query = "SELECT count(*) FROM sluice.chunks WHERE outcome = 'written'"
        while not self._stopping.is_set():
            row = conn.execute(query).fetchone()
            count = row[0] if row else 0
            if self._base is None:
                self._base = count
            elif count - self._base != self.count:
                self._counts.append(count - self._base)
                self._times_s.append(time.monotonic())
            self._stopping.wait(EVERY_S)

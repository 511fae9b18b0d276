"""The only place that reads a clock; everything else is handed `now`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the wall clock's time, in UTC: for people and for events, never for order."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds since some fixed moment: for delays; never goes back."""
        ...


class SystemClock:
    """The machine's own clocks; in tests of wrong clocks, shifted from the true time."""

    def __init__(self, shift_s: float = 0.0) -> None:
        self._shift = timedelta(seconds=shift_s)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift  # noqa: TID251 - this is the place

    def monotonic_s(self) -> float:
        return time.monotonic()


def thread_cpu_s() -> float:
    """Return what this thread has cost since it began: for what work costs, never for delays."""
    return time.thread_time()

"""The only place that reads a clock; everything else is handed `now`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
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
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the place

    def monotonic_s(self) -> float:
        return time.monotonic()

"""Whether a loop still turns: what `/livez` answers, so that a hung process is started again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sluice.clock import Clock

STALE_AFTER_S = 60.0
"""No turn of a healthy loop takes that long: every wait of ours is bounded by 30 s or less."""


class Heartbeat:
    """Beats at each turn of a loop, and with each sign of progress while there is work.

    `beat`, `progress` and `moved` are called by the loop, `not_live` by the ops server's thread.
    """

    def __init__(self, clock: Clock, stale_after_s: float = STALE_AFTER_S) -> None:
        self._clock = clock
        self._stale_after_s = stale_after_s
        self._lock = threading.Lock()
        self._turned_at_s = clock.monotonic_s()
        self._mark: object = None
        self._moved_at_s: float | None = None

    def beat(self) -> None:
        """The loop has turned once more."""
        with self._lock:
            self._turned_at_s = self._clock.monotonic_s()

    def progress(self, mark: object) -> None:
        """Say how far the work is: a mark that stays the same stands still, None is no work.

        A loop that waits for a dependency has no work for now: it says None.
        """
        with self._lock:
            if mark is None:
                self._moved_at_s = None
            elif mark != self._mark or self._moved_at_s is None:
                self._moved_at_s = self._clock.monotonic_s()
            self._mark = mark

    def moved(self) -> None:
        """A long piece of work has come further, within one turn of the loop."""
        with self._lock:
            self._turned_at_s = self._clock.monotonic_s()
            if self._moved_at_s is not None:
                self._moved_at_s = self._turned_at_s

    def not_live(self) -> str:
        """Return why the process should be ended, or nothing."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            turn_age_s = now_s - self._turned_at_s
            still_s = 0.0 if self._moved_at_s is None else now_s - self._moved_at_s
        if turn_age_s > self._stale_after_s:
            return f"the loop has not turned for {turn_age_s:.0f} s"
        if still_s > self._stale_after_s:
            return f"there is work, and none was done for {still_s:.0f} s"
        return ""

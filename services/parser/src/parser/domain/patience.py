"""Step 2: how long a reading child is waited for."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_STEP_S = 1.0


@dataclass(slots=True)
class Patience:
    """How long a reader has owed a frame; standing before a full window is no debt."""

    waited_s: float = 0.0
    _seen_at_s: float | None = None

    def observe(self, now_s: float, *, is_asked: bool) -> None:
        """Tell, turn by turn, whether a frame is asked for.

        A turn that took long (PostgreSQL was away) counts as one second.
        """
        if is_asked and self._seen_at_s is not None:
            self.waited_s += min(now_s - self._seen_at_s, _MOST_STEP_S)
        self._seen_at_s = now_s if is_asked else None

    def answered(self) -> None:
        self.waited_s, self._seen_at_s = 0.0, None

    def is_over(self, limit_s: float) -> bool:
        return self.waited_s > limit_s

"""Step 4: which jobs have a snapshot to publish, and when: pure, handed the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from progress_gateway.domain.turns import GAP_S, from_s, next_turn_s

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Untold:
    """Jobs to publish: the first change at once, further ones as often as a viewer is told.

    A snapshot that no viewer is sent costs the fold, Redis and every gateway for nothing.
    """

    jobs: set[str] = field(default_factory=set)
    _urgent: set[str] = field(default_factory=set)
    _turns_s: dict[str, float] = field(default_factory=dict)

    def note(self, job_ids: Iterable[str], *, at_once: bool = False) -> None:
        """Have these jobs published; `at_once`: somebody waits for this very change."""
        job_ids = set(job_ids)
        self.jobs |= job_ids
        if at_once:
            self._urgent |= job_ids

    def take_due(self, now_s: float) -> set[str]:
        """Return the jobs whose time has come, as told now."""
        due = {job_id for job_id in self.jobs if self._wait_s(job_id, now_s) <= 0}
        self.jobs -= due
        self._urgent -= due
        for job_id in due:
            turn_s = self._turns_s.get(job_id, now_s)
            self._turns_s[job_id] = next_turn_s(turn_s, now_s, GAP_S)
        return due

    def put_back(self, job_ids: Iterable[str]) -> None:
        """Have these jobs published all the same: they could not be told."""
        self.note(job_ids, at_once=True)

    def wait_s(self, now_s: float) -> float | None:
        """Return how long there is nothing to publish; None: until something is noted."""
        return min((self._wait_s(job_id, now_s) for job_id in self.jobs), default=None)

    def forget_all_but(self, job_ids: set[str]) -> None:
        """Forget when jobs were told that show nothing new any more."""
        self._turns_s = {j: turn_s for j, turn_s in self._turns_s.items() if j in job_ids}

    def _wait_s(self, job_id: str, now_s: float) -> float:
        turn_s = self._turns_s.get(job_id)
        if turn_s is None or job_id in self._urgent:
            return 0.0
        return max(0.0, from_s(turn_s, GAP_S) - now_s)

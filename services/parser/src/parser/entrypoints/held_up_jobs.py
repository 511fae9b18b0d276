"""Step 2: the jobs whose files are out of reach, while everything else goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parser.metrics import WAITING

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.clock import Clock
    from sluice.kafka.waiting_notices import WaitingNotices

WAITS_FOR = {
    "postgres": ("postgresql", "the database cannot be reached"),
    "kafka": ("kafka", "the message broker does not answer"),
    "storage": ("storage", "the storage of uploaded files cannot be reached"),
}
"""What people are told of an outage: no address, no driver's text."""
KEPT = 2.0
"""Remembered for so many times as long as it is held off: by then it was claimed again, or never
will be here (it was cancelled, or another parser has it)."""


class HeldUpJobs:
    """Tells the people of each such job what it waits for, until its file is opened."""

    def __init__(self, notices: WaitingNotices, clock: Clock, held_off_s: float) -> None:
        self._notices = notices
        self._clock = clock
        self._kept_s = held_off_s * KEPT
        self._jobs: dict[UUID, tuple[int, float]] = {}
        """By job: its run, and until when it is remembered."""

    def add(self, job_id: UUID, run: int) -> bool:
        """Remember a job; tell whether that is new."""
        is_new = job_id not in self._jobs
        self._jobs[job_id] = (run, self._clock.monotonic_s() + self._kept_s)
        return is_new

    def opened(self, job_id: UUID) -> None:
        """Say that a job waits no more, where it did."""
        if self._jobs.pop(job_id, None) is not None:
            self._notices.go_on([job_id])

    def tell(self) -> None:
        """Say what each waits for, and forget those that were not met again."""
        now_s = self._clock.monotonic_s()
        for job_id in [job for job, (_, until_s) in self._jobs.items() if until_s < now_s]:
            self.opened(job_id)
        self._notices.waits(self.runs().items(), *WAITS_FOR["storage"])
        WAITING.set(1 if self._jobs else 0)

    def runs(self) -> dict[UUID, int]:
        return {job_id: run for job_id, (run, _) in self._jobs.items()}

"""States `import-waiting` and `import-resumed`: soft facts, repeated every 5 s while they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sluice.events import ImportResumed, ImportWaiting, Record, to_record
from sluice.waiting import REPEAT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from sluice.clock import Clock

KAFKA = "kafka"


class BesideKafka(Protocol):
    """Another way to the people of a job."""

    def show(self, job_ids: Iterable[UUID], dependency: str, reason: str) -> None:
        """Show for some seconds that these jobs wait; never raises, may show nothing."""
        ...


class WaitingNotices:
    """Tells the people of a job what it waits for, as long as somebody calls."""

    def __init__(
        self,
        source: str,
        worker: str,
        say: Callable[[Record], None],
        clock: Clock,
        beside_kafka: BesideKafka | None = None,
    ) -> None:
        """`beside_kafka` shows what cannot be said because Kafka is what is away."""
        self._source = source
        self._worker = worker
        self._say = say
        self._beside_kafka = beside_kafka
        self._clock = clock
        self._number = 0
        self._waiting: dict[UUID, tuple[int, float]] = {}
        """By job: its run, and when to say it again."""

    def waits(self, jobs: Iterable[tuple[UUID, int]], dependency: str, reason: str) -> None:
        """Say that these jobs wait, where that was not said within the last 5 s."""
        due = self._due(jobs)
        if dependency == KAFKA:
            if self._beside_kafka is not None:
                self._beside_kafka.show(due, dependency, reason)
            return
        for job_id, run in due.items():
            fact = ImportWaiting(
                job_id=job_id,
                run=run,
                worker=self._worker,
                number=self._next(),
                dependency=dependency,
                reason=reason,
            )
            self._say(to_record(fact, source=self._source, now=self._clock.now()))

    def go_on(self, job_ids: Iterable[UUID] | None = None) -> None:
        """Say that these jobs wait no more, or that none does; silent for those that did not."""
        for job_id in list(self._waiting) if job_ids is None else job_ids:
            waited = self._waiting.pop(job_id, None)
            if waited is None:
                continue
            fact = ImportResumed(
                job_id=job_id, run=waited[0], worker=self._worker, number=self._next()
            )
            self._say(to_record(fact, source=self._source, now=self._clock.now()))

    def _due(self, jobs: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
        """Return the jobs that nothing was said of for 5 s, each with its run."""
        now_s = self._clock.monotonic_s()
        due = {job: run for job, run in jobs if now_s >= self._waiting.get(job, (run, now_s))[1]}
        self._waiting |= {job: (run, now_s + REPEAT_S) for job, run in due.items()}
        return due

    def _next(self) -> int:
        self._number += 1
        return self._number

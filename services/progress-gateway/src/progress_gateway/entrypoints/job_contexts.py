"""Step 4: the contexts of jobs, shared by all viewers of a process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import structlog

from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progress_gateway.adapters.job_views import JobViews
    from progress_gateway.domain.job_context import JobContext
    from sluice.clock import Clock

log = structlog.get_logger(__name__)

FRESH_S = 0.25
"""So old may be what a stream says of an ended job."""
ANY_AGE_S = float("inf")
"""What is said of other jobs never changes."""
HELD_MAX = 10_000


class JobContexts:
    """Remembers what was read; without PostgreSQL that is all there is."""

    def __init__(self, views: JobViews, clock: Clock) -> None:
        self._views = views
        self._clock = clock
        self._held: dict[str, tuple[float, JobContext]] = {}
        self._in_hand: dict[str, asyncio.Task[None]] = {}

    def held(self, job_id: str) -> JobContext | None:
        """Return what was read of a job some time: of a running one that never changes."""
        held = self._held.get(job_id)
        return None if held is None else held[1]

    async def of(self, job_ids: Iterable[str], max_age_s: float = 0.0) -> dict[str, JobContext]:
        """Return the contexts of the jobs that there are, read no longer ago than that."""
        job_ids = list(job_ids)
        oldest_s = self._clock.monotonic_s() - max_age_s
        wanted = [j for j in job_ids if j not in self._held or self._held[j][0] <= oldest_s]
        if wanted:
            await (self._read_together(wanted) if max_age_s else self._read(wanted))
        return {job_id: self._held[job_id][1] for job_id in job_ids if job_id in self._held}

    async def _read_together(self, job_ids: list[str]) -> None:
        """Read these, but for those that are being read now: all viewers ask at a job's end.

        What ends the reading ends all who wait for it: none of them goes on as if it were done.
        """
        new = [job_id for job_id in job_ids if job_id not in self._in_hand]
        if new:
            self._in_hand |= dict.fromkeys(new, asyncio.create_task(self._read_for_all(new)))
        for reading in {self._in_hand[job_id] for job_id in job_ids}:
            # A viewer that goes away must not end the reading of the others
            await asyncio.shield(reading)

    async def _read_for_all(self, job_ids: list[str]) -> None:
        try:
            await self._read(job_ids)
        finally:
            for job_id in job_ids:
                del self._in_hand[job_id]

    async def _read(self, job_ids: list[str]) -> None:
        try:
            found = await self._views.contexts(job_ids)
        except (Outage, psycopg.Error) as error:
            log.warning("contexts cannot be read", reason=str(error).partition("\n")[0])
            return
        if len(self._held) > HELD_MAX:
            self._held.clear()
        now_s = self._clock.monotonic_s()
        self._held |= {job_id: (now_s, context) for job_id, context in found.items()}

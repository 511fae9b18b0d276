"""Step 4: one listener for a whole gateway process, who keeps what is newest of each job."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import structlog

from progress_gateway.adapters.snapshot_reader import SnapshotNews, WaitNews
from progress_gateway.domain.job_context import is_behind, with_context
from progress_gateway.domain.snapshot import with_waiting
from progress_gateway.domain.stream_choice import replaces
from progress_gateway.entrypoints.fan_out import FanOut
from progress_gateway.entrypoints.http_metrics import REDIS_AWAY
from progress_gateway.entrypoints.job_contexts import JobContexts
from progress_gateway.entrypoints.shared_messages import SharedMessages
from sluice.errors import Outage
from sluice.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from progress_gateway.adapters.job_views import JobViews
    from progress_gateway.adapters.snapshot_reader import SnapshotReader
    from progress_gateway.domain.job_context import JobContext
    from progress_gateway.domain.origin import Origin
    from progress_gateway.entrypoints.fan_out import Slot
    from sluice.clock import Clock

log = structlog.get_logger(__name__)

Snapshot = dict[str, Any]
NOBODY_ANSWERS = "Neither Redis nor PostgreSQL can be reached: what is shown may be out of date."


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPace:
    """How often the hub looks by itself."""

    refresh_s: float = 2.0
    """Guards against a subscription that fell silent, and against a fold that stands still."""
    poll_s: float = 1.0
    """How often PostgreSQL is asked while Redis is away."""
    reconnect_s: float = 1.0


USUAL_PACE = HubPace()


class NewsHub:
    """Hears of every job, keeps what is watched, and hands it to the slots."""

    def __init__(
        self, reader: SnapshotReader, views: JobViews, clock: Clock, pace: HubPace = USUAL_PACE
    ) -> None:
        self._reader = reader
        self._views = views
        self._clock = clock
        self.contexts = JobContexts(views, clock)
        self.messages = SharedMessages()
        self._pace = pace
        self._fan_out = FanOut(clock, self._shown)
        self._slots = self._fan_out.slots
        self._known: dict[str, Snapshot] = {}
        self._waits: dict[str, Waiting] = {}
        self._still: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.redis_is_away = True
        self.closing = False

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._listen(), name="news"),
            asyncio.create_task(self._refresh(), name="refresh"),
            asyncio.create_task(self._ask_rows(), name="rows"),
        ]

    def not_live(self) -> str:
        """Return which part has ended by a bug; nothing while all run."""
        ended = [task.get_name() for task in self._tasks if task.done()]
        return f"ended: {', '.join(ended)}" if ended and not self.closing else ""

    def close_streams(self) -> None:
        """End every stream after the message in hand; the browsers connect again elsewhere."""
        self.closing = True
        for slots in self._slots.values():
            for slot in slots:
                slot.wake()

    async def stop(self) -> None:
        self.close_streams()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextmanager
    def watch(self, slot: Slot, job_ids: Iterable[str]) -> Iterator[None]:
        """Offer the news of these jobs to a slot from now on; see `add`."""
        self.add(slot, job_ids)
        try:
            yield
        finally:
            self.drop(slot, list(slot.watched))

    def add(self, slot: Slot, job_ids: Iterable[str]) -> None:
        """Offer the news of further jobs to a slot; whoever adds then reads the snapshots."""
        for job_id in job_ids:
            slot.watched.add(job_id)
            self._slots.setdefault(job_id, set()).add(slot)

    def drop(self, slot: Slot, job_ids: Iterable[str]) -> None:
        """Offer the news of these jobs to a slot no more, and forget what nobody watches."""
        for job_id in job_ids:
            slot.taken(job_id)
            slot.watched.discard(job_id)
            slots = self._slots.get(job_id, set())
            slots.discard(slot)
            if not slots:
                self._fan_out.forget(job_id)
                for kept in (self._known, self._waits, self._still):
                    kept.pop(job_id, None)

    async def current(self, job_ids: Sequence[str]) -> dict[str, Snapshot]:
        """Return the snapshots of jobs: from Redis, and what it lacks from PostgreSQL.

        Raises:
            Outage: Redis lacks a snapshot and PostgreSQL is away.
        """
        found: dict[str, Snapshot] = {}
        waits: dict[str, Waiting] = {}
        try:
            found = await self._reader.read(job_ids)
            waits = await self._reader.waits(job_ids)
        except Outage as outage:
            log.warning("snapshots come from PostgreSQL", reason=outage.reason)
        missing = [job_id for job_id in job_ids if job_id not in found]
        found |= await self._views.snapshots(missing) if missing else {}
        contexts = await self.contexts.of(found)
        found |= await self.caught_up(found, contexts)
        for job_id in self._slots.keys() & found.keys():
            self._known.setdefault(job_id, found[job_id])
        return {
            job_id: with_context(with_waiting(snapshot, waits.get(job_id)), contexts.get(job_id))
            for job_id, snapshot in found.items()
        }

    async def caught_up(
        self, found: Mapping[str, Snapshot], contexts: Mapping[str, JobContext]
    ) -> dict[str, Snapshot]:
        """Return the rows of jobs that have ended and changed since, where they are ahead.

        A retry, a correction and an undo change a job after its end, and their facts take a
        moment: a stream that is opened in it must not end with what was.
        """
        behind = [job for job, snapshot in found.items() if is_behind(snapshot, contexts.get(job))]
        try:
            rows = await self._views.snapshots(behind) if behind else {}
        except Outage:
            return {}
        return {j: row for j, row in rows.items() if replaces(found[j], row, is_row=True)}

    def _take(
        self, snapshot: Snapshot, origin: Origin | None = None, *, is_row: bool = False
    ) -> None:
        """Hand a snapshot on, unless it is older than what is known.

        One made of rows knows no pace and no batches: it counts only when it is newer, or ends
        the job.
        """
        job_id = snapshot["jobId"]
        slots = self._slots.get(job_id)
        if not slots:
            return
        known = self._known.get(job_id)
        if known is not None and not replaces(known, snapshot, is_row=is_row):
            return
        self._known[job_id] = snapshot
        self._still[job_id] = 0
        self._fan_out.tell(job_id, origin)

    def _take_waits(self, waits: Mapping[str, Waiting | None]) -> None:
        """Show what jobs wait for over what is known of them, where it is news."""
        for job_id, waiting in waits.items():
            if waiting == self._waits.get(job_id) or job_id not in self._slots:
                continue
            if waiting is None:
                del self._waits[job_id]
            else:
                self._waits[job_id] = waiting
            self._fan_out.tell(job_id)

    def _shown(self, job_id: str) -> Snapshot | None:
        """Return what is newest of a job, with what it waits for over it."""
        known = self._known.get(job_id)
        return None if known is None else with_waiting(known, self._waits.get(job_id))

    async def _listen(self) -> None:
        while True:
            try:
                async for news in self._reader.news(self._slots.keys()):
                    self.redis_is_away = False
                    REDIS_AWAY.set(0)
                    if isinstance(news, WaitNews):
                        self._take_waits({news.job_id: news.waiting})
                    elif isinstance(news, SnapshotNews):
                        self._take(news.snapshot, news.origin)
            except Outage as outage:
                log.warning("the news are read from PostgreSQL", reason=outage.reason)
            self.redis_is_away = True
            REDIS_AWAY.set(1)
            await asyncio.sleep(self._pace.reconnect_s)

    async def _refresh(self) -> None:
        """Read all that is watched from Redis, now and then; ends the waits that ran out."""
        while True:
            await asyncio.sleep(self._pace.refresh_s)
            job_ids = list(self._slots)
            if self.redis_is_away or not job_ids:
                continue
            try:
                for snapshot in (await self._reader.read(job_ids)).values():
                    self._take(snapshot)
                waits = await self._reader.waits(job_ids)
                self._take_waits({job_id: waits.get(job_id) for job_id in job_ids})
            except Outage as outage:
                log.warning("snapshots cannot be refreshed", dependency=outage.dependency)

    async def _ask_rows(self) -> None:
        """Ask PostgreSQL for what stands still, and for everything while Redis is away."""
        while True:
            pace = self._pace
            await asyncio.sleep(pace.poll_s if self.redis_is_away else pace.refresh_s)
            still = [job_id for job_id in self._slots if self._stands_still(job_id)]
            try:
                rows = await self._views.snapshots(still) if still else {}
            except Outage as outage:
                log.warning("rows cannot be read", dependency=outage.dependency)
                self._say_nobody_answers(outage)
                continue
            except psycopg.Error as error:
                log.warning("rows cannot be read", reason=str(error).partition("\n")[0])
                continue
            for snapshot in rows.values():
                self._take(snapshot, is_row=True)
            if self.redis_is_away:
                # What jobs wait for is known to Redis alone
                self._take_waits(dict.fromkeys(list(self._waits)))

    def _say_nobody_answers(self, outage: Outage) -> None:
        if self.redis_is_away:
            waiting = Waiting(
                worker="progress-gateway", dependency=outage.dependency, reason=NOBODY_ANSWERS
            )
            self._take_waits(dict.fromkeys(list(self._slots), waiting))

    def _stands_still(self, job_id: str) -> bool:
        """Tell whether nothing came of a job since the refresh before."""
        self._still[job_id] = self._still.get(job_id, 0) + 1
        return self.redis_is_away or self._still[job_id] > 1

"""The hub with stand-ins for Redis and PostgreSQL: what is told while they are away."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import psycopg

from progress_gateway.adapters.snapshot_reader import WaitNews
from progress_gateway.domain.job_context import JobContext
from progress_gateway.domain.origin import Origin
from progress_gateway.domain.stream_choice import StreamScope, Viewed
from progress_gateway.entrypoints.event_texts import EventTexts
from progress_gateway.entrypoints.fan_out import Slot
from progress_gateway.entrypoints.job_lists import JobLists
from progress_gateway.entrypoints.news_hub import NOBODY_ANSWERS, HubPace, NewsHub
from progress_gateway.entrypoints.sse_stream import SseStream, StreamParts
from sluice.auth.access import Right
from sluice.clock import SystemClock
from sluice.errors import Outage
from sluice.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

    from progress_gateway.adapters.job_views import Asked, JobViews
    from progress_gateway.adapters.snapshot_reader import SnapshotReader
    from progress_gateway.entrypoints.stream_guard import StreamGuard
    from sluice.web.auth import Session

JOB, OTHER = "a-job", "another"
ORIGIN = Origin(committed_at_ms=1)
WAITING = Waiting(worker="w", dependency="postgresql", reason="It is away.")


def snapshot(version: int, status: str = "processing", run: int = 1) -> dict[str, Any]:
    data = {"run": run, "failedRows": 0, "failure": None, "currentBatch": version}
    return {"jobId": JOB, "version": version, "status": status, "type": "progress", "data": data}


class Redis:
    """Stands in for the reader of Redis."""

    def __init__(self) -> None:
        self.is_away = False
        self.snapshots: dict[str, dict[str, Any]] = {}
        self.waiting: dict[str, Waiting] = {}
        self.said: asyncio.Queue[dict[str, Any] | WaitNews] = asyncio.Queue()

    async def read(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        self._check()
        return {job: self.snapshots[job] for job in job_ids if job in self.snapshots}

    async def waits(self, job_ids: Sequence[str]) -> dict[str, Waiting]:
        self._check()
        return {job: self.waiting[job] for job in job_ids if job in self.waiting}

    async def news(self, _watched: Collection[str]) -> AsyncIterator[Any]:
        while True:
            self._check()
            yield None
            try:
                async with asyncio.timeout(0.05):
                    yield await self.said.get()
            except TimeoutError:
                pass

    def _check(self) -> None:
        if self.is_away:
            raise Outage("redis", "a test")


class Rows:
    """Stands in for PostgreSQL's views."""

    def __init__(self) -> None:
        self.is_away = False
        self.failures: list[Exception] = []
        """What the next readings of snapshots fail by."""
        self.listed: list[str] = []
        self.found: dict[str, dict[str, Any]] = {}

    async def contexts(self, job_ids: Sequence[str]) -> dict[str, JobContext]:
        found = await self.snapshots(job_ids)
        return {job: JobContext(version=row["version"]) for job, row in found.items()}

    async def jobs_of(self, asked: Sequence[Asked]) -> dict[Asked, list[str]]:
        return dict.fromkeys(asked, self.listed)

    async def snapshots(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        if self.is_away:
            raise Outage("postgresql", "a test")
        if self.failures:
            raise self.failures.pop()
        return {job: self.found[job] for job in job_ids if job in self.found}


QUICK = HubPace(refresh_s=0.05, poll_s=0.05, reconnect_s=0.05)


def run(story: Callable[[Redis, Rows, NewsHub, Slot], Awaitable[None]]) -> None:
    async def whole() -> None:
        redis, rows, slot = Redis(), Rows(), Slot()
        reader, views = cast("SnapshotReader", redis), cast("JobViews", rows)
        hub = NewsHub(reader, views, SystemClock(), QUICK)
        hub.start()
        with hub.watch(slot, [JOB]):
            await story(redis, rows, hub, slot)
        assert hub.not_live() == ""
        await hub.stop()

    asyncio.run(whole())


async def offered(slot: Slot, status: str) -> dict[str, Any]:
    """Return the first snapshot with this status that the slot is offered."""
    async with asyncio.timeout(10):
        while slot.latest.get(JOB, {}).get("status") != status:
            await slot.wait(0.1)
    return slot.latest[JOB]


def test_a_wait_is_shown_at_once_and_ends_when_its_key_does() -> None:
    async def story(redis: Redis, _rows: Rows, _hub: NewsHub, slot: Slot) -> None:
        redis.snapshots[JOB] = snapshot(5)
        await offered(slot, "processing")
        redis.waiting[JOB] = WAITING
        await redis.said.put(WaitNews(job_id=JOB, waiting=WAITING))
        shown = await offered(slot, "retrying")
        assert (shown["version"], shown["data"]["reason"]) == (5, "It is away.")
        redis.waiting.clear()
        assert (await offered(slot, "processing"))["version"] == 5

    run(story)


def test_streams_go_on_from_redis_while_postgresql_is_away() -> None:
    async def story(redis: Redis, rows: Rows, _hub: NewsHub, slot: Slot) -> None:
        rows.is_away = True
        redis.snapshots[JOB] = snapshot(5)
        await offered(slot, "processing")
        redis.snapshots[JOB] = snapshot(9, "paused")
        assert (await offered(slot, "paused"))["version"] == 9

    run(story)


def test_rows_speak_without_redis_and_without_both_the_stream_says_so() -> None:
    async def story(redis: Redis, rows: Rows, hub: NewsHub, slot: Slot) -> None:
        redis.is_away = True
        rows.found[JOB] = snapshot(5)
        await offered(slot, "processing")
        assert hub.redis_is_away
        rows.is_away = True
        shown = await offered(slot, "retrying")
        assert (shown["data"]["waitingFor"], shown["data"]["reason"]) == (
            "postgresql",
            NOBODY_ANSWERS,
        )
        rows.is_away = False
        assert (await offered(slot, "processing"))["version"] == 5

    run(story)


def test_a_stream_opened_right_after_a_retry_does_not_begin_with_the_old_end() -> None:
    async def story(redis: Redis, rows: Rows, hub: NewsHub, _slot: Slot) -> None:
        redis.snapshots[JOB] = snapshot(5, "cancelled")
        rows.found[JOB] = snapshot(5, "cancelled")
        assert (await hub.current([JOB]))[JOB]["status"] == "cancelled"
        rows.found[JOB] = snapshot(7, "pending", run=2)
        assert (await hub.current([JOB]))[JOB]["status"] == "pending"
        rows.is_away = True
        assert (await hub.current([JOB]))[JOB]["status"] == "cancelled"

    run(story)


def test_a_job_that_is_no_longer_shared_is_told_no_more() -> None:
    """Not even the end of what was changing it when it was told last."""

    async def story(_redis: Redis, rows: Rows, hub: NewsHub, _slot: Slot) -> None:
        stream, lists = stream_of(hub, rows)
        rows.listed, rows.found[JOB] = [JOB], snapshot(5, "completed")
        with lists.watch(stream):
            await lists.look()
            await stream._watch_listed()
            assert set(stream._slot.latest) == {JOB}
            stream._slot.taken(JOB)
            stream._viewed[JOB] = Viewed(version=5, ongoing="undo")
            stream._slot.offer(snapshot(6), ORIGIN)
            rows.listed = []
            await lists.look()
            await stream._watch_listed()
        await stream._look()
        assert (stream._slot.latest, stream._slot.taken(JOB)) == ({}, None)

    run(story)


def test_a_share_withdrawn_while_the_viewer_takes_nothing_is_never_told() -> None:
    async def story(_redis: Redis, rows: Rows, hub: NewsHub, _slot: Slot) -> None:
        stream, lists = stream_of(hub, rows)
        rows.listed, rows.found[JOB] = [JOB], snapshot(5)
        rows.found[OTHER] = {**snapshot(1), "jobId": OTHER}
        async with aclosing(stream.events()) as events:
            told = [await anext(events), await anext(events)]
            for shared in ([JOB, OTHER], [JOB]):
                rows.listed = shared
                await lists.look()
            stream._slot.offer(snapshot(6))
            told.append(await anext(events))
        assert [JOB in one.decode() and OTHER not in one.decode() for one in told[1:]] == [True] * 2

    run(story)


def test_rows_are_asked_for_again_where_postgresql_refused_once() -> None:
    async def story(redis: Redis, rows: Rows, _hub: NewsHub, slot: Slot) -> None:
        redis.is_away = True
        rows.failures = [psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")]
        rows.found[JOB] = snapshot(5)
        await offered(slot, "processing")
        assert rows.failures == []

    run(story)


def stream_of(hub: NewsHub, rows: Rows) -> tuple[SseStream, JobLists]:
    """Return a stream of many jobs that is not guarded."""
    reader, views, lists = (
        cast("SnapshotReader", None),
        cast("JobViews", rows),
        JobLists(rows.jobs_of),
    )
    parts = StreamParts(
        hub=hub,
        lists=lists,
        texts=EventTexts(messages=hub.messages, reader=reader, views=views),
        clock=SystemClock(),
        failed_stream_open_s=1.0,
        guard=cast("StreamGuard", SimpleNamespace(watch=nullcontext)),
    )
    session = SimpleNamespace(
        user=SimpleNamespace(user_id=uuid4()),
        expires_at=parts.clock.now() + timedelta(hours=1),
    )
    stream = SseStream(
        parts=parts,
        session=cast("Session", session),
        job_id=None,
        right=Right.VIEW,
        scope=StreamScope.VISIBLE,
    )
    return stream, lists

"""The jobs of all streams are asked for by one question, and each stream gets its own."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from progress_gateway.domain.stream_choice import StreamScope
from progress_gateway.entrypoints.job_lists import JobLists
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progress_gateway.adapters.job_views import Asked

ANN, BOB = uuid4(), uuid4()
MINE, VISIBLE = StreamScope.MINE, StreamScope.VISIBLE


@dataclass(kw_only=True, eq=False)
class Stream:
    asked: Asked
    jobs: list[Sequence[str]] = field(default_factory=list)
    has_three: asyncio.Event = field(default_factory=asyncio.Event)

    def list_jobs(self, job_ids: Sequence[str]) -> None:
        self.jobs.append(job_ids)
        if len(self.jobs) == 3:
            self.has_three.set()


class Rows:
    """Answers a moment later, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[set[Asked]] = []
        self.is_away = False
        self.failures: list[Exception] = []
        """What the next questions fail by."""

    async def jobs_of(self, asked: Sequence[Asked]) -> dict[Asked, list[str]]:
        assert len(asked) == len(set(asked))
        self.asked.append(set(asked))
        await asyncio.sleep(0.01)
        if self.is_away:
            raise Outage("postgresql", "a test")
        if self.failures:
            raise self.failures.pop()
        return {each: [job_of(each)] for each in asked}


def job_of(asked: tuple[UUID, StreamScope]) -> str:
    return f"{asked[1]} of {asked[0]}"


def test_one_look_asks_once_for_all_streams() -> None:
    async def story() -> None:
        rows = Rows()
        lists = JobLists(rows.jobs_of)
        keys = [(ANN, MINE), (ANN, MINE), (ANN, VISIBLE), (BOB, MINE)]
        streams = [Stream(asked=key) for key in keys]
        with ExitStack() as held:
            for stream in streams:
                held.enter_context(lists.watch(stream))
            await lists.look()
            rows.is_away = True
            await lists.look()
        assert [stream.jobs for stream in streams] == [[[job_of(key)]] for key in keys]
        assert rows.asked == [set(keys), set(keys)]

    asyncio.run(story())


def test_those_who_open_streams_at_once_ask_together() -> None:
    async def story() -> None:
        rows = Rows()
        lists = JobLists(rows.jobs_of)
        keys = [(uuid4(), VISIBLE) for _ in range(200)] * 2
        first = asyncio.create_task(lists.first((ANN, MINE)))
        await asyncio.sleep(0.001)
        found = await asyncio.gather(*(lists.first(key) for key in keys))
        assert found == [[job_of(key)] for key in keys]
        assert await first == [job_of((ANN, MINE))]
        assert [len(asked) for asked in rows.asked] == [1, 200]

    asyncio.run(story())


def test_an_opening_hears_of_an_outage_and_the_next_one_asks_again() -> None:
    async def story() -> None:
        rows = Rows()
        lists = JobLists(rows.jobs_of)
        rows.is_away = True
        with pytest.raises(Outage):
            await lists.first((ANN, MINE))
        rows.is_away = False
        assert await lists.first((ANN, MINE)) == [job_of((ANN, MINE))]

    asyncio.run(story())


def test_a_viewer_who_leaves_takes_the_answer_from_nobody() -> None:
    async def story() -> None:
        rows = Rows()
        lists = JobLists(rows.jobs_of)
        first, second = (asyncio.create_task(lists.first((ANN, MINE))) for _ in range(2))
        await asyncio.sleep(0.001)
        first.cancel()
        assert await second == [job_of((ANN, MINE))]
        assert len(rows.asked) <= 2

    asyncio.run(story())


def test_new_jobs_are_looked_for_again_and_again() -> None:
    async def story() -> None:
        rows = Rows()
        lists, stream = JobLists(rows.jobs_of, look_s=0.01), Stream(asked=(ANN, MINE))
        lists.start()
        with lists.watch(stream):
            async with asyncio.timeout(20):
                await stream.has_three.wait()
        assert lists.not_live() == ""
        await lists.stop()

    asyncio.run(story())


def test_a_look_that_postgresql_refuses_is_not_the_last_one() -> None:
    async def story() -> None:
        rows = Rows()
        rows.failures = [
            psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"),
            psycopg.errors.InsufficientPrivilege("permission denied"),
        ]
        lists, stream = JobLists(rows.jobs_of, look_s=0.01), Stream(asked=(ANN, MINE))
        lists.start()
        with lists.watch(stream):
            async with asyncio.timeout(20):
                await stream.has_three.wait()
        assert (rows.failures, lists.not_live()) == ([], "")
        await lists.stop()

    asyncio.run(story())


def test_a_bug_ends_the_looks_and_shows() -> None:
    async def story() -> None:
        rows = Rows()
        rows.failures = [KeyError("a test")]
        lists = JobLists(rows.jobs_of, look_s=0.01)
        lists.start()
        with lists.watch(Stream(asked=(ANN, MINE))):
            async with asyncio.timeout(20):
                while not lists.not_live():  # noqa: ASYNC110 - it is asked by /livez
                    await asyncio.sleep(0.01)
        assert lists.not_live() == "ended: lists"
        await lists.stop()

    asyncio.run(story())

"""At the end of a job all its viewers ask for its context at once, and PostgreSQL is asked once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import psycopg

from progress_gateway.domain.job_context import JobContext
from progress_gateway.entrypoints.job_contexts import FRESH_S, JobContexts
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from progress_gateway.adapters.job_views import JobViews


class Views:
    """Answers a moment later, and counts."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.failure: Exception | None = None

    async def contexts(self, job_ids: list[str]) -> dict[str, JobContext]:
        self.asked.append(job_ids)
        await asyncio.sleep(0.01)
        if self.failure is not None:
            raise self.failure
        return {job_id: JobContext(version=len(self.asked)) for job_id in job_ids}


def contexts_of(views: Views) -> JobContexts:
    return JobContexts(cast("JobViews", views), SystemClock())


def test_viewers_who_ask_at_once_share_a_reading() -> None:
    async def ask() -> None:
        views = Views()
        contexts = contexts_of(views)
        found = await asyncio.gather(*(contexts.of(["a"], FRESH_S) for _ in range(50)))
        both = await contexts.of(["a", "b"], FRESH_S)
        assert [each["a"].version for each in found] == [1] * 50
        assert (both["a"].version, both["b"].version) == (1, 2)
        assert views.asked == [["a"], ["b"]]

    asyncio.run(ask())


def test_who_wants_the_newest_reads_for_himself() -> None:
    async def ask() -> None:
        views = Views()
        contexts = contexts_of(views)
        await asyncio.gather(contexts.of(["a"], FRESH_S), contexts.of(["a"]))
        assert views.asked == [["a"], ["a"]]

    asyncio.run(ask())


def test_a_viewer_who_leaves_ends_nobody_s_reading() -> None:
    async def ask() -> None:
        views = Views()
        contexts = contexts_of(views)
        first = asyncio.create_task(contexts.of(["a"], FRESH_S))
        second = asyncio.create_task(contexts.of(["a"], FRESH_S))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second)["a"].version == 1
        assert views.asked == [["a"]]

    asyncio.run(ask())


def test_without_an_answer_viewers_go_on_with_what_was_read() -> None:
    async def ask() -> None:
        views = Views()
        contexts = contexts_of(views)
        await contexts.of(["a"], FRESH_S)
        views.failure = psycopg.errors.UndefinedTable("a test")
        found = await contexts.of(["a", "b"], 1e-9)
        assert found == {"a": JobContext(version=1)}
        assert await contexts.of(["a"]) == found
        views.failure = None
        assert (await contexts.of(["b"], FRESH_S))["b"].version == 4

    asyncio.run(ask())


def test_a_bug_is_told_to_all_who_wait_for_the_reading() -> None:
    async def ask() -> None:
        views = Views()
        contexts = contexts_of(views)
        views.failure = KeyError("a test")
        waiting = [contexts.of(["a"], FRESH_S) for _ in range(3)]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in found] == [KeyError] * 3
        views.failure = None
        assert (await contexts.of(["a"], FRESH_S))["a"].version == 2

    asyncio.run(ask())

"""A stream of many jobs tells the newest of each, whatever comes while it is sending."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from progress_gateway.domain.job_context import JobContext
from progress_gateway.entrypoints.event_texts import EventTexts
from progress_gateway.entrypoints.news_hub import NewsHub
from progress_gateway.entrypoints.sse_stream import SseStream
from sluice.auth.access import Right
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from progress_gateway.adapters.job_views import JobViews
    from progress_gateway.adapters.snapshot_reader import SnapshotReader
    from progress_gateway.entrypoints.sse_stream import StreamParts
    from sluice.web.auth import Session


class Views:
    """Knows a context of every job, and no errors."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile

    async def contexts(self, job_ids: list[str]) -> dict[str, JobContext]:
        self._meanwhile()
        return {job_id: JobContext(version=0) for job_id in job_ids}


def stream_of_many(meanwhile: Callable[[], None] = lambda: None) -> SseStream:
    """Return one; `meanwhile` happens while the context of a job is read."""
    clock = SystemClock()
    views = cast("JobViews", Views(meanwhile))
    hub = NewsHub(cast("SnapshotReader", None), views, clock)
    texts = EventTexts(messages=hub.messages, reader=cast("SnapshotReader", None), views=views)
    parts = cast("StreamParts", SimpleNamespace(hub=hub, texts=texts, clock=clock))
    return SseStream(parts=parts, session=cast("Session", None), job_id=None, right=Right.VIEW)


def snapshot(job_id: str, version: int, status: str = "processing") -> dict[str, Any]:
    data = {"failure": None, "failedRows": 0, "currentBatch": version, "processedRows": version}
    return {"jobId": job_id, "status": status, "version": version, "data": data}


def test_an_end_that_comes_while_another_job_is_told_of_is_not_lost() -> None:
    async def told() -> list[bytes]:
        stream = stream_of_many()
        stream._slot.offer(snapshot("a", 1))
        stream._slot.offer(snapshot("b", 1))
        due = stream._due()
        first = await anext(due)
        stream._slot.offer(snapshot("b", 2, "completed"))
        return [first, *[message async for message in due]]

    first, second = asyncio.run(told())
    assert b'"jobId":"a"' in first
    assert second.startswith(b"id: all-2\r\nevent: completed\r\n")


def test_a_job_that_is_dropped_while_another_is_told_of_is_passed_over() -> None:
    async def told() -> list[bytes]:
        stream = stream_of_many()
        stream._slot.offer(snapshot("a", 1))
        stream._slot.offer(snapshot("b", 1))
        due = stream._due()
        first = await anext(due)
        stream._slot.taken("b")
        return [first, *[message async for message in due]]

    assert len(asyncio.run(told())) == 1


def test_what_is_no_longer_listed_is_not_told_and_not_lost_where_it_is_listed_again() -> None:
    async def told() -> list[list[bytes]]:
        stream = stream_of_many()
        stream._slot.watched |= {"a", "b"}
        stream._slot.offer(snapshot("a", 1))
        stream._slot.offer(snapshot("b", 1))
        due = stream._due()
        await anext(due)
        stream.list_jobs(["a"])
        without = [message async for message in due]
        stream.list_jobs(["b", "a"])
        return [without, [message async for message in stream._due()]]

    without, again = asyncio.run(told())
    assert (without, [b'"jobId":"b"' in message for message in again]) == ([], [True])


def test_a_job_withdrawn_while_its_message_is_made_is_not_told() -> None:
    async def told() -> list[list[bytes]]:
        stream = stream_of_many(lambda: stream.list_jobs([]))
        stream._slot.watched.add("a")
        stream._slot.offer(snapshot("a", 1))
        without = [message async for message in stream._due()]
        stream.list_jobs(["a"])
        return [without, [message async for message in stream._due()]]

    without, again = asyncio.run(told())
    assert (without, [b'"jobId":"a"' in message for message in again]) == ([], [True])


def test_nothing_is_told_once_the_right_has_gone_while_a_message_was_made() -> None:
    async def told() -> list[bytes]:
        stream = stream_of_many(lambda: stream.allow(Right.NONE))
        stream._slot.offer(snapshot("a", 1))
        return [message async for message in stream._due()]

    assert asyncio.run(told()) == []

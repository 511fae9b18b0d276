"""Many viewers share a message, and nobody is told what another one may see."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from progress_gateway.domain.job_context import JobContext
from progress_gateway.entrypoints.shared_messages import SharedMessages

CONTEXT = JobContext(version=1)


class Maker:
    """Counts how often a message is made; the first times may fail."""

    def __init__(self, body: dict[str, Any], *, fails: int = 0) -> None:
        self.body = body
        self.made = 0
        self._fails = fails

    async def __call__(self) -> dict[str, Any]:
        self.made += 1
        await asyncio.sleep(0)
        if self.made <= self._fails:
            raise OSError("away")
        return self.body


def snapshot(version: int = 1) -> dict[str, Any]:
    return {"jobId": "job", "status": "processing", "version": version, "data": {"rows": version}}


def told(text: bytes) -> dict[str, Any]:
    event, data, *_ = text.decode().split("\r\n")
    assert event == "event: progress"
    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return found


def test_viewers_of_the_same_are_told_by_one_making() -> None:
    async def viewed() -> None:
        messages, make = SharedMessages(), Maker({"rows": 1})
        shown = messages.in_context(snapshot(), CONTEXT)
        found = await asyncio.gather(
            *(messages.detailed("progress", shown, for_control=False, make=make) for _ in range(5))
        )
        assert make.made == 1
        assert [told(text) for text in found] == [{"rows": 1}] * 5

    asyncio.run(viewed())


def test_rights_and_events_have_messages_of_their_own() -> None:
    async def viewed() -> None:
        messages = SharedMessages()
        shown = messages.in_context(snapshot(), CONTEXT)
        owner, viewer = Maker({"ids": [7]}), Maker({"ids": []})
        mine = await messages.detailed("progress", shown, for_control=True, make=owner)
        theirs = await messages.detailed("progress", shown, for_control=False, make=viewer)
        assert (told(mine), told(theirs)) == ({"ids": [7]}, {"ids": []})
        batch = await messages.detailed("batch_complete", shown, for_control=True, make=owner)
        assert batch.startswith(b"event: batch_complete\r\n")
        assert (owner.made, viewer.made) == (2, 1)

    asyncio.run(viewed())


def test_news_of_a_job_are_made_anew() -> None:
    async def viewed() -> None:
        messages = SharedMessages()
        old = messages.in_context(snapshot(), CONTEXT)
        new = messages.in_context(snapshot(2), CONTEXT)
        for shown, rows in ((old, 1), (new, 2), (old, 1)):
            make = Maker({"rows": rows})
            text = await messages.detailed("progress", shown, for_control=False, make=make)
            assert (told(text), make.made) == ({"rows": rows}, 1)

    asyncio.run(viewed())


def test_a_context_that_came_later_is_shown() -> None:
    messages, seen = SharedMessages(), snapshot()
    assert messages.in_context(seen, None) is seen
    dry = messages.in_context(seen, JobContext(version=1, dry_run=True))
    assert dry["data"]["dryRun"] is True


def test_a_viewer_who_leaves_takes_the_message_from_nobody() -> None:
    async def viewed() -> None:
        messages, make = SharedMessages(), Maker({"rows": 1})
        shown = messages.in_context(snapshot(), CONTEXT)
        first = asyncio.create_task(
            messages.detailed("progress", shown, for_control=False, make=make)
        )
        await asyncio.sleep(0)
        first.cancel()
        text = await messages.detailed("progress", shown, for_control=False, make=make)
        assert (told(text), make.made) == ({"rows": 1}, 1)

    asyncio.run(viewed())


def test_what_failed_is_made_again_for_the_next_one() -> None:
    async def viewed() -> None:
        messages, make = SharedMessages(), Maker({"rows": 1}, fails=1)
        shown = messages.in_context(snapshot(), CONTEXT)
        with pytest.raises(OSError, match="away"):
            await messages.detailed("progress", shown, for_control=False, make=make)
        assert told(await messages.detailed("progress", shown, for_control=False, make=make))

    asyncio.run(viewed())


def test_what_needs_no_reading_is_put_into_words_once_for_each_snapshot() -> None:
    messages, made = SharedMessages(), 0

    def make() -> dict[str, Any]:
        nonlocal made
        made += 1
        return {"rows": made}

    shown = messages.in_context(snapshot(), CONTEXT)
    assert [told(messages.progress(shown, make))["rows"] for _ in range(3)] == [1, 1, 1]
    newer = messages.in_context(snapshot(2), CONTEXT)
    assert told(messages.progress(newer, make)) == {"rows": 2}
    assert told(messages.progress(shown, make)) == {"rows": 3}

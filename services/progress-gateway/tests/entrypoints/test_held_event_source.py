"""A stream's slot is given back whatever way it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from sse_starlette.sse import SendTimeoutError

from progress_gateway.entrypoints.stream_limits import HeldEventSource, HeldSlot

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, MutableMapping

    from progress_gateway.entrypoints.sse_stream import SseStream
    from sluice.limits.policy import Taken
    from sluice.limits.slot_keeper import SlotKeeper

SCOPE = {"type": "http", "method": "GET"}
Sent = list[bytes]


class Keeper:
    """Stands in for the keeper of slots."""

    def __init__(self) -> None:
        self.held = 0

    def add(self, _taken: Taken, _subject: str, _on_lost: Callable[[], None]) -> None:
        self.held += 1

    def release(self, _taken: Taken, _subject: str) -> None:
        self.held -= 1


class Stream:
    """Two events, and then perhaps nothing for long."""

    def __init__(self, *, goes_on: bool) -> None:
        self._goes_on = goes_on
        self.has_ended = False

    def end(self) -> None:
        """Nobody takes its slot."""

    async def events(self) -> AsyncGenerator[bytes]:
        try:
            yield b"one"
            yield b"two"
            if self._goes_on:
                await asyncio.sleep(60)
        finally:
            self.has_ended = True


def source(stream: Stream, keeper: Keeper) -> HeldEventSource:
    slot = HeldSlot(
        keeper=cast("SlotKeeper", keeper), taken=cast("Taken", None), subject="x", headers={}
    )
    return HeldEventSource(cast("SseStream", stream), slot, ping=0.05, send_timeout=0.05)


async def serve(stream: Stream, keeper: Keeper, *, takes: int, leaves: bool = False) -> Sent:
    """Serve a viewer who takes so many messages, and then leaves or just takes nothing.

    Of -1 not even the head is taken.
    """
    sent: Sent = []
    left = asyncio.Event()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert keeper.held == 1
            await asyncio.sleep(0 if takes >= 0 else 60)
            return
        if len(sent) == takes:
            if leaves:
                left.set()
            await asyncio.sleep(60)
        sent.append(message["body"])

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async with asyncio.timeout(20):
        await source(stream, keeper)(SCOPE, receive, send)
    return sent


def test_it_sends_what_is_told_and_the_end() -> None:
    stream, keeper = Stream(goes_on=False), Keeper()
    sent = asyncio.run(serve(stream, keeper, takes=9))
    assert (sent, stream.has_ended, keeper.held) == ([b"one", b"two", b""], True, 0)


def test_a_viewer_who_takes_nothing_any_more_is_gone_after_a_while() -> None:
    for goes_on in (False, True):
        stream, keeper = Stream(goes_on=goes_on), Keeper()
        with pytest.raises(SendTimeoutError):
            asyncio.run(serve(stream, keeper, takes=1))
        assert (stream.has_ended, keeper.held) == (True, 0)


def test_a_viewer_who_does_not_take_the_end_holds_no_slot() -> None:
    stream, keeper = Stream(goes_on=False), Keeper()
    with pytest.raises(SendTimeoutError):
        asyncio.run(serve(stream, keeper, takes=2))
    assert (stream.has_ended, keeper.held) == (True, 0)


def test_a_viewer_who_does_not_take_the_head_holds_no_slot() -> None:
    keeper = Keeper()
    with pytest.raises(SendTimeoutError):
        asyncio.run(serve(Stream(goes_on=True), keeper, takes=-1))
    assert keeper.held == 0


def test_a_viewer_who_leaves_in_the_middle_of_a_message_is_gone() -> None:
    stream, keeper = Stream(goes_on=True), Keeper()
    assert asyncio.run(serve(stream, keeper, takes=1, leaves=True)) == [b"one"]
    assert (stream.has_ended, keeper.held) == (True, 0)

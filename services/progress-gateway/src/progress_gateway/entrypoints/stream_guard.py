"""Step 4: ends open streams whose viewers may see no more: asked for all of them at once."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import psycopg
import structlog

from sluice.auth.access import OpenView, Right
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from progress_gateway.adapters.stream_tickets import StreamTickets

log = structlog.get_logger(__name__)

CHECK_S = 10.0
"""A share that was taken back, a disabled user and an ended token show within it: one statement
for all streams of a process, however many."""


class Guarded(Protocol):
    """An open stream, as its guard sees it."""

    stream_id: str
    ticket: str | None

    @property
    def view(self) -> OpenView:
        """Who looks at what."""

    def allow(self, right: Right) -> None:
        """Go on with this right; with none, end soon. Never blocks."""


class StreamGuard:
    """Knows the open streams of one gateway process."""

    def __init__(
        self,
        rights_of: Callable[[Sequence[OpenView]], Awaitable[list[Right]]],
        tickets: StreamTickets,
        check_s: float = CHECK_S,
    ) -> None:
        self._rights_of = rights_of
        self._tickets = tickets
        self._check_s = check_s
        self._streams: set[Guarded] = set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, stream: Guarded) -> Iterator[None]:
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)

    @property
    def open_streams(self) -> int:
        """How many streams this process serves."""
        return len(self._streams)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="guard")

    def not_live(self) -> str:
        """Return why nobody is watched any more, or nothing."""
        return "ended: guard" if self._task is not None and self._task.done() else ""

    async def stop(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def check(self) -> None:
        """Ask once for all; without an answer of PostgreSQL or Redis what was allowed stays so."""
        streams = list(self._streams)
        try:
            rights = await self._rights_of([stream.view for stream in streams])
            for stream, right in zip(streams, rights, strict=True):
                stream.allow(right)
            for stream in streams:
                if stream.ticket is not None and not await self._tickets.keep(
                    stream.ticket, stream.stream_id
                ):
                    stream.allow(Right.NONE)
        except (Outage, psycopg.Error) as error:
            log.warning("open streams cannot be checked", reason=str(error).partition("\n")[0])

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._check_s)
            if self._streams:
                await self.check()

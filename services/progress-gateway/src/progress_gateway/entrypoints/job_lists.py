"""Step 4: which jobs the streams of many are of: asked for all of them in one look."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import psycopg
import structlog

from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from progress_gateway.adapters.job_views import Asked

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""How soon a new job shows on the streams of those who may see it, and one that is no longer
shared does not."""


class Listed(Protocol):
    """A stream of many jobs."""

    @property
    def asked(self) -> Asked:
        """Whose jobs it is of."""

    def list_jobs(self, job_ids: Sequence[str]) -> None:
        """Go on with these jobs. Never blocks."""


class JobLists:
    """Asks PostgreSQL for the jobs of every open stream, however many, by one statement."""

    def __init__(
        self,
        jobs_of: Callable[[Sequence[Asked]], Awaitable[dict[Asked, list[str]]]],
        look_s: float = LOOK_S,
    ) -> None:
        self._jobs_of = jobs_of
        self._look_s = look_s
        self._streams: set[Listed] = set()
        self._first: dict[Asked, asyncio.Future[list[str]]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, stream: Listed) -> Iterator[None]:
        """Tell a stream of every look from now on."""
        self._streams.add(stream)
        try:
            yield
        finally:
            self._streams.discard(stream)

    async def first(self, asked: Asked) -> list[str]:
        """Return the jobs that a stream begins with; of a rush of openings all ask together.

        Raises:
            Outage: PostgreSQL is away; the next look may find it back.
        """
        future = self._first.get(asked)
        if future is None:
            future = self._first[asked] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_first())
        # A viewer that goes away must not take the answer from another one of the same user
        return await asyncio.shield(future)

    async def look(self) -> None:
        """Ask once for all; without an answer each stream goes on with what it has."""
        streams = list(self._streams)
        try:
            found = await self._jobs_of(list({stream.asked for stream in streams}))
        except (Outage, psycopg.Error) as error:
            log.warning("jobs of streams cannot be listed", reason=str(error).partition("\n")[0])
            return
        for stream in streams:
            stream.list_jobs(found[stream.asked])

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="lists")

    def not_live(self) -> str:
        """Return why nobody looks for new jobs any more, or nothing."""
        return "ended: lists" if self._task is not None and self._task.done() else ""

    async def stop(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            if self._streams:
                await self.look()

    async def _ask_first(self) -> None:
        while self._first:
            waiting, self._first = self._first, {}
            try:
                found = await self._jobs_of(list(waiting))
            except Exception as error:  # noqa: BLE001 - each of those who wait is told
                _tell(waiting.values(), error)
                continue
            for asked, future in waiting.items():
                if not future.done():
                    future.set_result(found[asked])


def _tell(futures: Iterable[asyncio.Future[list[str]]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
            future.exception()  # seen, also where nobody waits any more

"""The uploads whose bodies are coming in: at the end of the process each is told, and none is cut.

An upload may be hours from its end, so it gets a grace; then its client is told to send it again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sluice.web.problems import RETRY_AFTER_S, Problem
from upload_api.metrics import UPLOADS_IN_HAND

GRACE_S = 5.0
"""Small uploads end by themselves within it, and the whole process must be gone after 15 s."""


class UploadsInHand:
    """Belongs to one event loop, but for `stop_soon`."""

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limits: set[asyncio.Timeout] = set()
        self._until_s: float | None = None

    def open(self) -> None:
        """Begin, inside the event loop."""
        self._loop = asyncio.get_running_loop()

    def stop_soon(self) -> None:
        """Give up in a while what is still coming in; from any thread, and from signal handlers."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._limit)

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[None]:
        """Receive a body inside this; raises `Problem`: 503, the process ends."""
        limit = asyncio.timeout_at(self._until_s)
        self._limits.add(limit)
        try:
            with UPLOADS_IN_HAND.track_inprogress():
                async with limit:
                    yield
        except TimeoutError:
            if limit.expired():
                raise _stopping() from None
            raise
        finally:
            self._limits.discard(limit)

    def _limit(self) -> None:
        if self._until_s is None:
            self._until_s = asyncio.get_running_loop().time() + self._grace_s
        for limit in self._limits:
            limit.reschedule(self._until_s)


def _stopping() -> Problem:
    detail = "The server is being restarted: send the file again in a few seconds."
    return Problem(503, "SERVICE_STOPPING", detail, headers={"Retry-After": str(RETRY_AFTER_S)})

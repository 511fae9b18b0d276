"""Calls that wait for storage: a storage that hangs holds up what needs it, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog
from anyio import CancelScope, CapacityLimiter, to_thread

from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice.storage import FileStorage

log = structlog.get_logger(__name__)
T = TypeVar("T")
MOST_CALLS = 32
"""At once; the other routes have as many threads of their own, and eight more."""
WAIT_S = 5.0
"""For one of them; a storage that is only slow has one free long before."""
ANSWER_S = 2.0


class Discardable(Protocol):
    """A file, or an upload of one."""

    def discard(self) -> None:
        """Leave nothing behind, unless it was committed."""


class StorageThreads:
    """The threads of requests that wait for storage; belongs to one event loop."""

    def __init__(self, most: int = MOST_CALLS, wait_s: float = WAIT_S) -> None:
        self._most = most
        self._wait_s = wait_s
        self._free = asyncio.Semaphore(most)
        self._threads: CapacityLimiter | None = None

    async def run(self, call: Callable[..., T], *args: object, wait_s: float | None = None) -> T:
        """Call it in a thread, after waiting for a free one: `wait_s`, or as all wait.

        The call asks storage and nothing else: a thread is held up by storage alone. Whoever has
        sent a part of a file waits as long as they may stand still themselves: to be cut costs them
        all of it, and a share that changes its server is back within a minute.

        Raises:
            Outage: so many calls are waiting for storage already, and none has come back.
        """
        try:
            async with asyncio.timeout(self._wait_s if wait_s is None else wait_s):
                await self._free.acquire()
        except TimeoutError:
            reason = f"{self._most} calls hold all of its threads: try again in a while"
            raise Outage("storage", reason) from None
        try:
            self._threads = self._threads or CapacityLimiter(self._most)
            return await to_thread.run_sync(partial(call, *args), limiter=self._threads)
        finally:
            self._free.release()

    async def discard(self, file: Discardable) -> None:
        """Take away what a request leaves behind; what stays is an orphan, and is swept."""
        with CancelScope(shield=True):
            try:
                await self.run(file.discard)
            except Outage as outage:
                log.warning("an unused file stays for the sweeper", reason=outage.reason)

    async def delete(self, storage: FileStorage, file_url: str) -> None:
        """Delete a file that nothing names any more; one that cannot be is left to the sweeper."""
        try:
            await self.run(storage.delete, file_url)
        except (OSError, Outage) as error:
            log.warning("an unused file stays for the sweeper", reason=type(error).__name__)


class Question:
    """Something asked of storage again and again, which is not asked anew while it hangs."""

    def __init__(self, within_s: float = ANSWER_S) -> None:
        self._within_s = within_s
        self._lock = threading.Lock()
        self._asked: Future[object] | None = None

    def ask(self, call: Callable[[], object]) -> object:
        """Return what the call returns; blocks for a moment at most.

        Raises:
            Outage: it hangs.
        """
        with self._lock:
            asked = self._asked
            if asked is None or asked.done():
                asked = self._asked = Future()
                ask = partial(_answer, asked, call)
                threading.Thread(target=ask, name="ask-storage", daemon=True).start()
        try:
            return asked.result(self._within_s)
        except TimeoutError:
            raise Outage("storage", f"no answer within {self._within_s:.0f} s") from None


def _answer(asked: Future[object], call: Callable[[], object]) -> None:
    try:
        asked.set_result(call())
    except BaseException as error:  # noqa: BLE001 - whoever asked is told
        asked.set_exception(error)

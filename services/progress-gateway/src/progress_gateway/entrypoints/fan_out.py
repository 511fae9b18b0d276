"""Step 4: hands what is newest of each job to all its viewers in one pass of the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.fan_out_pace import gap_s
from progress_gateway.domain.turns import GAP_S, from_s, next_turn_s
from sluice.clock import thread_cpu_s
from sluice.job_status import TERMINAL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from progress_gateway.domain.origin import Origin
    from sluice.clock import Clock

Snapshot = dict[str, Any]
LATELY_S = 2.0
"""A job that was told of within it is running, and will be told of again."""
WEIGHT = 0.2
"""Of the newest pass in what a message costs."""


class Slot:
    """What one viewer has not been told yet: for each job the latest snapshot, never a queue."""

    __slots__ = ("_has_news", "_origins", "_waiter", "latest", "offered_at_s", "watched")

    def __init__(self) -> None:
        self.watched: set[str] = set()
        """The jobs that it is offered the news of."""
        self.latest: dict[str, Snapshot] = {}
        self.offered_at_s = 0.0
        """When the newest was; the same for all viewers who were offered it."""
        self._origins: dict[str, Origin] = {}
        self._has_news = False
        self._waiter: asyncio.Future[None] | None = None

    def offer(self, snapshot: Snapshot, origin: Origin | None = None, at_s: float = 0.0) -> None:
        job_id = snapshot["jobId"]
        self.latest[job_id] = snapshot
        self.offered_at_s = at_s
        if origin is not None:
            held = self._origins.get(job_id)
            self._origins[job_id] = origin if held is None else held.joined(origin)
        self.wake()

    def taken(self, job_id: str) -> Origin | None:
        """The viewer has taken a job's snapshot in hand; return what it is the first to show."""
        self.latest.pop(job_id, None)
        return self._origins.pop(job_id, None)

    def wake(self) -> None:
        """Have the viewer look, at what was offered or at whether to go on."""
        self._has_news = True
        if self._waiter is not None:
            _wake(self._waiter)

    async def wait(self, timeout_s: float) -> None:
        """Return when something was offered, or after the time."""
        if not self._has_news:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(max(0.0, timeout_s), _wake, self._waiter)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        self._has_news = False


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class FanOut:
    """The viewers of each job, and how often they can be told."""

    def __init__(
        self,
        clock: Clock,
        newest: Callable[[str], Snapshot | None],
        cpu_s: Callable[[], float] = thread_cpu_s,
    ) -> None:
        self.slots: dict[str, set[Slot]] = {}
        self.gap_s = GAP_S
        self._clock = clock
        self._newest = newest
        self._told_at_s: dict[str, float] = {}
        self._turns_s: dict[str, float] = {}
        self._held: dict[str, asyncio.TimerHandle] = {}
        self._origins: dict[str, Origin] = {}
        self._cost = _Cost(cpu_s)

    def tell(self, job_id: str, origin: Origin | None = None) -> None:
        """Offer what is newest of a job; an end at once, all else in its turn."""
        snapshot, now_s = self._newest(job_id), self._clock.monotonic_s()
        if snapshot is None:
            return
        if origin is not None:
            held = self._origins.get(job_id)
            self._origins[job_id] = origin if held is None else held.joined(origin)
        wait_s = from_s(self._turns_s.get(job_id, now_s), self.gap_s) - now_s
        if wait_s > 0 and snapshot["status"] not in TERMINAL_STATUSES:
            if job_id not in self._held:
                loop = asyncio.get_running_loop()
                self._held[job_id] = loop.call_later(wait_s, self._tell_held, job_id)
            return
        self._tell_now(job_id, snapshot, now_s)

    def forget(self, job_id: str) -> None:
        """Nobody watches a job any more."""
        self.slots.pop(job_id, None)
        self._told_at_s.pop(job_id, None)
        self._turns_s.pop(job_id, None)
        self._origins.pop(job_id, None)
        if (held := self._held.pop(job_id, None)) is not None:
            held.cancel()

    def _tell_held(self, job_id: str) -> None:
        self._held.pop(job_id, None)
        snapshot = self._newest(job_id)
        if snapshot is not None:
            self._tell_now(job_id, snapshot, self._clock.monotonic_s())

    def _tell_now(self, job_id: str, snapshot: Snapshot, now_s: float) -> None:
        if (held := self._held.pop(job_id, None)) is not None:
            held.cancel()
        self._told_at_s[job_id] = now_s
        turn_s = self._turns_s.get(job_id, now_s)
        self._turns_s[job_id] = next_turn_s(turn_s, now_s, self.gap_s)
        origin, slots = self._origins.pop(job_id, None), self.slots.get(job_id, ())
        for slot in slots:
            slot.offer(snapshot, origin, now_s)
        self._cost.count(len(slots), self._set_gap)

    def _set_gap(self, message_s: float) -> None:
        since_s = self._clock.monotonic_s() - LATELY_S
        lately = [job_id for job_id, at_s in self._told_at_s.items() if at_s > since_s]
        self.gap_s = gap_s(sum(len(self.slots.get(job_id, ())) for job_id in lately), message_s)


class _Cost:
    """What telling one viewer costs: the CPU time of whole passes, over the viewers in them."""

    def __init__(self, cpu_s: Callable[[], float]) -> None:
        self._cpu_s = cpu_s
        self._message_s = 0.0
        self._begun_s: float | None = None
        self._viewers = 0

    def count(self, viewers: int, then: Callable[[float], None]) -> None:
        """Measure the pass in which so many viewers are woken."""
        self._viewers += viewers
        if self._begun_s is None and viewers:
            self._begun_s = self._cpu_s()
            loop = asyncio.get_running_loop()
            # Behind all who were woken, and behind the writing of what they have to send
            loop.call_soon(loop.call_soon, self._end, then)

    def _end(self, then: Callable[[float], None]) -> None:
        if self._begun_s is None:
            return
        took_s = self._cpu_s() - self._begun_s
        newest_s = took_s / self._viewers
        self._message_s += WEIGHT * (newest_s - self._message_s) if self._message_s else newest_s
        self._begun_s, self._viewers = None, 0
        then(self._message_s)

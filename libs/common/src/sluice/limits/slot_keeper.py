"""Keeps the slots that a process holds, and gives them back: all of them by a few questions."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

from sluice.limits.limiter import REST_S
from sluice.limits.policy import SLOT_KEPT_EVERY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sluice.clock import Clock
    from sluice.limits.limiter import HeldSlot, Limiter
    from sluice.limits.policy import LimitPolicy, Taken

AT_ONCE = 500
"""So many slots go into one question: a few milliseconds of Redis, and of this process."""


class SlotKeeper:
    """Asks Redis for nothing but from one task.

    So a slot that is given back is never prolonged behind that. What Redis does not take back while
    it is away it is told later, until its lease is over anyhow.
    """

    def __init__(
        self,
        limiter: Limiter,
        policy: LimitPolicy,
        clock: Clock,
        every_s: float = SLOT_KEPT_EVERY_S,
    ) -> None:
        self._limiter = limiter
        self._policy = policy
        self._clock = clock
        self._every_s = every_s
        self._held: dict[HeldSlot, Callable[[], None]] = {}
        self._leaving: dict[HeldSlot, float] = {}
        """When each slot that was given back is free without Redis having been told."""
        self._has_left = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, taken: Taken, subject: str, on_lost: Callable[[], None]) -> None:
        """Keep a slot until it is released; `on_lost`: somebody else has it."""
        self._held[subject, taken.take_id] = on_lost

    def release(self, taken: Taken, subject: str) -> None:
        """Give a slot back; never waits, and may be called again."""
        slot = (subject, taken.take_id)
        self._held.pop(slot, None)
        self._limiter.leave(self._policy, slot)
        self._leaving[slot] = self._clock.monotonic_s() + self._policy.window_s
        self._has_left.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="slots")

    def not_live(self) -> str:
        """Return why no slot is kept any more, or nothing."""
        return "ended: slots" if self._task is not None and self._task.done() else ""

    async def stop(self) -> None:
        """Give back what is left to give back, if Redis is there."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._free()

    async def _run(self) -> None:
        keep_at_s = self._clock.monotonic_s() + self._every_s
        while True:
            is_away = not await self._free()
            if self._clock.monotonic_s() >= keep_at_s:
                await self._keep()
                keep_at_s = self._clock.monotonic_s() + self._every_s
            wait_s = max(0.0, keep_at_s - self._clock.monotonic_s())
            if is_away:
                await asyncio.sleep(min(wait_s, REST_S))
            else:
                await self._until_one_leaves(wait_s)

    async def _until_one_leaves(self, wait_s: float) -> None:
        if self._leaving:
            return
        self._has_left.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._has_left.wait()
        except TimeoutError:
            return

    async def _keep(self) -> None:
        for slots in _parts(list(self._held)):
            held = [slot for slot in slots if slot in self._held]  # some left since
            kept = await self._limiter.keep(self._policy, held)
            for slot, is_kept in zip(held, kept, strict=True):
                on_lost = None if is_kept else self._held.pop(slot, None)
                if on_lost is not None:
                    on_lost()
            await self._free()

    async def _free(self) -> bool:
        """Give back what was left by now; False: Redis does not answer."""
        now_s = self._clock.monotonic_s()
        left = [slot for slot, ends_s in self._leaving.items() if ends_s > now_s]
        self._leaving = {slot: self._leaving[slot] for slot in left}
        for slots in _parts(left):
            if not await self._limiter.free(self._policy, slots):
                return False
            for slot in slots:
                self._leaving.pop(slot, None)
        return True


def _parts(slots: list[HeldSlot]) -> Iterator[list[HeldSlot]]:
    rest = iter(slots)
    while part := list(islice(rest, AT_ONCE)):
        yield part

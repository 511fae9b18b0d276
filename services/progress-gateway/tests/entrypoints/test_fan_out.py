"""All viewers of a job are told in one pass, as often as the process can, and the end at once."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.origin import Origin
from progress_gateway.domain.turns import GAP_S, NEAREST_S
from progress_gateway.entrypoints.fan_out import FanOut, Slot
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

JOB = "j"


def snapshot(version: int, status: str = "processing") -> dict[str, Any]:
    return {"jobId": JOB, "version": version, "status": status}


class Watch(SystemClock):
    """Stands still while changes come that are to be of one moment, however busy the machine is."""

    stands_at_s: float | None = None

    def monotonic_s(self) -> float:
        return super().monotonic_s() if self.stands_at_s is None else self.stands_at_s

    @contextmanager
    def still(self) -> Iterator[None]:
        self.stands_at_s = super().monotonic_s()
        yield
        self.stands_at_s = None


class Job:
    """What is newest of one job, and its viewers."""

    def __init__(self, viewers: int, cpu_s: Callable[[], float] = lambda: 0.0) -> None:
        self.newest: dict[str, Any] | None = None
        self.watch = Watch()
        self.fan_out = FanOut(self.watch, lambda _job_id: self.newest, cpu_s)
        self.slots = [Slot() for _ in range(viewers)]
        self.fan_out.slots[JOB] = set(self.slots)

    def tell(self, version: int, status: str = "processing", origin: Origin | None = None) -> None:
        self.newest = snapshot(version, status)
        self.fan_out.tell(JOB, origin)

    def seen(self) -> list[int]:
        return [slot.latest[JOB]["version"] for slot in self.slots]


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(20):
            await story()

    asyncio.run(within())


def test_the_first_change_goes_at_once_and_of_those_in_its_gap_the_last() -> None:
    async def story() -> None:
        job = Job(viewers=3)
        with job.watch.still():
            for version in (1, 2, 3):
                job.tell(version, origin=Origin(committed_at_ms=version))
        assert job.seen() == [1, 1, 1]
        assert job.slots[0].taken(JOB) == Origin(committed_at_ms=1)
        first_s = job.slots[0].offered_at_s
        await job.slots[0].wait(5)
        await job.slots[0].wait(5)
        assert job.seen() == [3, 3, 3]
        assert job.slots[0].taken(JOB) == Origin(committed_at_ms=2)
        assert job.slots[0].offered_at_s - first_s >= NEAREST_S - 0.002

    run(story)


def test_a_job_that_changes_all_the_time_is_told_of_once_a_gap() -> None:
    async def story() -> None:
        job = Job(viewers=1)
        [slot] = job.slots
        offered_at_s = []
        for version in range(1, 7):
            job.tell(version)
            await slot.wait(5)
            offered_at_s.append(slot.offered_at_s)
        assert offered_at_s[-1] - offered_at_s[0] >= NEAREST_S + 4 * GAP_S - 0.01

    run(story)


def test_an_end_waits_for_no_gap_and_nothing_comes_behind_it() -> None:
    async def story() -> None:
        job = Job(viewers=2)
        for version, status in ((1, "processing"), (2, "processing"), (3, "completed")):
            job.tell(version, status)
        assert job.seen() == [3, 3]
        for slot in job.slots:
            slot.latest.clear()
        await asyncio.sleep(2 * GAP_S)
        assert all(not slot.latest for slot in job.slots)

    run(story)


def test_a_process_at_its_limit_tells_less_often() -> None:
    """The pass that is measured ends behind everybody who was woken by it."""
    spent_s = 0.0

    async def story() -> None:
        job = Job(viewers=100, cpu_s=lambda: spent_s)

        async def view(slot: Slot) -> None:
            nonlocal spent_s
            await slot.wait(10)
            spent_s += 0.002

        viewers = [asyncio.create_task(view(slot)) for slot in job.slots]
        await asyncio.sleep(0)
        job.tell(1)
        await asyncio.gather(*viewers)
        await asyncio.sleep(0.01)
        assert 0.39 < job.fan_out.gap_s < 0.41  # 100 viewers cost 0.2 s: half of a core

    run(story)


def test_what_nobody_watches_any_more_is_forgotten() -> None:
    async def story() -> None:
        job = Job(viewers=1)
        with job.watch.still():
            job.tell(1)
            job.tell(2)
            job.fan_out.forget(JOB)
        await asyncio.sleep(1.5 * GAP_S)
        assert job.seen() == [1]
        job.fan_out.slots[JOB] = set(job.slots)
        job.tell(5)
        assert job.seen() == [5]

    run(story)


def test_a_slot_is_woken_by_what_came_before_it_waited() -> None:
    async def story() -> None:
        slot = Slot()
        slot.offer(snapshot(1))
        await slot.wait(60)
        waiting = asyncio.create_task(slot.wait(60))
        await asyncio.sleep(0)
        slot.wake()
        slot.wake()
        await waiting
        await slot.wait(0.01)

    run(story)

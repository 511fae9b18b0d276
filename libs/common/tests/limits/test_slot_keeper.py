"""All slots of a process are kept and given back by few questions, and none is lost on the way."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import pytest
import redis as redis_sync

from sluice import redis_keys
from sluice.clock import SystemClock
from sluice.limits.limiter import HeldSlot, Limiter
from sluice.limits.policy import LimitPolicy, Taken
from sluice.limits.slot_keeper import SlotKeeper

T = TypeVar("T")
SLOTS = LimitPolicy(name="kept", limit=3, window_s=0.6, unit="concurrent-requests")


@pytest.fixture
def subject() -> str:
    return f"test-{secrets.token_hex(6)}"


class Store:
    """What Redis knows of the slots, and how many commands it was sent."""

    def __init__(self, url: str) -> None:
        self.redis = redis_sync.Redis.from_url(url)

    def held(self, *subjects: str) -> int:
        """How many leases are not over, by the clock of Redis."""
        seconds, micros = self.redis.time()
        now_ms = seconds * 1000 + micros // 1000
        keys = [redis_keys.limit_key(SLOTS.name, subject) for subject in subjects]
        with self.redis.pipeline() as pipe:
            for key in keys:
                pipe.zcount(key, f"({now_ms}", "+inf")
            return sum(pipe.execute())

    def asked(self) -> int:
        stats = self.redis.info("commandstats")
        names = ("cmdstat_eval", "cmdstat_zrem")
        return sum(stats.get(name, {"calls": 0})["calls"] for name in names)


def run(
    url: str, work: Callable[[Limiter, SlotKeeper], Awaitable[T]], policy: LimitPolicy = SLOTS
) -> T:
    async def within() -> T:
        limiter = Limiter(url, SystemClock(), timeout_s=30.0)  # of a busy machine's Redis
        keeper = SlotKeeper(limiter, policy, SystemClock(), every_s=0.15)
        keeper.start()
        try:
            return await work(limiter, keeper)
        finally:
            await keeper.stop()
            await limiter.close()

    return asyncio.run(within())


async def hold(limiter: Limiter, subject: str, mark: str = "tab") -> Taken:
    return await limiter.hold(SLOTS, subject, mark, is_back=False)


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come")


def test_thousand_slots_outlive_their_lease_and_are_given_back_by_few_questions(
    redis_url: str, subject: str
) -> None:
    people, store = [f"{subject}-{number}" for number in range(1000)], Store(redis_url)
    longer = replace(SLOTS, window_s=2.0)  # a busy machine takes half a second over a round

    async def work(limiter: Limiter, keeper: SlotKeeper) -> int:
        taken = []
        for person in people:
            taken.append(await limiter.hold(longer, person, "tab", is_back=False))
            keeper.add(taken[-1], person, lambda: pytest.fail("it was lost"))
        before = store.asked()
        await asyncio.sleep(1.25 * longer.window_s)
        # One question, as the loop that prolongs stands still meanwhile
        assert await asyncio.to_thread(store.held, *people) == len(people)
        for person, slot in zip(people, taken, strict=True):
            keeper.release(slot, person)
        return before

    before = run(redis_url, work, longer)
    assert store.held(*people) == 0
    # One question prolongs 500 at most; giving back is one ZREM for each person
    assert store.asked() - before - len(people) <= 40


def test_a_slot_that_somebody_else_took_ends_its_holder_and_no_other(
    redis_url: str, subject: str
) -> None:
    store, lost = Store(redis_url), []

    async def work(limiter: Limiter, keeper: SlotKeeper) -> None:
        first, second = await hold(limiter, subject, "a"), await hold(limiter, subject, "b")
        keeper.add(first, subject, lambda: lost.append("a"))
        keeper.add(second, subject, lambda: lost.append("b"))
        with store.redis.pipeline() as pipe:
            key = redis_keys.limit_key(SLOTS.name, subject)
            pipe.zrem(key, first.take_id)
            pipe.zadd(key, {"other.1": 2.0**53, "other.2": 2.0**53})
            pipe.execute()
        await until(lambda: bool(lost))
        await asyncio.sleep(0.4)

    run(redis_url, work)
    assert lost == ["a"]


def test_what_was_given_back_is_never_prolonged_behind_that(redis_url: str, subject: str) -> None:
    people, store = [f"{subject}-{number}" for number in range(300)], Store(redis_url)

    async def work(limiter: Limiter, keeper: SlotKeeper) -> None:
        for person in people:
            slot = await hold(limiter, person)
            keeper.add(slot, person, lambda: None)
            asyncio.get_running_loop().call_later(
                secrets.randbelow(300) / 1000, keeper.release, slot, person
            )
        await asyncio.sleep(0.35)
        await until(lambda: store.held(*people) == 0)

    run(redis_url, work)


class OftenAway(Limiter):
    """Its Redis does not answer the first times that a slot is given back."""

    refusals = 3

    async def free(self, policy: LimitPolicy, slots: Iterable[HeldSlot]) -> bool:
        self.refusals -= 1
        return self.refusals < 0 and await super().free(policy, slots)


def test_what_redis_was_away_for_is_given_back_when_it_answers(
    redis_url: str, subject: str
) -> None:
    store = Store(redis_url)
    long = LimitPolicy(name=SLOTS.name, limit=3, window_s=60.0)

    async def work() -> None:
        limiter = OftenAway(redis_url, SystemClock())
        keeper = SlotKeeper(limiter, long, SystemClock(), every_s=0.05)
        keeper.start()
        taken = await limiter.hold(long, subject, "a", is_back=False)
        keeper.add(taken, subject, lambda: None)
        keeper.release(taken, subject)
        await until(lambda: store.held(subject) == 0)
        assert (limiter.refusals, keeper.not_live()) == (-1, "")
        await keeper.stop()
        await limiter.close()

    asyncio.run(work())

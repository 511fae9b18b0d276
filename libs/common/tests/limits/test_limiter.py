"""Limits hold: in Redis, without it, and when it goes away in the middle."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
import redis as redis_sync

from devstack.stack import Stack
from sluice import redis_keys
from sluice.clock import SystemClock
from sluice.limits.limiter import TIMEOUT_S, Limiter
from sluice.limits.policy import LimitPolicy, Taken

T = TypeVar("T")
NOBODY = "redis://127.0.0.1:1/0"
PATIENCE_S = 30.0
"""A busy machine's Redis may take longer than the half second after which it counts as away."""
SLOTS = LimitPolicy(name="streams", limit=3, window_s=30.0, unit="concurrent-requests")
WINDOW = LimitPolicy(name="openings", limit=10, window_s=60.0)


@pytest.fixture
def subject() -> str:
    return f"test-{secrets.token_hex(6)}"


def run(
    url: str | None, work: Callable[[Limiter], Awaitable[T]], timeout_s: float = PATIENCE_S
) -> T:
    async def within() -> T:
        limiter = Limiter(url, SystemClock(), timeout_s)
        try:
            return await work(limiter)
        finally:
            await limiter.close()

    return asyncio.run(within())


def allowed(taken: list[Taken]) -> int:
    return sum(one.allowed for one in taken)


def test_of_200_at_once_exactly_the_limit_is_granted(redis_url: str, subject: str) -> None:
    async def work(limiter: Limiter) -> tuple[int, int]:
        slots = [limiter.hold(SLOTS, subject, f"s{n}", is_back=False) for n in range(200)]
        windows = [limiter.take(WINDOW, subject) for _ in range(200)]
        return allowed(await asyncio.gather(*slots)), allowed(await asyncio.gather(*windows))

    assert run(redis_url, work) == (3, 10)


def test_two_processes_share_one_limit(redis_url: str, subject: str) -> None:
    async def work(limiter: Limiter) -> int:
        other = Limiter(redis_url, SystemClock(), PATIENCE_S)
        asked = [one.take(WINDOW, subject) for one in (limiter, other) * 50]
        granted = allowed(await asyncio.gather(*asked))
        await other.close()
        return granted

    assert run(redis_url, work) == 10


def test_without_redis_the_limit_is_stricter(subject: str) -> None:
    async def work(limiter: Limiter) -> tuple[int, int]:
        slots = [limiter.hold(SLOTS, subject, "s", is_back=True) for _ in range(200)]
        windows = [limiter.take(WINDOW, subject) for _ in range(200)]
        return allowed(await asyncio.gather(*slots)), allowed(await asyncio.gather(*windows))

    for url in (NOBODY, None):
        slots, windows = run(url, work)
        assert 1 <= slots <= SLOTS.strict_limit
        assert 1 <= windows <= WINDOW.strict_limit


@pytest.mark.parametrize("granted_before", [0, 1, 3])
def test_redis_killed_in_the_middle_grants_nothing_twice(
    infra: Any, redis_url: str, subject: str, granted_before: int
) -> None:
    stack: Stack = infra.with_parts("redis")

    async def work(limiter: Limiter) -> int:
        async def ask(number: int) -> Taken:
            return await limiter.hold(SLOTS, subject, f"s{number}", is_back=False)

        before = [await ask(number) for number in range(granted_before)]
        asked = [asyncio.ensure_future(ask(number)) for number in range(100)]
        await asyncio.sleep(0)
        await asyncio.to_thread(stack.stop, "redis", signal.SIGKILL)
        asked += [asyncio.ensure_future(ask(number)) for number in range(100)]
        return allowed(before) + allowed(list(await asyncio.gather(*asked)))

    try:
        assert granted_before <= run(redis_url, work, TIMEOUT_S) <= SLOTS.limit
    finally:
        stack.start("redis")
        stack.wait_ready("redis")


def test_a_slot_that_is_released_or_not_kept_is_free(redis_url: str, subject: str) -> None:
    short = LimitPolicy(name="short", limit=1, window_s=1.0, unit="concurrent-requests")

    async def work(limiter: Limiter) -> list[bool]:
        first = await limiter.hold(short, subject, "a", is_back=False)
        second = await limiter.hold(short, subject, "b", is_back=False)
        assert await limiter.free(short, [(subject, first.take_id)])
        third = await limiter.hold(short, subject, "c", is_back=False)
        await asyncio.sleep(1.1)  # its holder was killed: it does not keep it
        fourth = await limiter.hold(short, subject, "d", is_back=False)
        return [one.allowed for one in (first, second, third, fourth)]

    assert run(redis_url, work) == [True, False, True, True]


def test_who_comes_back_takes_the_slot_that_a_dead_process_left(
    redis_url: str, subject: str
) -> None:
    one_slot = LimitPolicy(name="one", limit=1, window_s=30.0, unit="concurrent-requests")

    async def work(limiter: Limiter) -> list[bool]:
        dead = Limiter(redis_url, SystemClock(), PATIENCE_S)
        left = await dead.hold(one_slot, subject, "tab", is_back=False)
        stranger = await limiter.hold(one_slot, subject, "other", is_back=True)
        back = await limiter.hold(one_slot, subject, "tab", is_back=True)
        again = await limiter.hold(one_slot, subject, "tab", is_back=True)  # it lives here
        [kept] = await limiter.keep(one_slot, [(subject, back.take_id)])
        [undead] = await dead.keep(one_slot, [(subject, left.take_id)])
        await dead.close()
        return [stranger.allowed, back.allowed, again.allowed, kept, undead]

    assert run(redis_url, work) == [False, True, False, True, False]


def test_a_slot_survives_a_redis_that_lost_everything(redis_url: str, subject: str) -> None:
    async def work(limiter: Limiter) -> list[bool]:
        held = await limiter.hold(SLOTS, subject, "a", is_back=False)
        with redis_sync.Redis.from_url(redis_url) as admin:
            admin.delete(redis_keys.limit_key(SLOTS.name, subject))
        [kept] = await limiter.keep(SLOTS, [(subject, held.take_id)])
        more = [await limiter.hold(SLOTS, subject, f"m{n}", is_back=False) for n in range(3)]
        return [kept, *(one.allowed for one in more)]

    assert run(redis_url, work) == [True, True, True, False]


def test_costs_add_up_and_what_is_given_back_can_be_taken_again(
    redis_url: str, subject: str
) -> None:
    size = LimitPolicy(name="bytes", limit=100, window_s=60.0, unit="content-bytes")

    async def work(limiter: Limiter) -> list[bool]:
        first = await limiter.take(size, subject, 60)
        second = await limiter.take(size, subject, 50)
        seen = await limiter.look(size, subject, 40)
        third = await limiter.take(size, subject, 40)
        await limiter.give_back(first, subject, 60)
        fourth = await limiter.take(size, subject, 60)
        fifth = await limiter.take(size, subject, 101)
        return [one.allowed for one in (first, second, seen, third, fourth, fifth)]

    assert run(redis_url, work) == [True, False, True, True, True, False]


def test_a_window_is_free_again_when_it_is_over(redis_url: str, subject: str) -> None:
    short = LimitPolicy(name="short", limit=2, window_s=1.0)

    async def work(limiter: Limiter) -> list[bool]:
        taken = [await limiter.take(short, subject) for _ in range(3)]
        assert 0 < taken[2].reset_s <= 1.0
        await asyncio.sleep(1.1)
        return [one.allowed for one in [*taken, await limiter.take(short, subject)]]

    assert run(redis_url, work) == [True, True, False, True]

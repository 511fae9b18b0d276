"""Asks Redis, one script a question, and goes by the local book while Redis is away."""

from __future__ import annotations

import secrets
from importlib import resources
from typing import TYPE_CHECKING, Any

import redis.asyncio
import structlog
from redis.exceptions import RedisError

from sluice import redis_keys
from sluice.limits.local_book import LocalBook
from sluice.limits.policy import Taken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from sluice.clock import Clock
    from sluice.limits.policy import LimitPolicy

log = structlog.get_logger(__name__)
TIMEOUT_S = 0.5
CONNECTIONS = 16
TURN_S = 5.0
"""A rush waits for a connection; the others of the rush are served meanwhile."""
REST_S = 2.0
"""So long Redis is not asked again after it did not answer: waiting in each request costs more."""

Answer = tuple[int, int, int]
HeldSlot = tuple[str, str]
"""Whose slot, and the id of its `Taken`."""
_MARKS = "marks"


class Limiter:
    """Limits of users, for one event loop.

    Every question is atomic in Redis. What is asked for is noted in the local book first, so that
    a Redis that dies in between is never asked about, or answered for, twice.
    """

    def __init__(self, redis_url: str | None, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self._redis = (
            redis.asyncio.Redis.from_pool(
                redis.asyncio.BlockingConnectionPool.from_url(
                    redis_url,
                    max_connections=CONNECTIONS,
                    timeout=max(TURN_S, timeout_s),
                    socket_timeout=timeout_s,
                    socket_connect_timeout=timeout_s,
                )
            )
            if redis_url
            else None
        )
        self._clock = clock
        self._book = LocalBook()
        self._rests_until_s = 0.0
        self._take = _script("take")
        self._hold = _script("hold")
        self._keep = _script("keep")

    async def take(self, policy: LimitPolicy, subject: str, cost: int = 1) -> Taken:
        """Take `cost` of a window, when that much is left; never raises."""
        take_id, place = secrets.token_hex(8), (policy.name, subject)
        self._book.put(place, take_id, cost, self._now_s() + policy.window_s)
        answer = await self._ask(
            self._take,
            redis_keys.limit_key(*place),
            [policy.limit, int(policy.window_s * 1000), cost, take_id, 1],
        )
        return self._taken(policy, subject, take_id, cost, answer)

    async def look(self, policy: LimitPolicy, subject: str, cost: int = 1) -> Taken:
        """Tell what `take` would, and take nothing."""
        answer = await self._ask(
            self._take,
            redis_keys.limit_key(policy.name, subject),
            [policy.limit, int(policy.window_s * 1000), cost, "", 0],
        )
        return self._taken(policy, subject, "", cost, answer)

    async def give_back(self, taken: Taken, subject: str, cost: int = 1) -> None:
        """Undo a `take`: it was not what the limit is there for."""
        place = (taken.policy.name, subject)
        self._book.drop(place, taken.take_id)
        await self._remove(place, f"{taken.take_id}:{cost}")

    async def hold(self, policy: LimitPolicy, subject: str, mark: str, *, is_back: bool) -> Taken:
        """Take a slot; it must be kept by `keep` within the lease, and given back by `free`.

        Args:
            policy: how many slots, and how long a lease.
            subject: whose slots.
            mark: what the slot is for; a word without spaces.
            is_back: the holder comes back, and may replace a slot of the same mark that a
                process that died has left.
        """
        take_id, place = f"{mark}.{secrets.token_hex(6)}", (policy.name, subject)
        mine = self._book.held(place)
        self._book.put(place, take_id, 1, self._now_s() + policy.window_s)
        lease_ms = int(policy.window_s * 1000)
        asked = [policy.limit, lease_ms, take_id, f"{mark}." if is_back else "", *mine]
        answer = await self._ask(self._hold, redis_keys.limit_key(*place), asked)
        return self._taken(policy, subject, take_id, 1, answer)

    async def keep(self, policy: LimitPolicy, slots: Sequence[HeldSlot]) -> list[bool]:
        """Prolong slots in one go; False: somebody else has it now, so its holder must end."""
        ends_s, lease_ms = self._now_s() + policy.window_s, int(policy.window_s * 1000)
        for subject, take_id in slots:
            self._book.put((policy.name, subject), take_id, 1, ends_s)
        keys = [redis_keys.limit_key(policy.name, subject) for subject, _ in slots]
        take_ids = [take_id for _, take_id in slots]
        asked = [len(keys), *keys, policy.limit, lease_ms, *take_ids]
        answer = await self._safely("eval", self._keep, *asked) if slots else []
        return [True] * len(slots) if answer is None else [bool(kept) for kept in answer]

    def leave(self, policy: LimitPolicy, slot: HeldSlot) -> None:
        """Note that a slot is held no more; Redis learns it by `free`."""
        subject, take_id = slot
        self._book.drop((policy.name, subject), take_id)

    async def free(self, policy: LimitPolicy, slots: Iterable[HeldSlot]) -> bool:
        """Give slots back in one go, once or more often; False: ask again, Redis did not answer."""
        if self._redis is None:
            return True
        members: dict[str, list[str]] = {}
        for subject, take_id in slots:
            members.setdefault(redis_keys.limit_key(policy.name, subject), []).append(take_id)
        pipe = self._redis.pipeline(transaction=False)
        for key, take_ids in members.items():
            pipe.zrem(key, *take_ids)
        return await self._safe(pipe.execute) is not None

    async def remember(self, mark: str, for_s: float) -> None:
        """Note a mark; also in this process, for when Redis loses it."""
        self._book.put((_MARKS, mark), mark, 1, self._now_s() + for_s)
        await self._safely("set", redis_keys.opened_key(mark), 1, ex=int(for_s))

    async def remembers(self, mark: str) -> bool:
        """Tell whether a mark was noted, by any process, and is not over."""
        if self._book.used((_MARKS, mark), self._now_s())[0]:
            return True
        return bool(await self._safely("exists", redis_keys.opened_key(mark)))

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    def _taken(
        self, policy: LimitPolicy, subject: str, take_id: str, cost: int, answer: Answer | None
    ) -> Taken:
        if answer is None:
            others, reset_s = self._book.used((policy.name, subject), self._now_s(), but=take_id)
            allowed = others + cost <= policy.strict_limit
            used = others + (cost if allowed else 0)
        else:
            allowed, used, reset_s = bool(answer[0]), answer[1], answer[2] / 1000
        if not allowed:
            self._book.drop((policy.name, subject), take_id)
        return Taken(policy=policy, allowed=allowed, used=used, reset_s=reset_s, take_id=take_id)

    async def _ask(self, script: str, key: str, values: list[Any]) -> Answer | None:
        answer = await self._safely("eval", script, 1, key, *values)
        return None if answer is None else (int(answer[0]), int(answer[1]), int(answer[2]))

    async def _remove(self, place: tuple[str, str], member: str) -> None:
        await self._safely("zrem", redis_keys.limit_key(*place), member)

    async def _safely(self, command: str, *values: Any, **more: Any) -> Any:
        return await self._safe(lambda: getattr(self._redis, command)(*values, **more))

    async def _safe(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Return the answer; None when there is none, and for a while thereafter."""
        if self._redis is None or self._now_s() < self._rests_until_s:
            return None
        try:
            return await ask()
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)
            return None

    def _rest(self, error: Exception) -> None:
        self._rests_until_s = self._now_s() + REST_S
        log.warning("limits are kept without redis", reason=type(error).__name__)

    def _now_s(self) -> float:
        return self._clock.monotonic_s()


def _script(name: str) -> str:
    return (resources.files(__package__) / f"{name}.lua").read_text(encoding="utf-8")

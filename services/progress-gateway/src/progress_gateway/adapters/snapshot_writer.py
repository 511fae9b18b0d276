"""Step 4: the fold's snapshots go to Redis, newer over older only, and to whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import redis.asyncio
from redis.exceptions import RedisError

from sluice import redis_keys
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Sequence

TTL_S = 8 * 24 * 60 * 60
"""Longer than `imports.results` keeps its records, so that a version never falls."""
TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One job's snapshot, ready to go out."""

    job_id: str
    version: int
    soft: str
    """Tells one soft state from another."""
    body: str
    state: str
    looks_finished: bool


class SnapshotWriter:
    """Publishes snapshots; a lost Redis costs a publication, never a fact."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )
        script = resources.files("progress_gateway") / "sql" / "publish_snapshot.lua"
        self._script = self._redis.register_script(script.read_text())

    async def publish(self, publications: Sequence[Publication]) -> None:
        """Publish what is newer than what Redis has; one round trip.

        Raises:
            Outage: Redis is away; publish all of it again later.
        """
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for each in publications:
                    await self._queue(pipe, each)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            raise Outage("redis", str(error) or type(error).__name__) from error

    async def _queue(self, pipe: redis.asyncio.client.Pipeline, each: Publication) -> None:
        await self._script(
            keys=[redis_keys.snapshot_key(each.job_id), redis_keys.fold_state_key(each.job_id)],
            args=[
                each.version,
                each.soft,
                each.body,
                each.state,
                TTL_S,
                redis_keys.snapshot_channel(each.job_id),
            ],
            client=pipe,
        )
        if each.looks_finished:
            pipe.publish(redis_keys.LOOKS_FINISHED, each.job_id)

    async def close(self) -> None:
        await self._redis.aclose()

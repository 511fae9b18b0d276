"""Step 4: the fold's snapshots go to Redis, newer over older only, and to whoever listens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import redis.asyncio
import structlog
from redis.exceptions import NoScriptError, RedisError

from sluice import redis_keys
from sluice.errors import Outage
from sluice.waiting import LIFE_S, Waiting, waiting_from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = structlog.get_logger(__name__)

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
    wants_settling: bool
    """The settler has something to write at once."""


class SnapshotWriter:
    """Publishes snapshots; a lost Redis costs a publication, never a fact."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )
        script = resources.files("progress_gateway") / "sql" / "publish_snapshot.lua"
        self._script = script.read_text()
        self._script_sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()

    async def publish(self, publications: Sequence[Publication]) -> None:
        """Publish what is newer than what Redis has; one round trip.

        Raises:
            Outage: Redis is away; publish all of it again later.
        """
        try:
            try:
                await self._execute(publications)
            except NoScriptError:  # Redis is a new one
                await self._redis.script_load(self._script)
                await self._execute(publications)
        except (RedisError, OSError, TimeoutError) as error:
            raise Outage("redis", str(error) or type(error).__name__) from error

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Say that the fold has nothing of these jobs any more; their snapshots stay.

        Else the settler would take what was there for what is: a job that is healed long after
        its end has to be stated again from the start.

        Raises:
            Outage: Redis is away.
        """
        try:
            await self._redis.delete(*(redis_keys.fold_state_key(job_id) for job_id in job_ids))
        except (RedisError, OSError, TimeoutError) as error:
            raise Outage("redis", str(error) or type(error).__name__) from error

    async def show_waits(self, waits: Mapping[str, Waiting | str]) -> None:
        """Show what jobs wait for; a text is the worker that waits no more.

        A wait that could not be shown is stated again in 5 s: nothing is raised.
        """
        try:
            for job_id, waiting in waits.items():
                await self._show_wait(job_id, waiting)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("waits cannot be shown", reason=str(error) or type(error).__name__)

    async def _show_wait(self, job_id: str, waiting: Waiting | str) -> None:
        key, channel = redis_keys.waiting_key(job_id), redis_keys.waiting_channel(job_id)
        if isinstance(waiting, Waiting):
            await self._redis.set(key, waiting.to_json(), ex=LIFE_S)
            await self._redis.publish(channel, waiting.to_json())
            return
        held = waiting_from_json(await self._redis.get(key))
        if held is not None and held.worker == waiting:
            await self._redis.delete(key)
            await self._redis.publish(channel, "")

    async def _execute(self, publications: Sequence[Publication]) -> None:
        """Send all in one go; the script by its hash, without asking before whether it is there."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for each in publications:
                pipe.evalsha(
                    self._script_sha,
                    2,
                    redis_keys.snapshot_key(each.job_id),
                    redis_keys.fold_state_key(each.job_id),
                    str(each.version),
                    each.soft,
                    each.body,
                    each.state,
                    str(TTL_S),
                    redis_keys.snapshot_channel(each.job_id),
                )
                if each.wants_settling:
                    pipe.publish(redis_keys.WANTS_SETTLING, each.job_id)
            await pipe.execute()

    async def close(self) -> None:
        await self._redis.aclose()

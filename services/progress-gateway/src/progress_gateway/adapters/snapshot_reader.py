"""Step 4: snapshots as Redis has them, and the news of them, for one gateway process."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import redis.asyncio
from redis.exceptions import RedisError

from progress_gateway.domain.origin import MEMBER, Origin, origin_from_json
from sluice import redis_keys
from sluice.errors import Outage
from sluice.waiting import Waiting, waiting_from_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence

TIMEOUT_S = 2.0
_SNAPSHOTS = redis_keys.snapshot_channel("")
_WAITS = redis_keys.waiting_channel("")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitNews:
    """What a job waits for now; None: nothing."""

    job_id: str
    waiting: Waiting | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotNews:
    """A snapshot that was published just now, and what it is the first to show."""

    snapshot: dict[str, Any]
    origin: Origin | None


class SnapshotReader:
    """Reads snapshots and listens for new ones; every method raises `Outage` without Redis."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            decode_responses=True,
        )

    async def read(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the snapshots that are there, in one round trip."""
        async with _outages():
            pipe = self._redis.pipeline(transaction=False)
            for job_id in job_ids:
                pipe.hget(redis_keys.snapshot_key(job_id), "body")
            bodies = await pipe.execute()
        return {
            job_id: snapshot_without_origin(body)[0]
            for job_id, body in zip(job_ids, bodies, strict=True)
            if body is not None
        }

    async def waits(self, job_ids: Sequence[str]) -> dict[str, Waiting]:
        """Return what jobs wait for, those that do."""
        async with _outages():
            texts = await self._redis.mget([redis_keys.waiting_key(job) for job in job_ids])
        found = {
            job_id: waiting_from_json(text) for job_id, text in zip(job_ids, texts, strict=True)
        }
        return {job_id: waiting for job_id, waiting in found.items() if waiting is not None}

    async def recent(self, job_id: str) -> dict[str, Any]:
        """Return a writer's last ids and errors of a job; nothing when there are none."""
        async with _outages():
            text = await self._redis.get(redis_keys.recent_key(job_id))
        return dict(json.loads(text)) if text else {}

    async def news(self, watched: Collection[str]) -> AsyncIterator[SnapshotNews | WaitNews | None]:
        """Yield each new snapshot and wait of the watched jobs; None when a second had none.

        `watched` is asked anew each time: it may change while this runs. The first item comes
        when the subscription stands.
        """
        async with _outages(), self._redis.pubsub() as channel:
            await channel.psubscribe(f"{_SNAPSHOTS}*", f"{_WAITS}*")
            while True:
                message = await channel.get_message(timeout=1.0)
                if message is None or message["type"] == "psubscribe":
                    yield None
                    continue
                name, text = str(message["channel"]), message["data"]
                if name.removeprefix(_SNAPSHOTS) in watched:
                    snapshot, origin = snapshot_without_origin(text)
                    yield SnapshotNews(snapshot=snapshot, origin=origin)
                elif (job_id := name.removeprefix(_WAITS)) in watched:
                    yield WaitNews(job_id=job_id, waiting=waiting_from_json(text))

    async def close(self) -> None:
        await self._redis.aclose()


def snapshot_without_origin(body: str) -> tuple[dict[str, Any], Origin | None]:
    """Return the public snapshot of a body, and what it was the first to show when it came."""
    snapshot: dict[str, Any] = json.loads(body)
    return snapshot, origin_from_json(snapshot.pop(MEMBER, None))


@asynccontextmanager
async def _outages() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Outage("redis", str(error) or type(error).__name__) from error

"""What a job waits for, as soft state in Redis: said again every 5 s, forgotten after 12.

A worker that can reach Kafka states `import-waiting`, and the fold writes the key; a worker that
cannot writes it itself with the functions here. Readers show it over the snapshot of a job that
is neither paused nor at its end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from redis.exceptions import RedisError

from sluice import redis_keys

if TYPE_CHECKING:
    from uuid import UUID

    import redis

log = structlog.get_logger(__name__)

REPEAT_S = 5.0
LIFE_S = 12
"""Two statements may be lost before a job that waits looks as if it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Who waits, for what, and a sentence for people."""

    worker: str
    dependency: str
    """`postgresql`, `kafka`, `storage`, `target-table` (locked by somebody), `operator`."""
    reason: str

    def to_json(self) -> str:
        body = {"worker": self.worker, "dependency": self.dependency, "reason": self.reason}
        return json.dumps(body, ensure_ascii=False)


def waiting_from_json(text: str | bytes | None) -> Waiting | None:
    """Return what a key holds; None when nothing, or nothing that can be read."""
    try:
        body: Any = json.loads(text or "null")
        return None if body is None else Waiting(**body)
    except (ValueError, TypeError):
        return None


def say_waiting(client: redis.Redis, job_id: UUID | str, waiting: Waiting) -> bool:
    """Show for 12 s that a job waits; False when Redis is away, which loses nothing else.

    The client's timeouts are how long this takes at most.
    """
    body = waiting.to_json()
    try:
        client.set(redis_keys.waiting_key(job_id), body, ex=LIFE_S)
        client.publish(redis_keys.waiting_channel(job_id), body)
    except (RedisError, OSError) as error:
        log.debug("a wait cannot be shown", reason=type(error).__name__)
        return False
    return True


def say_going_on(client: redis.Redis, job_id: UUID | str, worker: str) -> bool:
    """End a worker's own wait early; what another one waits for stays."""
    key = redis_keys.waiting_key(job_id)
    try:
        held = waiting_from_json(client.get(key))
        if held is not None and held.worker == worker:
            client.delete(key)
            client.publish(redis_keys.waiting_channel(job_id), "")
    except (RedisError, OSError) as error:
        log.debug("the end of a wait cannot be shown", reason=type(error).__name__)
        return False
    return True

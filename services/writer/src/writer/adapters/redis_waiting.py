"""Says what jobs wait for where Kafka cannot: it is what is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis

from sluice.waiting import Waiting, say_waiting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

TIMEOUT_S = 0.2


class WaitingInRedis:
    """Sent and forgotten; without Redis nobody is told, and nothing waits for that."""

    def __init__(self, url: str, worker: str) -> None:
        self._worker = worker
        self._redis = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
        )

    def show(self, job_ids: Iterable[UUID], dependency: str, reason: str) -> None:
        """Show for 12 s that these jobs wait; the first that cannot be shown ends it."""
        waiting = Waiting(worker=self._worker, dependency=dependency, reason=reason)
        for job_id in job_ids:
            if not say_waiting(self._redis, job_id, waiting):
                return

    def close(self) -> None:
        self._redis.close()

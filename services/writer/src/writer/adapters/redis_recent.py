"""A job's last ids and errors in Redis: sent and forgotten; without Redis nothing waits."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING

import redis
import structlog

from sluice.redis_keys import recent_key
from writer.domain.recent import RecentOfJob

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.clock import Clock
    from writer.domain.prepared import PreparedBatch
    from writer.domain.rejections import Rejection

log = structlog.get_logger(__name__)

TIMEOUT_S = 0.2
BREAK_S = 5.0
"""After a failure nothing is sent for so long: 200 ms a batch would halve the writer."""
KEPT_S = 24 * 60 * 60
JOBS_KEPT = 256


class RecentInRedis:
    """Keeps what was seen lately and writes it to one key for each job."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
        )
        self._clock = clock
        self._closed_until_s = 0.0
        self._jobs: OrderedDict[UUID, RecentOfJob] = OrderedDict()

    def add(self, batch: PreparedBatch, rejections: tuple[Rejection, ...]) -> None:
        """Add a committed batch and tell Redis, unless it failed a moment ago; never raises."""
        job_id = batch.plan.job_id
        recent = self._jobs.setdefault(job_id, RecentOfJob())
        self._jobs.move_to_end(job_id)
        while len(self._jobs) > JOBS_KEPT:
            self._jobs.popitem(last=False)
        recent.take(batch, rejections)
        if self._clock.monotonic_s() < self._closed_until_s:
            return
        try:
            self._redis.set(recent_key(job_id), json.dumps(recent.as_json()), ex=KEPT_S)
        except redis.RedisError as error:
            self._closed_until_s = self._clock.monotonic_s() + BREAK_S
            log.warning("recent rows are not shown", reason=type(error).__name__)

    def close(self) -> None:
        self._redis.close()

"""Which processes there are: each says in Redis every 5 s that it is there, and what it waits for.

Soft state, as all in Redis: without Redis nobody can tell, and nothing waits for that. How long a
process has been silent is read from its key's time to live, so that no clock of ours counts.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import redis
from redis.exceptions import RedisError

from sluice import redis_keys
from sluice.background import PeriodicThread
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import SecretStr

    from sluice.clock import Clock

BEAT_S = 5.0
SILENT_AFTER_S = 20.0
"""Two beats may be lost, and one may wait 5 s for a database that is away."""
KEPT_S = 24 * 3600
"""So long a process that fell silent is remembered; one that leaves says so and is forgotten."""
TIMEOUT_S = 1.0
LEAVES_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process, as it told of itself."""

    service: str
    instance: str
    uptime_s: float
    """At its last beat."""
    silent_s: float
    waits_for: str
    """What its `/readyz` would say; empty when it is ready."""
    open_streams: int | None = None

    @property
    def is_up(self) -> bool:
        return self.silent_s < SILENT_AFTER_S


@contextmanager
def present(
    service: str,
    redis_url: SecretStr | None,
    clock: Clock,
    waits_for: Callable[[], str],
    open_streams: Callable[[], int] | None = None,
) -> Iterator[None]:
    """Say that this process is there, until the block ends; without Redis nothing is said.

    Args:
        service: whose process it is.
        redis_url: where to say it.
        clock: for how long it has been running.
        waits_for: what `/readyz` answers with; called in another thread.
        open_streams: how many streams it serves, where it serves any.
    """
    if redis_url is None:
        yield
        return
    url = redis_url.get_secret_value()
    beat = _Beat(service, url, clock, waits_for, open_streams)
    beat.start()
    try:
        yield
    finally:
        beat.stop(LEAVES_WITHIN_S)


class _Beat(PeriodicThread):
    def __init__(
        self,
        service: str,
        url: str,
        clock: Clock,
        waits_for: Callable[[], str],
        open_streams: Callable[[], int] | None,
    ) -> None:
        super().__init__("presence", BEAT_S)
        self._service = service
        self._instance = f"{socket.gethostname()}:{os.getpid()}"
        self._key = redis_keys.process_key(service, self._instance)
        self._redis = _client(url)
        self._clock = clock
        self._began_s = clock.monotonic_s()
        self._waits_for = waits_for
        self._open_streams = open_streams

    def turn(self) -> None:
        told = {
            "service": self._service,
            "instance": self._instance,
            "uptimeS": round(self._clock.monotonic_s() - self._began_s, 1),
            "waitsFor": self._waits_for(),
            "openStreams": self._open_streams() if self._open_streams else None,
        }
        try:
            self._redis.set(self._key, json.dumps(told), ex=KEPT_S)
            self._redis.sadd(redis_keys.PROCESSES, self._key)
        except RedisError as error:
            raise Outage("redis", type(error).__name__) from error

    def leave(self) -> None:
        try:
            self._redis.srem(redis_keys.PROCESSES, self._key)
            self._redis.delete(self._key)
        except RedisError as error:
            raise Outage("redis", type(error).__name__) from error
        finally:
            self._redis.close()


def read_processes(redis_url: str) -> list[Process]:
    """Return who is there and who fell silent within a day, by service and instance.

    Raises:
        Outage: Redis is away.
    """
    with _client(redis_url) as client:
        try:
            keys = sorted(cast("set[bytes]", client.smembers(redis_keys.PROCESSES)))
            asked = client.pipeline(transaction=False)
            for key in keys:
                asked.get(key)
                asked.pttl(key)
            answers = asked.execute() if keys else []
            gone = [key for key, text in zip(keys, answers[::2], strict=True) if text is None]
            if gone:
                client.srem(redis_keys.PROCESSES, *gone)
        except RedisError as error:
            raise Outage("redis", type(error).__name__) from error
    pairs = zip(answers[::2], answers[1::2], strict=True)
    return [_process(json.loads(text), left_ms) for text, left_ms in pairs if text is not None]


def _process(told: dict[str, Any], left_ms: int) -> Process:
    return Process(
        service=told["service"],
        instance=told["instance"],
        uptime_s=told["uptimeS"],
        silent_s=max(0.0, KEPT_S - left_ms / 1000),
        waits_for=told["waitsFor"],
        open_streams=told["openStreams"],
    )


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
    )

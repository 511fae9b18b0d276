"""That a process is there, said to a real Redis and read back."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
import redis
from pydantic import SecretStr

from sluice import processes, redis_keys
from sluice.clock import SystemClock
from sluice.errors import Outage
from sluice.processes import KEPT_S, present, read_processes

if TYPE_CHECKING:
    from collections.abc import Callable

WITHIN_S = 10.0


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.02)


def test_a_process_is_there_until_it_leaves(empty_redis_url: str) -> None:
    waits_for = "postgres: away"
    with present("writer", SecretStr(empty_redis_url), SystemClock(), lambda: waits_for, lambda: 4):
        eventually(lambda: bool(read_processes(empty_redis_url)))
        [process] = read_processes(empty_redis_url)
        assert process.service == "writer"
        assert process.instance.endswith(f":{os.getpid()}")
        assert (process.waits_for, process.open_streams, process.is_up) == (waits_for, 4, True)
    assert read_processes(empty_redis_url) == []


def test_one_that_fell_silent_is_remembered_as_such_and_forgotten_in_the_end(
    empty_redis_url: str,
) -> None:
    with redis.Redis.from_url(empty_redis_url) as client:
        key = redis_keys.process_key("parser", "host:1")
        body = (
            '{"service": "parser", "instance": "host:1", "uptimeS": 9.5, "waitsFor": "",'
            ' "openStreams": null}'
        )
        client.set(key, body, ex=KEPT_S - 60)
        client.sadd(redis_keys.PROCESSES, key)
        [process] = read_processes(empty_redis_url)
        assert 60 <= process.silent_s < 70
        assert not process.is_up
        client.delete(key)
        assert read_processes(empty_redis_url) == []
        assert client.smembers(redis_keys.PROCESSES) == set()


def test_without_redis_nothing_waits_and_nobody_can_tell() -> None:
    nowhere = "redis://127.0.0.1:1/0"
    with present("writer", SecretStr(nowhere), SystemClock(), lambda: ""):
        pass
    with present("writer", None, SystemClock(), lambda: ""):
        pass
    with pytest.raises(Outage):
        read_processes(nowhere)
    assert processes.BEAT_S < processes.SILENT_AFTER_S

"""What a job waits for, in a real Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sluice.redis_keys import waiting_key
from sluice.waiting import LIFE_S, Waiting, say_going_on, say_waiting, waiting_from_json

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITING = Waiting(worker="writer-1", dependency="kafka", reason="Kafka is away: \u20ac")


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def test_a_wait_lives_for_seconds_and_only_its_own_worker_ends_it(client: redis.Redis) -> None:
    job_id = uuid4()
    assert say_waiting(client, job_id, WAITING)
    assert waiting_from_json(client.get(waiting_key(job_id))) == WAITING
    assert 0 < client.ttl(waiting_key(job_id)) <= LIFE_S
    assert say_going_on(client, job_id, "writer-2")
    assert client.exists(waiting_key(job_id)) == 1
    assert say_going_on(client, job_id, "writer-1")
    assert client.exists(waiting_key(job_id)) == 0


def test_without_redis_nothing_is_raised() -> None:
    nobody = redis.Redis(port=9, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))
    assert not say_waiting(nobody, uuid4(), WAITING)
    assert not say_going_on(nobody, uuid4(), "writer-1")


@pytest.mark.parametrize("text", [None, "", b"{", "{}", '{"worker": "w"}', "7"])
def test_what_cannot_be_read_is_no_wait(text: str | bytes | None) -> None:
    assert waiting_from_json(text) is None

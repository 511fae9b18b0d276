"""What waits for more chunks before it is written, and what does not; without servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from sluice.kafka.loop import Fetched
from sluice.kafka.partitions import Claim, PartitionId, Partitions
from writer.entrypoints.consume_rows_chunked import (
    BEGIN_EVERY_S,
    FETCH_TIMEOUT_S,
    ChunkConsumer,
    Parts,
)
from writer.settings import WriterSettings

SOURCE = PartitionId("t", 0)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic_s(self) -> float:
        return self.now_s


class Message:
    """A record that is no chunk: it is set aside at once."""

    def value(self) -> bytes:
        return b"?"

    def key(self) -> bytes:
        return b"?"


class Feed:
    """Gives what the test has put there; where there is nothing it waits by the clock."""

    def __init__(self, clock: Clock) -> None:
        self.partitions = Partitions()
        self.partitions.assign([SOURCE])
        self.there: list[Fetched] = []
        self.waited_s: list[float] = []
        self.clock = clock
        self._offset = 0

    def put(self) -> None:
        claim = Claim(SOURCE, self._offset, 1)
        self.there.append(Fetched(claim, cast("Any", Message())))
        self._offset += 1

    def fetch(self, _max_records: int, timeout_s: float) -> list[Fetched]:
        given, self.there = self.there, []
        if not given and timeout_s:
            self.clock.now_s += timeout_s
            self.waited_s.append(timeout_s)
        return given


class Quiet:
    """Stands for parts that have nothing to say."""

    is_stopping = must_leave = False

    def __getattr__(self, name: str) -> Callable[..., list[Any]]:
        return lambda *_args, **_more: []

    def until_done(self, call: Callable[[], Any]) -> Any:
        return call()


@pytest.fixture
def feed() -> Feed:
    return Feed(Clock())


@pytest.fixture
def consumer(feed: Feed) -> ChunkConsumer:
    quiet: Any = Quiet()
    names = [name for name in Parts.__slots__ if name not in {"feed", "clock"}]
    parts: dict[str, Any] = dict.fromkeys(names, quiet)
    settings = WriterSettings.from_env(
        {
            "SLUICE_DATABASE_URL": "postgresql://localhost/x",
            "SLUICE_KAFKA_BOOTSTRAP": "localhost:1",
            "SLUICE_REDIS_URL": "redis://localhost",
            "SLUICE_ENVIRONMENT": "test",
        }
    )
    return ChunkConsumer(
        Parts(feed=cast("Any", feed), clock=cast("Any", feed.clock), **parts), settings
    )


def test_a_record_close_behind_another_waits_for_more(feed: Feed, consumer: ChunkConsumer) -> None:
    for _ in range(2):
        feed.put()
        consumer.step()
    assert feed.waited_s == [pytest.approx(BEGIN_EVERY_S)]


def test_a_lone_record_just_behind_an_idle_fetch_is_written_at_once(
    feed: Feed, consumer: ChunkConsumer
) -> None:
    feed.put()
    consumer.step()
    consumer.step()
    feed.put()
    consumer.step()
    assert feed.waited_s == [FETCH_TIMEOUT_S]

"""Kafka as it may be: the same records again, late, in any order."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from sluice.kafka import topic_names

if TYPE_CHECKING:
    from collections.abc import Iterator

POLL_S = 0.1
HELD = 40
"""So many records are held to be shuffled."""
REPEATED_AT_MOST = 4000
"""The repeater reads its own records, too: it must not feed itself for ever."""
AGAIN = "fault-again"


class Place(NamedTuple):
    """Where a read goes on."""

    topic: str
    partition: int
    offset: int


class StoredRecord(NamedTuple):
    """A record as it lies in a topic."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def header_map(self) -> dict[str, str]:
        return {name: value.decode() for name, value in self.headers}


def reader(bootstrap: str) -> Consumer:
    """Return a consumer without a group of its own: it commits nothing, it assigns itself."""
    return Consumer({
        "bootstrap.servers": bootstrap, "group.id": "fault-reader", "enable.auto.commit": False,
        "broker.address.family": "v4", "log_level": 0, "reconnect.backoff.max.ms": 1000,
    })  # fmt: skip


def ends_of(bootstrap: str, topic: str) -> list[Place]:
    """Return the places behind the last records."""
    consumer = reader(bootstrap)
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        return [
            Place(
                topic, number, consumer.get_watermark_offsets(TopicPartition(topic, number), 10)[1]
            )
            for number in partitions
        ]
    finally:
        consumer.close()


def records_between(bootstrap: str, begin: list[Place], end: list[Place]) -> list[StoredRecord]:
    """Return the records of a topic from one set of places to another."""
    return list(_records_between(bootstrap, begin, end))


def _records_between(
    bootstrap: str, begin: list[Place], end: list[Place]
) -> Iterator[StoredRecord]:
    first = {place.partition: place.offset for place in begin}
    left = {p.partition: p.offset for p in end if p.offset > first.get(p.partition, 0)}
    if not left:
        return
    consumer = reader(bootstrap)
    consumer.assign([
        TopicPartition(end[0].topic, number, first.get(number, OFFSET_BEGINNING))
        for number in left
    ])  # fmt: skip
    try:
        while left:
            for message in consumer.consume(500, 1.0):
                if message.error() is not None:
                    raise AssertionError(f"{end[0].topic} cannot be read: {message.error()}")
                partition, offset = message.partition() or 0, message.offset() or 0
                if offset < left.get(partition, 0):
                    yield stored(message)
                if offset + 1 >= left.get(partition, 1 << 62):
                    del left[partition]
    finally:
        consumer.close()


def stored(message: object) -> StoredRecord:
    headers = message.headers() or ()  # type: ignore[attr-defined]  # of confluent_kafka
    return StoredRecord(
        topic=message.topic(),  # type: ignore[attr-defined]  # as above
        partition=message.partition(),  # type: ignore[attr-defined]  # as above
        key=message.key() or b"",  # type: ignore[attr-defined]  # as above
        value=message.value() or b"",  # type: ignore[attr-defined]  # as above
        headers=tuple((name, value or b"") for name, value in headers),
    )


def produce(bootstrap: str, records: list[StoredRecord], again: str = "") -> None:
    """Produce records as they were, each on the partition it names, and wait."""
    producer = Producer({
        "bootstrap.servers": bootstrap, "broker.address.family": "v4", "linger.ms": 5,
        "message.max.bytes": 2 * 1024 * 1024, "log_level": 0,
    })  # fmt: skip
    extra = [(AGAIN, again.encode())] if again else []
    for record in records:
        headers: list[tuple[str, str | bytes | None]] = [*record.headers, *extra]
        producer.produce(record.topic, record.value, record.key, record.partition, headers=headers)
        producer.poll(0)
    assert producer.flush(30) == 0, "the repeated records were not delivered"


class ChunkRepeater(threading.Thread):
    """Reads `imports.chunks` from now on; produces each record again, 1 to 3 times, shuffled."""

    def __init__(self, bootstrap: str, seed: float) -> None:
        super().__init__(name="chunk-repeater", daemon=True)
        self._servers = bootstrap
        self._rng = random.Random(seed)
        self._stopping = threading.Event()
        self._begin = ends_of(bootstrap, topic_names.CHUNKS)
        self._held: list[StoredRecord] = []
        self.repeated = 0

    def run(self) -> None:
        consumer = reader(self._servers)
        consumer.assign([TopicPartition(*place) for place in self._begin])
        try:
            while not self._stopping.is_set():
                for message in consumer.consume(HELD, POLL_S):
                    if message.error() is None:
                        self._hold(stored(message))
                if len(self._held) >= HELD:
                    self._repeat()
            self._repeat()
        finally:
            consumer.close()

    def stop(self) -> None:
        self._stopping.set()
        self.join(60)
        assert self.repeated, "no chunk came to be repeated"

    def _hold(self, record: StoredRecord) -> None:
        if AGAIN not in record.header_map:
            self._held.extend([record] * self._rng.randint(1, 3))

    def _repeat(self) -> None:
        self._rng.shuffle(self._held)
        room = max(0, REPEATED_AT_MOST - self.repeated)
        held, self._held = self._held[:room], []
        places = [place.partition for place in self._begin]
        moved = [record._replace(partition=self._rng.choice(places)) for record in held]
        produce(self._servers, moved, again="1")
        self.repeated += len(moved)

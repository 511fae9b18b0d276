"""A group is behind by what it has not committed, from where its topic begins."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, TopicPartition

from sluice.errors import Outage
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topic_names import CHUNKS
from sluice.kafka.topics import create_topics, topic_specs
from sluice.ops.lag import ConsumerLag, GroupTopic
from sluice.settings import KafkaSettings

WITHIN_S = 60.0


def lag_of(lag: ConsumerLag, read: GroupTopic) -> int:
    """Return how far a group is behind, once a broker that has just started knows its groups."""
    until_s = time.monotonic() + WITHIN_S
    while True:
        try:
            return lag.read()[read]
        except Outage:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.1)


def test_what_is_committed_is_not_behind(kafka_bootstrap: str) -> None:
    settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap})
    create_topics(settings, topic_specs(settings))
    producer, of_writer = RecordProducer(settings, "test"), GroupTopic("sluice-writer", CHUNKS)
    producer.place(CHUNKS, b"k", b"v", [])  # the partitions have leaders by now
    lag = ConsumerLag(settings)
    before = lag_of(lag, of_writer)
    places = [producer.place(CHUNKS, b"k", b"v", []) for _ in range(3)]
    assert lag_of(lag, of_writer) == before + 3
    partition, offset = places[0]
    consumer = Consumer(settings.client_config("test") | {"group.id": "sluice-writer"})
    at = TopicPartition(CHUNKS, partition, offset + 3)
    consumer.commit(offsets=[at], asynchronous=False)
    consumer.close()
    assert lag_of(lag, of_writer) <= before

"""A group is behind by what it has not committed, from where its topic begins."""

from __future__ import annotations

from confluent_kafka import Consumer, TopicPartition

from sluice.kafka.producer import RecordProducer
from sluice.kafka.topic_names import CHUNKS
from sluice.kafka.topics import create_topics, topic_specs
from sluice.ops.lag import ConsumerLag, GroupTopic
from sluice.settings import KafkaSettings


def test_what_is_committed_is_not_behind(kafka_bootstrap: str) -> None:
    settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap})
    create_topics(settings, topic_specs(settings))
    producer, of_writer = RecordProducer(settings, "test"), GroupTopic("sluice-writer", CHUNKS)
    producer.place(CHUNKS, b"k", b"v", [])  # the partitions have leaders by now
    lag = ConsumerLag(settings)
    before = lag.read()[of_writer]
    places = [producer.place(CHUNKS, b"k", b"v", []) for _ in range(3)]
    assert lag.read()[of_writer] == before + 3
    partition, offset = places[0]
    consumer = Consumer(settings.client_config("test") | {"group.id": "sluice-writer"})
    at = TopicPartition(CHUNKS, partition, offset + 3)
    consumer.commit(offsets=[at], asynchronous=False)
    consumer.close()
    assert lag.read()[of_writer] <= before

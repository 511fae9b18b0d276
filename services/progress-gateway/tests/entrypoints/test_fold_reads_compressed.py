"""The fold's client reads what producers of any setting wrote."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from sluice.kafka.producer import RecordProducer, producer_config
from sluice.kafka.topic_names import RESULTS
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

WITHIN_S = 30.0


def told(kafka_bootstrap: str, compression: str) -> KafkaSettings:
    return KafkaSettings.from_env(
        {
            "SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "SLUICE_KAFKA_COMPRESSION": compression,
        }
    )


async def record_at(bootstrap: str, partition: int, offset: int) -> ConsumerRecord[bytes, bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        place = TopicPartition(RESULTS, partition)
        consumer.assign([place])
        consumer.seek(place, offset)
        async with asyncio.timeout(WITHIN_S):
            return await consumer.getone()
    finally:
        await consumer.stop()


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_a_fact_is_read_whatever_its_producer_was_told(
    kafka: KafkaSettings, compression: str
) -> None:
    settings = told(kafka.kafka_bootstrap, compression)
    key, value = uuid4().bytes, b"much the same " * 500
    placed = RecordProducer(settings, "test").place(RESULTS, key, value, [])
    record = asyncio.run(record_at(kafka.kafka_bootstrap, *placed))
    assert (record.key, record.value) == (key, value)
    assert producer_config(settings, "test")["compression.type"] == compression

"""The largest chunk can be queued with the headers of its whole story."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaException

from sluice.events.chunk_records import MAX_VALUE_BYTES
from sluice.kafka.producer import RecordProducer
from sluice.settings import KafkaSettings

NOWHERE = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": "127.0.0.1:1"})


def test_the_largest_chunk_has_room_for_its_headers() -> None:
    producer, value = RecordProducer(NOWHERE, "test"), bytes(MAX_VALUE_BYTES)
    producer.send_raw("a", b"job:1", value, [("why", b"x" * 60_000)])
    with pytest.raises(KafkaException, match="MSG_SIZE_TOO_LARGE"):
        producer.send_raw("a", b"job:1", value, [("why", b"x" * 66_000)])
    assert producer.queued() == 1
    producer.drop_queued()

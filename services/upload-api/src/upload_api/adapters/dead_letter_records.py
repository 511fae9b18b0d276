"""Reads single records by their place in Kafka: a dead letter's own bytes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from sluice.errors import Outage
from sluice.kafka.client_log import client_logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confluent_kafka import Message

    from sluice.settings import KafkaSettings

ANSWER_S = 5.0
_UNKNOWN = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001 - librdkafka's own codes have no other name
    KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A record as it lies in Kafka, untouched."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class DeadLetterRecords:
    """Fetches by assignment, in no group: nothing is committed, nobody rebalances.

    Safe for use by several threads; they take turns.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._config = settings.client_config("dead-letters") | {
            "group.id": "sluice-dead-letters",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "allow.auto.create.topics": False,
            "auto.offset.reset": "error",
            "queued.max.messages.kbytes": 4 * 1024,
            "fetch.message.max.bytes": 2 * 1024 * 1024,
        }
        self._turn = threading.Lock()
        self._consumer: Consumer | None = None

    def holds(self, topic: str, partition: int, offset: int) -> bool:
        """Tell whether Kafka still has a record; raises `Outage`."""
        with self._turn:
            return self._holds(TopicPartition(topic, partition, offset))

    def fetch(self, topic: str, partition: int, offset: int) -> KeptRecord | None:
        """Return a record, None when Kafka has it no more.

        Raises:
            Outage: the brokers do not answer in time.
        """
        place = TopicPartition(topic, partition, offset)
        with self._turn:
            if not self._holds(place):
                return None
            consumer = self._opened()
            consumer.assign([place])
            try:
                message = consumer.poll(ANSWER_S)
            finally:
                consumer.unassign()
        if message is None:
            raise Outage("kafka", f"no record in {ANSWER_S:.0f} s")
        if (error := message.error()) is not None:
            raise Outage("kafka", error.str())
        return _kept(message) if message.offset() == offset else None

    def close(self) -> None:
        """Let the connection go; another fetch opens it again."""
        with self._turn:
            if self._consumer is not None:
                self._consumer.close()
            self._consumer = None

    def _holds(self, place: TopicPartition) -> bool:
        try:
            low, high = self._opened().get_watermark_offsets(place, timeout=ANSWER_S)
        except KafkaException as error:
            if error.args[0].code() in _UNKNOWN:
                return False
            raise Outage("kafka", error.args[0].str()) from error
        return bool(low <= place.offset < high)

    def _opened(self) -> Consumer:
        if self._consumer is None:
            self._consumer = Consumer(self._config, logger=client_logger("consumer.dead-letters"))
        return self._consumer


def _kept(message: Message) -> KeptRecord:
    headers: Any = message.headers() or ()
    key, value = message.key(), message.value()
    return KeptRecord(
        key=key if isinstance(key, bytes) else None,
        value=value if isinstance(value, bytes) else None,
        headers=tuple((str(name), held) for name, held in headers),
    )

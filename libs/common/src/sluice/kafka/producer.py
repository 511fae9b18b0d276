"""Producing so that a returned flush means: the brokers have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaException, Producer

from sluice.errors import Outage
from sluice.kafka.client_log import client_logger
from sluice.kafka.topic_names import MAX_RECORD_BYTES
from sluice.metrics import took
from sluice.tracing import NOT_TRACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from confluent_kafka import KafkaError, Message

    from sluice.events import Record
    from sluice.settings import KafkaSettings
    from sluice.tracing import Span


PLACE_S = 5.0


def producer_config(settings: KafkaSettings, client: str) -> dict[str, Any]:
    """Return librdkafka's settings for a producer that neither loses nor reorders.

    Tuned: the queue is 32 MB (the default, 1 GiB, breaks the memory goals); linger of 5 ms batches
    chunks without being felt. Compression is a setting: lz4 makes the log smaller by 4 tenths, for
    0.25 CPU s per million rows and a tenth of the time.
    """
    return settings.client_config(client) | {
        "enable.idempotence": True,
        "acks": "all",
        "delivery.timeout.ms": 600_000,
        "message.max.bytes": MAX_RECORD_BYTES,
        "queue.buffering.max.kbytes": 32 * 1024,
        "compression.type": settings.kafka_compression,
        "linger.ms": 5,
    }


class RecordProducer:
    """A producer that remembers failed deliveries until somebody asks.

    Not safe for use by several threads at once.
    """

    def __init__(self, settings: KafkaSettings, client: str) -> None:
        self._producer = Producer(
            producer_config(settings, client), logger=client_logger(f"producer.{client}")
        )
        self._failure: KafkaError | None = None

    def send(self, record: Record) -> None:
        """Queue a record; may block while the queue is full.

        Raises:
            Outage: an earlier record could not be delivered.
        """
        self.send_raw(record.topic, record.key, record.value, list(record.headers))

    def send_raw(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]],
        span: Span = NOT_TRACED,
    ) -> None:
        """Queue a record given by its parts; its span ends when the brokers have it; see `send`."""

        def told(error: KafkaError | None, message: Message) -> None:
            self._on_delivery(error, message)
            span.end("" if error is None else error.name())

        on_delivery = told if span.is_recorded else self._on_delivery
        while True:
            self._raise_failure()
            try:
                self._producer.produce(
                    topic, value, key, headers=list(headers), on_delivery=on_delivery
                )
            except BufferError:
                self._producer.poll(0.05)
            else:
                self._producer.poll(0)
                return

    def send_all(self, records: Iterable[Record]) -> None:
        for record in records:
            self.send(record)

    def flush(self, timeout_s: float = 30.0) -> bool:
        """Wait until the brokers have everything; False when the time ran out before.

        Raises:
            Outage: a record could not be delivered.
        """
        left = self._producer.flush(timeout_s)
        self._raise_failure()
        return left == 0

    def confirm(self, within_s: float) -> None:
        """Wait until the brokers have everything.

        Raises:
            Outage: they do not have it within that time, or refused a record.
        """
        if not self.flush(within_s):
            raise Outage("kafka", f"no confirmation in {within_s:.0f} s")

    def place(
        self, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
    ) -> tuple[int, int]:
        """Produce one record and return the (partition, offset) that the brokers gave it.

        Raises:
            Outage: they did not confirm it in `PLACE_S`; it may be there all the same.
        """
        placed: list[tuple[int, int]] = []

        def note(error: KafkaError | None, message: Message) -> None:
            self._on_delivery(error, message)
            partition, offset = message.partition(), message.offset()
            if error is None and partition is not None and offset is not None:
                placed.append((partition, offset))

        self._raise_failure()
        try:
            self._producer.produce(topic, value, key, headers=list(headers), on_delivery=note)
        except BufferError:
            raise Outage("kafka", "the queue is full") from None
        self.confirm(PLACE_S)
        return placed[0]

    def poll(self) -> None:
        """Serve delivery reports without waiting."""
        self._producer.poll(0)
        self._raise_failure()

    def drop_queued(self) -> None:
        """Forget the records that were not sent yet: their caller will send them again."""
        self._producer.purge(in_queue=True, in_flight=False, blocking=True)
        self._producer.poll(0)
        self._failure = None

    def queued(self) -> int:
        """Return how many records the brokers have not confirmed yet."""
        return len(self._producer)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._failure = error
        elif (latency_s := message.latency()) is not None:
            took("produce", latency_s)

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is None:
            return
        if failure.fatal():
            raise KafkaException(failure)
        raise Outage("kafka", failure.str())

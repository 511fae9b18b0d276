"""Acts on imports as they happen: `python consumer.py`. Stop it however you like, kill -9 too."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from confluent_kafka import Consumer, KafkaException
from effects import EFFECTS, JOB_EVENTS, RESULTS, Event, handle

if TYPE_CHECKING:
    from confluent_kafka import Message

BATCH = 200
WAIT_S = 0.5


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP"],
            "group.id": os.environ.get("CONSUMER_GROUP", "sales"),
            # Another name for each instance: one that comes back takes its own partitions at once
            "group.instance.id": os.environ.get("INSTANCE", socket.gethostname()),
            # A group that is new, or was away too long, begins with the oldest record there is
            "auto.offset.reset": "earliest",
            # We say what is done, and only after our transaction
            "enable.auto.commit": False,
            "partition.assignment.strategy": "cooperative-sticky",
        }
    )
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stopped.append(got))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as conn:
        conn.execute(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        consumer.subscribe([RESULTS, JOB_EVENTS])
        try:
            while not stopped:
                _one_batch(consumer, conn)
        finally:
            consumer.close()
    return 0


def _one_batch(consumer: Consumer, conn: psycopg.Connection) -> None:
    """Fetch, act in one transaction, then commit the offsets: a crash between repeats the batch."""
    messages = consumer.consume(BATCH, WAIT_S)
    if not messages:
        return
    with conn.transaction():
        new = sum(handle(conn, event) for message in messages if (event := event_of(message)))
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        # The partitions went to somebody else meanwhile: they come again there, and do nothing
        print(f"offsets were not committed: {error}", file=sys.stderr)
    print(f"{len(messages)} records, {new} events that were new", flush=True)


def event_of(message: Message) -> Event | None:
    """Decode a record; None for what has no effect here: its body may be of any form.

    Raises:
        KafkaException: the broker reports an error.
    """
    if message.error():
        raise KafkaException(message.error())
    headers: dict[str, bytes] = dict(message.headers() or ())  # type: ignore[arg-type]
    if "ce_id" not in headers or "ce_type" not in headers:
        return None
    topic, ce_type = message.topic() or "", headers["ce_type"].decode(errors="replace")
    if (topic, ce_type) not in EFFECTS:
        return None
    # Unknown members of the body are left alone: a version may gain some
    body = json.loads(message.value() or b"{}")
    return Event(topic=topic, ce_id=headers["ce_id"].decode(), ce_type=ce_type, body=body)


if __name__ == "__main__":
    sys.exit(main())

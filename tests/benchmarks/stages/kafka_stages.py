"""The stages between parser and writer: produce the chunks, consume and decode them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from tests.benchmarks.stages.inputs import encoded_chunks, writer_settings
from tests.benchmarks.stages.meter import metered

from sluice.clock import SystemClock
from sluice.events import rows_chunked
from sluice.kafka.loop import RecordFeed
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topics import create_topics, topic_specs

if TYPE_CHECKING:
    from uuid import UUID

    from tests.benchmarks.stages.meter import Spent

FLUSH_S = 60.0
FETCH_S = 0.1


def produce() -> Spent:
    """Hand the chunks to a parser's producer, until the broker has them all."""
    job_id = uuid4()
    chunks = encoded_chunks(job_id)
    topic, producer = _topic(), _producer()
    with metered() as spent:
        _produce(producer, topic, job_id, chunks)
    return spent


def consume() -> Spent:
    """Fetch the chunks as a writer does, decode them, and commit at the end."""
    job_id = uuid4()
    chunks = encoded_chunks(job_id)
    topic, settings = _topic(), writer_settings()
    _produce(_producer(), topic, job_id, chunks)
    feed = RecordFeed(settings, f"bench-{job_id}", [topic])
    while not feed.partitions.owned:
        assert not feed.fetch(1, FETCH_S), "a record came before its partition"
    left = len(chunks)
    with metered() as spent:
        while left:
            fetched = feed.fetch(settings.writer_fetch_records, FETCH_S)
            for record in fetched:
                rows_chunked.decode(record.message.value() or b"")
            feed.finish([record.claim for record in fetched])
            left -= len(fetched)
        feed.commit()
    feed.close()
    return spent


def _topic() -> str:
    """Make a topic like that of the chunks, for one measurement; return its name."""
    settings = writer_settings()
    like = next(spec for spec in topic_specs(settings) if spec.name == rows_chunked.TOPIC)
    spec = replace(like, name=f"bench.{uuid4()}")
    create_topics(settings, [spec])
    return spec.name


def _producer() -> RecordProducer:
    """Return a producer that is connected already."""
    producer = RecordProducer(writer_settings(), "bench")
    producer.send_raw(_topic(), None, b"first", [])
    producer.confirm(FLUSH_S)
    return producer


def _produce(
    producer: RecordProducer, topic: str, job_id: UUID, chunks: list[tuple[int, bytes]]
) -> None:
    clock = SystemClock()
    for number, value in chunks:
        now_iso = clock.now().isoformat(timespec="milliseconds")
        key = rows_chunked.record_key(job_id, number)
        headers = rows_chunked.record_headers(job_id, number, now_iso)
        producer.send_raw(topic, key, value, headers)
    producer.confirm(FLUSH_S)

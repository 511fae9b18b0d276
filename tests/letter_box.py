"""Dead letters as a writer leaves them: the record, the ledger's row, the letter's row."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from confluent_kafka import Consumer, KafkaException, TopicPartition

from sluice.events import rows_chunked
from sluice.events.rows_chunked import ChunkMeta, cells_of
from sluice.kafka.dead_letter import Delivery, Failure, Origin, dead_headers
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topic_names import CHUNKS, CHUNKS_DLQ
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from confluent_kafka import Message

THEN = datetime(2026, 1, 2, tzinfo=UTC)
DEADLINE_S = 60.0
Headers = list[tuple[str, bytes | None]]


@dataclass(frozen=True, kw_only=True)
class Dead:
    """A dead letter's number, and the record that died."""

    letter_id: int
    key: bytes | None
    value: bytes
    headers: Headers


def chunk_value(job_id: UUID, chunk_no: int) -> bytes:
    """The bytes of a chunk with one row: a text that nobody may see, and a number."""
    cells = cells_of([2], [["secret"], ["42"]], [b"\x01", b"\x02"])
    meta = ChunkMeta(
        job_id=job_id,
        run=1,
        chunk_no=chunk_no,
        rows=1,
        first_line=2,
        last_line=2,
        covered_bytes=10,
        sha256=rows_chunked.content_sha256(cells),
        chunker_version=1,
        date_1904=False,
    )
    return rows_chunked.encode(meta, cells)


@dataclass
class LetterBox:
    """Kafka and the tables around dead letters; reads what is produced from now on."""

    bootstrap: str
    database_url: str
    starts: list[TopicPartition] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": self.bootstrap})
        create_topics(self.settings, topic_specs(self.settings))
        self._producer = RecordProducer(self.settings, "test")
        self._consumer = Consumer(
            {"bootstrap.servers": self.bootstrap, "group.id": "t", "enable.auto.commit": False}
        )
        for topic in (CHUNKS, "imports.jobs"):
            for number in self._consumer.list_topics(topic, 10).topics[topic].partitions:
                place = TopicPartition(topic, number)
                self.starts.append(TopicPartition(topic, number, self._end_of(place)))
        self._consumer.assign(self.starts)

    def _end_of(self, place: TopicPartition) -> int:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                return int(self._consumer.get_watermark_offsets(place, timeout=10)[1])
            except KafkaException:  # a new topic may have no leader yet
                assert time.monotonic() < deadline, "the topic gets no leader"
                time.sleep(0.1)

    def close(self) -> None:
        self._consumer.close()

    def dead_chunk(self, job_id: UUID, chunk_no: int, **letter: Any) -> Dead:
        """Put a dead chunk into all three places."""
        with psycopg.connect(self.database_url) as conn:
            conn.execute(
                "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line,"
                " last_line, covered_bytes, sha256, code)"
                " VALUES (%s, %s, 'dead', 1, 1, 2, 2, 10, '', 'BUG')",
                [job_id, chunk_no],
            )
        key = rows_chunked.record_key(job_id, chunk_no)
        headers: Headers = [("ce_type", b"x"), ("traceparent", b"00-1"), ("twice", b"a")]
        return self.dead_record(
            key, chunk_value(job_id, chunk_no), [*headers, ("twice", b"b")], job_id=job_id,
            chunk_no=chunk_no, **letter
        )  # fmt: skip

    def dead_record(self, key: bytes | None, value: bytes, headers: Headers, **letter: Any) -> Dead:
        """Put any record into the DLQ, with its letter."""
        origin = Origin(topic=CHUNKS, partition=0, offset=7, timestamp_ms=0)
        delivery = Delivery(origin=origin, attempts=4, first_failed_at=THEN)
        added = dead_headers([], delivery, Failure(code="BUG", message="a bug"), None, THEN)
        topic = letter.pop("topic", CHUNKS_DLQ)
        partition, offset = self._place(topic, key, value, [*headers, *added])
        row = {
            "topic": topic,
            "partition": partition,
            "kafka_offset": offset,
            "original_topic": CHUNKS,
            "original_partition": 0,
            "original_offset": 7,
            "job_id": None,
            "chunk_no": None,
            "run": 1,
            "error_class": "BUG",
            "error_message": "a bug",
            "attempts": 4,
            "replay_count": 0,
            "size_bytes": len(value),
            "state": "open",
            "first_failed_at": THEN,
            "last_failed_at": THEN,
        } | letter
        names, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        sql = (
            f"INSERT INTO sluice.dead_letters ({names}) VALUES ({places}) RETURNING dead_letter_id"
        )
        with psycopg.connect(self.database_url) as conn:
            found = conn.execute(sql, row).fetchone()
        assert found is not None
        return Dead(letter_id=found[0], key=key, value=value, headers=headers)

    def _place(
        self, topic: str, key: bytes | None, value: bytes, headers: Headers
    ) -> tuple[int, int]:
        return self._producer.place(topic, key, value, headers)  # type: ignore[arg-type]  # foreign records have no key

    def produced(self, count: int) -> list[Message]:
        """Wait for so many records on the main topics, and for none beyond them."""
        found = self._poll(lambda messages: len(messages) >= count, DEADLINE_S)
        assert len(found) == count, f"{len(found)} of {count} records came"
        found += self._poll(bool, 0.5)
        return found

    def _poll(self, is_enough: Any, within_s: float) -> list[Message]:
        found: list[Message] = []
        end = time.monotonic() + within_s
        while not is_enough(found) and time.monotonic() < end:
            message = self._consumer.poll(0.2)
            if message is not None and message.error() is None:
                found.append(message)
        return found


def headers_of(message: Message) -> Sequence[tuple[str, Any]]:
    held: Any = message.headers() or []
    return [(name, value) for name, value in held]

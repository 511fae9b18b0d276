"""The writer as a process, with Kafka on both sides of it: started, stopped, killed, asked."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from confluent_kafka import Consumer, Message, TopicPartition
from services.writer.tests.writer_world import World

from sluice.events import rows_chunked
from sluice.events.rows_chunked import RowsChunked
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topic_names import CHUNKS, CHUNKS_DLQ, RESULTS
from sluice.settings import KafkaSettings

DEADLINE_S = 150.0

Facts = list[dict[str, Any]]


def until(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """Poll until the condition holds; return what it returned."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {deadline_s} s: {what}")


@dataclass
class Road:
    """Kafka on both sides of the writer, and writers to start."""

    env: dict[str, str]
    settings: KafkaSettings
    world: World
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ports: dict[int, int] = field(default_factory=dict)

    def arm(self, point: str, action: str = "kill") -> None:
        """Have a writer fail at a named place."""
        (Path(self.env["SLUICE_FAILPOINTS_DIR"]) / point).write_text(action)

    def disarm(self, point: str) -> None:
        (Path(self.env["SLUICE_FAILPOINTS_DIR"]) / point).unlink()

    def start(self) -> subprocess.Popen[bytes]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        env = {**self.env, "SLUICE_METRICS_PORT": str(port)}
        process = subprocess.Popen([sys.executable, "-m", "writer"], env=env)
        self.processes.append(process)
        self.ports[process.pid] = port
        until(lambda: self.page(process, "readyz")[0] == 200, "the writer is ready")
        return process

    def page(self, process: subprocess.Popen[bytes], name: str) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.ports[process.pid]}/{name}"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def send(self, chunks: Sequence[RowsChunked], failed_before: int = 0) -> None:
        """Produce chunks as a parser does, or as one that has failed so often already."""
        producer = RecordProducer(self.settings, "test")
        headers = [("test", b"kept")]
        if failed_before:
            headers.append(("sluice-attempt", str(failed_before).encode()))
        for chunk in chunks:
            key = rows_chunked.record_key(chunk.meta.job_id, chunk.meta.chunk_no)
            value = rows_chunked.encode(chunk.meta, chunk.cells)
            producer.send_raw(CHUNKS, key, value, headers)
        assert producer.flush(20)

    def send_bytes(self, key: bytes, value: bytes) -> None:
        producer = RecordProducer(self.settings, "test")
        producer.send_raw(CHUNKS, key, value, [])
        assert producer.flush(20)

    def dead_letters(self, job: UUID) -> list[Message]:
        """Return what lies in the dead-letter topic of this job, from the beginning."""
        consumer = Consumer(
            self.settings.client_config("test")
            | {"group.id": f"test-dlq-{job}", "enable.auto.commit": False}
        )
        partitions = self.settings.jobs_partitions
        places = [TopicPartition(CHUNKS_DLQ, p, 0) for p in range(partitions)]
        wanted = sum(consumer.get_watermark_offsets(place, timeout=10)[1] for place in places)
        consumer.assign(places)
        found: list[Message] = []

        def all_read() -> bool:
            found.extend(consumer.consume(500, 0.2))
            return len(found) >= wanted

        until(all_read, "all dead letters")
        consumer.close()
        return [
            message for message in found if (message.key() or b"").startswith(str(job).encode())
        ]

    def facts(
        self, job: UUID, enough: Callable[[list[dict[str, Any]]], bool]
    ) -> list[dict[str, Any]]:
        """Return the job's facts from the beginning, once there are enough."""
        consumer = Consumer(
            self.settings.client_config("test")
            | {"group.id": f"test-{job}", "enable.auto.commit": False}
        )
        partitions = self.settings.results_partitions
        consumer.assign([TopicPartition(RESULTS, p, 0) for p in range(partitions)])
        found: list[dict[str, Any]] = []

        def more() -> bool:
            for message in consumer.consume(500, 0.2):
                if message.error() is None and message.key() == str(job).encode():
                    headers: dict[str, Any] = dict(message.headers() or [])
                    ce_id = headers["ce_id"].decode()
                    found.append({"ce_id": ce_id, **json.loads(message.value() or b"")})
            return enough(found)

        try:
            until(more, "facts on imports.results")
        finally:
            consumer.close()
        return found

    def committed(self) -> list[TopicPartition]:
        consumer = Consumer(self.settings.client_config("test") | {"group.id": "sluice-writer"})
        try:
            asked = [TopicPartition(CHUNKS, p) for p in range(self.settings.chunks_partitions)]
            return consumer.committed(asked, timeout=10)
        finally:
            consumer.close()

    def pass_over_the_rest(self) -> None:
        """Leave nothing in the topic that the writers of other tests would stop at."""
        consumer = Consumer(self.settings.client_config("test") | {"group.id": "sluice-writer"})
        try:
            places = [TopicPartition(CHUNKS, p) for p in range(self.settings.chunks_partitions)]
            for place in places:
                place.offset = consumer.get_watermark_offsets(place, timeout=10)[1]
            consumer.commit(offsets=places, asynchronous=False)
        finally:
            consumer.close()

    def ledger(self, job: UUID) -> int:
        try:
            with psycopg.connect(self.world.url) as conn:
                query = "SELECT count(*) FROM sluice.chunks WHERE job_id = %s"
                row = conn.execute(query, [job]).fetchone()
                return 0 if row is None else int(row[0])
        except psycopg.OperationalError:
            return -1


def kind_of(fact: dict[str, Any]) -> str:
    return str(fact["ce_id"].split(":")[1])


def of_kind(facts: Facts, kind: str) -> Facts:
    once = {fact["ce_id"]: fact for fact in facts if kind_of(fact) == kind}
    return list(once.values())

"""The writer as a process between a real broker, a real database and a real Redis."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
import redis
from confluent_kafka import Consumer, TopicPartition
from services.writer.tests.writer_world import World, chunk_of, chunks_of

from sluice.events import rows_chunked
from sluice.events.rows_chunked import RowsChunked
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topic_names import CHUNKS, RESULTS
from sluice.kafka.topics import create_topics, topic_specs
from sluice.redis_keys import recent_key
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from devstack.pytest_fixtures import Infra

DEADLINE_S = 60.0


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

    def send(self, chunks: Sequence[RowsChunked]) -> None:
        producer = RecordProducer(self.settings, "test")
        for chunk in chunks:
            key = rows_chunked.record_key(chunk.meta.job_id, chunk.meta.chunk_no)
            producer.send_raw(CHUNKS, key, rows_chunked.encode(chunk.meta, chunk.cells), [])
        assert producer.flush(20)

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

    def ledger(self, job: UUID) -> int:
        try:
            with psycopg.connect(self.world.url) as conn:
                query = "SELECT count(*) FROM sluice.chunks WHERE job_id = %s"
                row = conn.execute(query, [job]).fetchone()
                return 0 if row is None else int(row[0])
        except psycopg.OperationalError:
            return -1


@pytest.fixture
def road(world: World, kafka_bootstrap: str, redis_url: str) -> Iterator[Road]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    env |= {
        "SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "SLUICE_DATABASE_URL": world.url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_ENVIRONMENT": "test",
        "SLUICE_LOG_FORMAT": "console",
    }
    settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap})
    create_topics(settings, topic_specs(settings))
    made = Road(env, settings, world)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


def test_chunks_come_rows_and_facts_go_and_the_end_is_clean(road: Road, redis_url: str) -> None:
    job = road.world.new_job()
    rows = [(str(k), "n", "x" if k % 50 == 0 else "1") for k in range(1, 2_001)]
    writer = road.start()
    road.send([*chunks_of(job, rows, 100), *chunks_of(job, rows, 100)[:5]])
    facts = road.facts(job, lambda found: len({f["ce_id"] for f in found}) == 20)
    once = {fact["ce_id"]: fact for fact in facts}.values()
    assert sum(fact["inserted"] for fact in once) == 1_960
    assert sum(fact["failed"] for fact in once) == 40
    assert road.world.rows("SELECT count(*) FROM items") == [(1_960,)]
    recent = redis.Redis.from_url(redis_url).get(recent_key(job))
    assert isinstance(recent, bytes)
    assert len(json.loads(recent)["ids"]) == 1_000
    assert json.loads(recent)["firstErrors"][0].startswith("Row 51: amount: found 'x'")
    assert "sluice_writer_rows_total" in road.page(writer, "metrics")[1]
    writer.send_signal(signal.SIGTERM)
    assert writer.wait(15) == 0
    ends = [tp for tp in road.committed() if tp.offset >= 0]
    assert ends
    assert {tp.metadata for tp in ends} == {"clean"}


def test_an_undecodable_record_is_passed_over(road: Road) -> None:
    job = road.world.new_job()
    producer = RecordProducer(road.settings, "test")
    for partition_key in (b"a", b"b", b"c", b"d", b"e", b"f"):
        producer.send_raw(CHUNKS, partition_key, b"no Arrow", [])
    assert producer.flush(20)
    road.send(chunks_of(job, [("1", "a", "1"), ("2", "b", "1")], 1))
    writer = road.start()
    road.facts(job, lambda found: len(found) >= 2)
    assert 'chunks_total{outcome="undecodable"}' in road.page(writer, "metrics")[1]


def test_a_job_whose_table_is_missing_fails_and_others_go_on(road: Road) -> None:
    lost, fine = road.world.new_job(), road.world.new_job()
    definition = "jsonb_set(target_definition, '{table}', '\"nowhere\"')"
    road.world.conn.execute(
        f"UPDATE sluice.jobs SET target_definition = {definition} WHERE job_id = %s",
        [lost],
    )
    road.start()
    road.send([chunk_of(lost, n, [n + 2], [(str(n), "a", "1")]) for n in range(12)])
    road.send([chunk_of(fine, 0, [2], [("1", "a", "1")])])
    failures = road.facts(lost, bool)
    assert {fact["code"] for fact in failures} == {"TARGET_TABLE_MISSING"}
    assert len({fact["ce_id"] for fact in failures}) == 1
    assert road.facts(fine, bool)[0]["inserted"] == 1
    assert road.world.rows("SELECT job_id, code FROM sluice.job_failures") == [
        (lost, "TARGET_TABLE_MISSING")
    ]


@pytest.mark.slow
def test_killed_writers_lose_and_double_nothing(road: Road) -> None:
    job = road.world.new_job()
    rows = [(str(k), "n" * 50, "1") for k in range(60_000)]
    chunks = chunks_of(job, rows, 100)
    writers = [road.start(), road.start()]
    for part in range(4):
        road.send(chunks[part * 150 : (part + 1) * 150])
        wanted = part * 150 + 20
        until(lambda wanted=wanted: road.ledger(job) >= wanted, "some chunks are written")  # type: ignore[misc]  # bound now
        writers[part % 2].kill()
        writers[part % 2].wait()
        writers[part % 2] = road.start()
    facts = road.facts(job, lambda found: len({f["ce_id"] for f in found}) == 600)
    assert {fact["ce_id"] for fact in facts} == {f"{job}:chunk-written:{n}" for n in range(600)}
    assert road.world.sums(job) == (600, 60_000, 60_000, 0, 0, 0)
    assert road.world.rows("SELECT count(*), count(DISTINCT id) FROM items") == [(60_000, 60_000)]


@pytest.mark.slow
def test_an_outage_of_the_database_is_waited_out(road: Road, infra: Infra) -> None:
    stack = infra.with_parts("postgres")
    job = road.world.new_job()
    writer = road.start()
    road.send([chunk_of(job, 0, [2], [("1", "a", "1")])])
    road.facts(job, bool)
    stack.stop("postgres")
    try:
        road.send([chunk_of(job, n, [n + 2], [(str(n + 1), "a", "1")]) for n in range(1, 30)])
        until(lambda: road.page(writer, "readyz")[0] == 503, "it says that it waits")
        assert "postgres is unavailable" in road.page(writer, "readyz")[1]
        assert writer.poll() is None
    finally:
        stack.start("postgres")
    road.facts(job, lambda found: len({f["ce_id"] for f in found}) == 30)
    assert road.page(writer, "readyz")[0] == 200
    assert road.ledger(job) == 30

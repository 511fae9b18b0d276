"""The parser as a process between a real broker and a real database; no writer takes its chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition
from psycopg.types.json import Jsonb
from tests.live_process import LiveProcess, end_all, service_env, until

from parser.domain.window import AT_FIRST
from sample_data import generate_orders
from sluice.errors import Poison, UnknownVersion
from sluice.events.rows_chunked import decode
from sluice.kafka.producer import RecordProducer
from sluice.kafka.records import header_map
from sluice.kafka.topic_names import CHUNKS, JOBS, JOBS_DLQ, RESULTS
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings
from xlsx_reader import peek

if TYPE_CHECKING:
    from devstack.pytest_fixtures import Infra

ROWS, CHUNK_COUNT = 100_000, 100
WINDOW = AT_FIRST
"""No writer tells a pace."""
_JOB = """
INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout, file_name,
                         file_url, file_size_bytes, file_sha256)
VALUES (%s, %s, 'records', '{}', 'insert', %s, 'a.xlsx', %s, 1, '\\x00')
"""
_LEDGER = """
INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line, last_line,
                           covered_bytes, sha256)
SELECT %s, no, 'written', 1, 1000, 1, 1, 1, '' FROM unnest(%s::int[]) AS no
    ON CONFLICT DO NOTHING
"""


@pytest.fixture(scope="session")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parser") / "orders.xlsx"
    generate_orders(path, ROWS)
    return path


@dataclass
class Road:
    """What a parser reads from and writes to, and the parsers of a test."""

    env: dict[str, str]
    settings: KafkaSettings
    conn: psycopg.Connection[Any]
    workbook: Path
    processes: list[LiveProcess] = field(default_factory=list)
    seen: dict[UUID, list[tuple[int, int, str]]] = field(default_factory=dict)

    def start(self, **env: str) -> LiveProcess:
        process = LiveProcess(self.env | env, "parser")
        self.processes.append(process)
        process.wait_ready()
        return process

    def job(self) -> UUID:
        owner = self.conn.execute(
            "INSERT INTO sluice.users (username) VALUES (%s) RETURNING user_id", [str(uuid4())]
        ).fetchone()
        assert owner is not None
        job_id = uuid4()
        layout = {
            "sheet": peek(self.workbook).sheet.name,
            "headerLine": 1,
            "estimatedRows": ROWS,
            "columns": [],
        }
        self.conn.execute(_JOB, [job_id, owner[0], Jsonb(layout), self.workbook.as_uri()])
        return job_id

    def control(self, job_id: UUID, assignments: str) -> None:
        self.conn.execute(
            f"UPDATE sluice.jobs SET control_seq = control_seq + 1, {assignments}"
            " WHERE job_id = %s",
            [job_id],
        )

    def parse(self, job_id: UUID, column: str) -> Any:
        row = self.conn.execute(
            f"SELECT {column} FROM sluice.parses WHERE job_id = %s", [job_id]
        ).fetchone()
        return None if row is None else row[0]

    def write(self, job_id: UUID, chunk_nos: list[int]) -> None:
        self.conn.execute(_LEDGER, [job_id, chunk_nos])

    def write_what_comes(self, consumer: Consumer, job_id: UUID, behind: int = 0) -> None:
        """Stand in for a writer of what comes behind so many records, until every chunk came."""

        def all_came() -> bool:
            came = self.chunks(consumer, job_id)
            self.write(job_id, sorted(numbers(came[behind:])))
            return len(numbers(came)) == CHUNK_COUNT

        until(all_came, "every chunk comes")

    def chunks(self, consumer: Consumer, job_id: UUID) -> list[tuple[int, int, str]]:
        """Return (chunk no, run, content hash) of all that was produced for a job so far."""
        for message in consumer.consume(500, 0.2):
            if message.error() is None and (value := message.value()) is not None:
                try:
                    meta = decode(value).meta
                except (Poison, UnknownVersion):
                    continue  # tests of the writer leave such records in the topic on purpose
                self.seen.setdefault(meta.job_id, []).append((meta.chunk_no, meta.run, meta.sha256))
        return self.seen.get(job_id, [])


@pytest.fixture
def road(database_url: str, kafka_bootstrap: str, workbook: Path, tmp_path: Path) -> Iterator[Road]:
    env = service_env(
        kafka_bootstrap=kafka_bootstrap,
        database_url=database_url,
        storage_url=workbook.parent.as_uri(),
        spill_dir=str(tmp_path),
        parser_lease_s="3",
        chunk_rows="1000",
    )
    settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap})
    create_topics(settings, topic_specs(settings))
    with psycopg.connect(database_url, autocommit=True) as conn:
        made = Road(env, settings, conn, workbook)
        yield made
        end_all(each.process for each in made.processes)


@pytest.fixture
def consumer(road: Road) -> Iterator[Consumer]:
    found = Consumer(road.settings.client_config("test") | {"group.id": f"test-{uuid4()}"})
    found.assign([TopicPartition(CHUNKS, p, 0) for p in range(road.settings.chunks_partitions)])
    yield found
    found.close()


def numbers(chunks: list[tuple[int, int, str]], run: int = 1) -> set[int]:
    return {chunk_no for chunk_no, of_run, _ in chunks if of_run == run}


def test_a_lost_wake_up_costs_seconds_and_the_window_bounds_what_is_under_way(
    road: Road, consumer: Consumer
) -> None:
    road.start()
    job = road.job()  # nobody says so on imports.jobs
    until(lambda: len(numbers(road.chunks(consumer, job))) == WINDOW, "the window is full")
    road.write_what_comes(consumer, job)
    until(lambda: road.parse(job, "total_chunks") == CHUNK_COUNT, "the manifest is known")
    assert road.parse(job, "total_rows") == ROWS


def test_a_paused_job_emits_nothing_and_goes_on_from_the_ledger_when_resumed(
    road: Road, consumer: Consumer
) -> None:
    road.start()
    job = road.job()
    until(lambda: len(numbers(road.chunks(consumer, job))) == WINDOW, "the window is full")
    road.control(job, "desired = 'pause'")
    until(lambda: road.parse(job, "worker IS NULL"), "the parse is given up")
    road.write(job, list(range(28)))
    before = len(road.chunks(consumer, job))
    road.control(job, "desired = 'run'")
    road.write_what_comes(consumer, job, before)
    emitted_again = [no for no, _, _ in road.chunks(consumer, job)[before:]]
    # 28 to 31 were skipped by the writers while the job was paused: they come once more
    assert sorted(emitted_again) == list(range(28, CHUNK_COUNT))
    assert road.parse(job, "attempts") == 0


def test_a_killed_parser_is_followed_by_one_told_otherwise_that_cuts_the_same_chunks(
    road: Road, consumer: Consumer
) -> None:
    first = road.start()
    job = road.job()
    until(lambda: len(numbers(road.chunks(consumer, job))) == WINDOW, "the window is full")
    first.kill()
    road.write(job, list(range(30)))
    road.start(SLUICE_CHUNK_ROWS="700")
    until(lambda: numbers(road.chunks(consumer, job)) >= set(range(30 + WINDOW)), "another goes on")
    hashes: dict[int, set[str]] = {}
    for chunk_no, _, sha256 in road.chunks(consumer, job):
        hashes.setdefault(chunk_no, set()).add(sha256)
    assert [no for no, found in hashes.items() if len(found) != 1] == []
    assert road.parse(job, "epoch") == 2
    assert road.parse(job, "attempts") == 0  # the ledger has grown since


def test_a_parser_told_to_end_gives_its_jobs_back_at_once(road: Road, consumer: Consumer) -> None:
    first = road.start()
    job = road.job()
    until(lambda: len(numbers(road.chunks(consumer, job))) == WINDOW, "the window is full")
    assert first.terminate(within_s=15) == 0
    assert road.parse(job, "worker IS NULL")
    road.start()
    until(lambda: road.parse(job, "epoch") == 2, "another goes on without waiting for a lease")
    assert road.parse(job, "attempts") == 0


def test_a_retried_job_is_read_again_and_emits_what_the_ledger_lacks(
    road: Road, consumer: Consumer
) -> None:
    road.start()
    job = road.job()
    until(lambda: len(numbers(road.chunks(consumer, job))) == WINDOW, "the window is full")
    road.write(job, [no for no in range(CHUNK_COUNT) if no not in {7, 80}])
    until(lambda: len(road.chunks(consumer, job)) >= WINDOW, "the rest is cut, not sent")
    road.write(job, [7, 80])
    until(lambda: road.parse(job, "total_chunks") == CHUNK_COUNT, "the manifest is known")
    road.conn.execute("DELETE FROM sluice.chunks WHERE job_id = %s AND chunk_no IN (7, 80)", [job])
    road.control(job, "run = 2, status = 'pending'")
    until(lambda: numbers(road.chunks(consumer, job), run=2) == {7, 80}, "both come in run 2")


def test_a_record_that_nobody_can_read_is_a_dead_letter_and_the_next_one_wakes(road: Road) -> None:
    road.start()
    producer, named = RecordProducer(road.settings, "test"), uuid4()
    unknown = [("ce_type", b"io.sluice.imports.nothing.v1")]
    producer.send_raw(JOBS, str(named).encode(), b"{", unknown)
    producer.send_raw(JOBS, b"\xff", b"\x00\x01", [])
    assert producer.flush(20)

    def letters() -> list[tuple[Any, ...]]:
        return road.conn.execute(
            "SELECT topic, original_topic, job_id, error_class, attempts, state, size_bytes,"
            " partition, kafka_offset FROM sluice.dead_letters ORDER BY size_bytes"
        ).fetchall()

    until(lambda: len(letters()) == 2, "both are on the operators' list")
    assert [row[:7] for row in letters()] == [
        (JOBS_DLQ, JOBS, named, "EVENT_UNKNOWN", 1, "open", 1),
        (JOBS_DLQ, JOBS, None, "EVENT_UNKNOWN", 1, "open", 2),
    ]
    found = Consumer(road.settings.client_config("test") | {"group.id": f"test-{uuid4()}"})
    partition, offset = letters()[1][7:]
    found.assign([TopicPartition(JOBS_DLQ, partition, offset)])
    message = until(lambda: found.poll(0.5), "the letter")
    found.close()
    assert (message.key(), message.value()) == (b"\xff", b"\x00\x01")
    assert dict(message.headers())["kafka_dlt-original-topic"] == JOBS.encode()
    job = road.job()
    until(lambda: road.parse(job, "epoch") == 1, "the parser goes on")


@pytest.mark.slow
def test_an_outage_of_the_database_is_waited_out_and_the_job_says_for_what(
    road: Road, consumer: Consumer, infra: Infra
) -> None:
    stack = infra.with_parts("postgres")
    parser = road.start()
    job = road.job()
    until(lambda: len(numbers(road.chunks(consumer, job))) == WINDOW, "the window is full")
    said = Consumer(road.settings.client_config("test") | {"group.id": f"test-{uuid4()}"})
    said.assign([TopicPartition(RESULTS, p, 0) for p in range(road.settings.results_partitions)])
    kinds: set[str] = set()

    def heard(name: str) -> bool:
        for message in said.consume(500, 0.2):
            if message.error() is None and message.key() == str(job).encode():
                kinds.add(header_map(message)["ce_type"].decode().split(".")[3])
        return name in kinds

    stack.stop("postgres")
    try:
        until(lambda: heard("import-waiting"), "the job says that it waits")
        assert "postgres" in parser.page("readyz")[1]
        assert parser.page("livez")[0] == 200
    finally:
        stack.start("postgres")
    until(lambda: heard("import-resumed"), "the job goes on")
    said.close()
    road.conn = psycopg.connect(road.env["SLUICE_DATABASE_URL"], autocommit=True)
    road.write(job, list(range(CHUNK_COUNT)))
    until(lambda: road.parse(job, "total_chunks") == CHUNK_COUNT, "the sheet is read to its end")
    assert road.parse(job, "attempts") == 0
    road.conn.close()

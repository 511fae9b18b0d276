"""Real servers, each test with topics, a database and jobs of its own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from psycopg import sql
from psycopg.rows import dict_row
from tests.live_process import end_all

from progress_gateway.adapters.snapshot_writer import SnapshotWriter
from progress_gateway.entrypoints.fold_desk import FoldDesk
from sluice.db.migrate import migrate
from sluice.events import Fact, to_record
from sluice.kafka.producer import RecordProducer
from sluice.kafka.topics import create_topics, partition_counts, topic_specs
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from devstack.databases import PostgresServer

SECRET = "a secret of at least thirty-two characters"


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    template = postgres_server.template("migrated", _migrate)
    with postgres_server.database(template) as url:
        yield url


def _migrate(url: str) -> None:
    migrate(url)


@pytest.fixture
def kafka(kafka_bootstrap: str) -> KafkaSettings:
    settings = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap})
    create_topics(settings, topic_specs(settings))
    return settings


@pytest.fixture
def job_id() -> UUID:
    return uuid4()


@pytest.fixture
def state_facts(kafka: KafkaSettings) -> Callable[..., None]:
    """Produces facts as the parser and the writer do, and waits for the broker."""
    producer = RecordProducer(kafka, "test")

    def state(*facts: Fact) -> None:
        for fact in facts:
            producer.send(to_record(fact, source="test", now=datetime.now(UTC)))  # noqa: TID251
        assert producer.flush(20)

    return state


class Ledger:
    """The rows that upload-api, the parser and the writer leave of one job."""

    def __init__(self, conn: psycopg.Connection[Any], job_id: UUID, owner: UUID) -> None:
        self.conn, self.job_id, self.owner = conn, job_id, owner

    def add_user(self, user_id: UUID, role: str = "user") -> None:
        self.conn.execute(
            "INSERT INTO sluice.users (user_id, username, role) VALUES (%s, %s, %s)",
            [user_id, f"user-{user_id}", role],
        )

    def add_job(self, job_id: UUID | None = None, estimated_rows: int = 2900) -> None:
        layout = {"sheet": "s", "headerLine": 1, "estimatedRows": estimated_rows, "columns": []}
        self.conn.execute(
            """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
                 file_name, file_url, file_size_bytes, file_sha256)
               VALUES (%s, %s, 'records', '{}', 'insert', %s, 'a.xlsx', 'file:///a', 1, '')""",
            [job_id or self.job_id, self.owner, json.dumps(layout)],
        )

    def add_correction(self) -> Ledger:
        """Return the ledger of a new correction of the job."""
        correction = Ledger(self.conn, uuid4(), self.owner)
        correction.add_job(estimated_rows=10)
        correction.set_job(correction_of=self.job_id)
        return correction

    def add_undo(self, **columns: Any) -> None:
        """Begin an undo, or say how far it is."""
        self.conn.execute(
            "INSERT INTO sluice.undos (job_id, requested_by) VALUES (%s, %s) "
            "ON CONFLICT DO NOTHING",
            [self.job_id, self.owner],
        )
        for name, value in columns.items():
            statement = sql.SQL("UPDATE sluice.undos SET {} = %s WHERE job_id = %s")
            self.conn.execute(statement.format(sql.Identifier(name)), [value, self.job_id])

    def stated(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what waits in the outbox of the job: topic and body, in order."""
        query = (
            "SELECT topic, convert_from(value, 'utf8')::jsonb FROM sluice.outbox "
            "WHERE job_id = %s ORDER BY outbox_id"
        )
        return self.conn.execute(query, [self.job_id]).fetchall()

    def add_parse(self, total_rows: int | None = None, total_chunks: int | None = None) -> None:
        self.conn.execute(
            """INSERT INTO sluice.parses (job_id, run, control_seq, chunker_version, bytes_total,
                 total_rows, total_chunks)
               VALUES (%(job)s, 1, 0, 1, 1000, %(rows)s, %(chunks)s)
               ON CONFLICT (job_id) DO UPDATE
                  SET total_rows = %(rows)s, total_chunks = %(chunks)s""",
            {"job": self.job_id, "rows": total_rows, "chunks": total_chunks},
        )

    def add_chunk(self, chunk_no: int, *, failed: int = 0, rows: int = 1000) -> None:
        first = 2 + 1000 * chunk_no
        self.conn.execute(
            """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, inserted, failed,
                 first_line, last_line, covered_bytes, sha256)
               VALUES (%s, %s, 'written', 1, %s, %s, %s, %s, %s, 300, '')""",
            [self.job_id, chunk_no, rows, rows - failed, failed, first, first + rows - 1],
        )

    def add_dead_chunk(self, chunk_no: int, *, replay: int = 0) -> None:
        first, names = 2 + 1000 * chunk_no, {"job": self.job_id, "no": chunk_no}
        self.conn.execute(
            """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, failed, first_line,
                 last_line, covered_bytes, sha256, code)
               VALUES (%(job)s, %(no)s, 'dead', 1, 1000, 0, %(first)s, %(last)s, 300, '',
                       'DEADLOCK')""",
            names | {"first": first, "last": first + 999},
        )
        self.conn.execute(
            """INSERT INTO sluice.dead_letters (topic, partition, kafka_offset, original_topic,
                 original_partition, original_offset, job_id, chunk_no, run, error_class,
                 error_message, attempts, replay_count, size_bytes, first_failed_at, last_failed_at)
               VALUES ('imports.chunks.dlq', 0, %(no)s, 'imports.chunks', 0, 5, %(job)s, %(no)s, 1,
                       'DEADLOCK', 'm', 4, %(replay)s, 9, now(), now())""",
            names | {"replay": replay},
        )

    def letters(self) -> dict[int, str]:
        """Return the state of each dead letter by chunk."""
        query = "SELECT chunk_no, state FROM sluice.dead_letters WHERE job_id = %s"
        return dict(self.conn.execute(query, [self.job_id]).fetchall())

    def control(self, desired: str) -> None:
        """Ask something of the job, as upload-api does; its fact is lost."""
        self.conn.execute(
            "UPDATE sluice.jobs SET desired = %s, control_seq = control_seq + 1 WHERE job_id = %s",
            [desired, self.job_id],
        )

    def retry(self) -> None:
        """Begin a new run, as upload-api does; its facts are lost."""
        with self.conn.transaction():
            self.conn.execute(
                """UPDATE sluice.jobs
                      SET run = run + 1, control_seq = control_seq + 1, version = version + 2,
                          desired = 'run', status = 'pending', failure_code = NULL,
                          failure_message = NULL, finished_at = NULL
                    WHERE job_id = %s AND status IN ('failed', 'cancelled')""",
                [self.job_id],
            )
            self.conn.execute(
                "DELETE FROM sluice.chunks WHERE job_id = %s AND outcome = 'dead'", [self.job_id]
            )
            self.conn.execute(
                "UPDATE sluice.dead_letters SET state = 'replaying' WHERE job_id = %s",
                [self.job_id],
            )

    def fail(self, code: str) -> None:
        self.conn.execute(
            "INSERT INTO sluice.job_failures (job_id, run, code, message) VALUES (%s, 1, %s, 'no')",
            [self.job_id, code],
        )

    def set_job(self, **columns: Any) -> None:
        for name, value in columns.items():
            statement = sql.SQL("UPDATE sluice.jobs SET {} = %s WHERE job_id = %s")
            self.conn.execute(statement.format(sql.Identifier(name)), [value, self.job_id])

    def job(self) -> dict[str, Any]:
        with self.conn.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SELECT * FROM sluice.jobs WHERE job_id = %s", [self.job_id])
            return cursor.fetchone() or {}


def names(records: list[Any]) -> list[str]:
    """Return the kinds of facts, in order."""
    return [headers["ce_type"].split(".")[-2] for headers, _ in records]


@pytest.fixture
def kinds(results: Callable[[str], list[Any]]) -> Callable[[], list[str]]:
    """Returns a function: the kinds of this job's facts on `imports.results` so far."""
    return lambda: names(results("imports.results"))


@pytest.fixture
def ledger(database_url: str, job_id: UUID) -> Iterator[Ledger]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        ledger = Ledger(conn, job_id, uuid4())
        ledger.add_user(ledger.owner)
        ledger.add_job()
        yield ledger


@pytest.fixture
def results(kafka: KafkaSettings, job_id: UUID) -> Iterator[Callable[[str], list[Any]]]:
    """Returns a function: all records of this job on a topic so far, as (headers, body)."""
    consumers: dict[str, Consumer] = {}
    seen: dict[str, list[Any]] = {}

    def read(topic: str) -> list[Any]:
        if topic not in consumers:
            config = kafka.client_config("test") | {"group.id": f"test-{uuid4()}"}
            consumers[topic] = Consumer(config | {"enable.auto.commit": False})
            count = partition_counts(kafka, [topic])[topic]
            consumers[topic].assign(
                [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(count)]
            )
        for message in consumers[topic].consume(500, 0.5):
            if message.key() == str(job_id).encode():
                pairs: Any = message.headers() or ()
                headers = {name: value.decode() for name, value in dict(pairs).items()}
                seen.setdefault(topic, []).append((headers, json.loads(message.value() or b"")))
        return seen.get(topic, [])

    yield read
    for consumer in consumers.values():
        consumer.close()


@pytest.fixture
def publish(redis_url: str) -> Callable[..., None]:
    """Folds facts and publishes their snapshot, as the fold's process does."""
    desk = FoldDesk({})

    async def send(job_id: str) -> None:
        writer = SnapshotWriter(redis_url)
        await writer.publish(desk.publications([job_id], 0.0))
        await writer.close()

    def take(*facts: Fact) -> None:
        for fact in facts:
            record = to_record(fact, source="test", now=datetime.now(UTC))  # noqa: TID251
            desk.take(dict(record.headers), record.value, 0, 0.0)
        asyncio.run(send(str(facts[0].job_id)))

    return take


class Running:
    """A process of ours, with its readiness page."""

    def __init__(self, argv: list[str], env: Mapping[str, str], port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(argv, env=os.environ | env)

    def ready(self) -> bool:
        assert self.process.poll() is None, "the process ended"
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):  # noqa: S310 - ours
                return True
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Returns the first true answer of a function, and fails after a while without one."""

    def poll(look: Callable[[], Any], *, within_s: float = 30.0) -> Any:
        deadline = time.monotonic() + within_s
        while not (answer := look()):
            if time.monotonic() > deadline:
                pytest.fail(f"nothing came in {within_s} s; the last answer was {answer!r}")
            time.sleep(0.02)
        return answer

    return poll


@pytest.fixture
def start_process(
    request: pytest.FixtureRequest, eventually: Callable[..., Any]
) -> Iterator[Callable[..., Running]]:
    """Starts `python -m progress_gateway NAME` and ends it before the database it works on."""
    if "database_url" in request.fixturenames:
        request.getfixturevalue("database_url")
    running: list[Running] = []

    def start(name: str, env: Mapping[str, str], port_variable: str) -> Running:
        port = _free_port()
        argv = [sys.executable, "-m", "progress_gateway", name]
        process = Running(argv, {**env, port_variable: str(port)}, port)
        running.append(process)
        eventually(process.ready)
        return process

    yield start
    end_all(each.process for each in running)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

"""The services that another team copies: what they make of the events happens exactly once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from tests.live_process import until

from sluice.clock import SystemClock
from sluice.events import ChunkWritten, Fact, to_record
from sluice.events.job_finished import JobFinishedNotice
from sluice.job_status import JobStatus
from sluice.kafka.topic_names import JOB_EVENTS, RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

EXAMPLES = Path(__file__).parents[2] / "examples"
ROWS = 8_000


@dataclass(frozen=True, slots=True)
class Example:
    """How one of the examples is run."""

    folder: Path
    runner: str
    suffix: str

    def command(self, script: str) -> list[str]:
        return [self.runner, f"{script}{self.suffix}"]


@pytest.fixture(scope="module", params=["python", "node"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    folder = EXAMPLES / f"consumer-{request.param}"
    if request.param == "python":
        return Example(folder, sys.executable, ".py")
    node, npm = shutil.which("node"), shutil.which("npm")
    copy = tmp_path_factory.mktemp("node") / "consumer"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("node_modules"))
    command = [npm or "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund"]
    got = npm and subprocess.run(command, cwd=copy, capture_output=True, timeout=200, check=False)
    if not node or not got or got.returncode:
        why = f"needs node and npm: {got.stderr.decode()[-300:] if got else 'not found'}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    return Example(copy, node, ".mjs")


class Service:
    """One example as its team would run it, in a database schema of its own."""

    def __init__(self, example: Example, stack: Stack, token: str) -> None:
        self.example = example
        self.stack = stack
        self.env = {
            "PATH": os.environ["PATH"],
            "KAFKA_BOOTSTRAP": stack.kafka_bootstrap,
            "DATABASE_URL": stack.database_url,
            "SLUICE_URL": str(stack.gateway),
            "SLUICE_TOKEN": token,
        }
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, group: str) -> None:
        command = self.example.command("consumer")
        env = self.env | {"CONSUMER_GROUP": group}
        self.running = subprocess.Popen(
            command, cwd=self.example.folder, env=env, stdout=subprocess.DEVNULL
        )

    def kill(self, number: int = signal.SIGKILL) -> int:
        assert self.running is not None
        assert self.running.poll() is None, "it ended by itself"
        self.running.send_signal(number)
        code = self.running.wait(60)
        self.running = None
        return code

    def catch_up(self) -> str:
        command = self.example.command("catch_up")
        done = subprocess.run(
            command, cwd=self.example.folder, env=self.env, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.stack.database_url) as conn:
            return conn.execute(query, values).fetchall()

    def effects(self) -> dict[str, list[tuple[Any, ...]]]:
        tables = ("handled_events", "arrivals", "imports", "messages")
        order = {"messages": "ce_id", "handled_events": "ce_id"}
        columns = {"messages": "ce_id, text", "handled_events": "ce_id"}
        return {
            name: self.rows(
                f"SELECT {columns.get(name, '*')} FROM sales.{name} "
                f"ORDER BY {order.get(name, 'job_id')}"
            )
            for name in tables
        }


@pytest.fixture
def service(example: Example, stack: Stack, client: RoadClient) -> Iterator[Service]:
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        conn.execute("DROP SCHEMA IF EXISTS sales CASCADE")
    made = Service(example, stack, client.token)
    yield made
    if made.running is not None:
        made.running.kill()
        made.running.wait()
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        conn.execute("DROP SCHEMA IF EXISTS sales CASCADE")


def state_on_kafka(stack: Stack, facts: Sequence[Fact], *, repair: bool = False) -> None:
    """Produce facts as the services do."""
    producer = Producer({"bootstrap.servers": stack.kafka_bootstrap})
    extra = [("sluice-repair", "1")] if repair else []
    for fact in facts:
        record = to_record(fact, source="test", now=SystemClock().now(), extra_headers=extra)
        producer.produce(record.topic, record.value, record.key, headers=list(record.headers))
    assert producer.flush(30) == 0


def wait_until_read(stack: Stack, group: str) -> None:
    """Wait until a group has committed all that the two topics hold."""
    config = {"bootstrap.servers": stack.kafka_bootstrap, "group.id": group}
    consumer = Consumer(config)
    try:
        topics = consumer.list_topics(timeout=30).topics
        places = [
            TopicPartition(name, number)
            for name in (RESULTS, JOB_EVENTS)
            for number in topics[name].partitions
        ]

        def all_read() -> bool:
            committed = {(p.topic, p.partition): p.offset for p in consumer.committed(places, 30)}
            ends = {
                (p.topic, p.partition): consumer.get_watermark_offsets(p, 30)[1] for p in places
            }
            return all(committed[place] >= end for place, end in ends.items() if end)

        until(all_read, f"{group} has read everything")
    finally:
        consumer.close()


def test_what_it_makes_of_an_import_is_exact_after_kills_and_repeats(
    service: Service, stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    group = f"sales-{uuid4()}"
    service.start(group)
    until(
        lambda: service.rows("SELECT to_regclass('sales.messages')")[0][0], "its tables are there"
    )
    job_id = client.upload(orders(ROWS, bad_share=0.01).path, "orders")
    with psycopg.connect(stack.database_url) as in_the_way:
        in_the_way.execute("LOCK sales.arrivals IN EXCLUSIVE MODE")
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'sales.arrivals'::regclass"
        until(lambda: service.rows(waits), "it stands within its transaction")
        service.kill()
    client.follow(job_id)
    service.start(group)
    wait_until_read(stack, group)
    service.kill()

    job = client.job(job_id)
    assert job["failedRows"] > 0
    mine = "SELECT chunks, rows, rejected FROM sales.arrivals WHERE job_id = %s"
    counts = (job["finishedChunks"], job["successRows"], job["failedRows"])
    assert service.rows(mine, job_id) == [counts]
    ended = "SELECT status, rows FROM sales.imports WHERE job_id = %s"
    assert service.rows(ended, job_id) == [(job["status"], job["successRows"])]
    finish = f"{job_id}:job-finished:1"
    told = "SELECT count(*) FROM sales.messages WHERE ce_id = %s"
    assert service.rows(told, finish) == [(1,)]

    before = service.effects()
    state_on_kafka(stack, [_first_chunk(service, job_id)] * 2, repair=True)
    again = f"sales-{uuid4()}"
    service.start(again)
    wait_until_read(stack, again)
    assert service.effects() == before, "everything again, and two repairs: no effect"
    assert service.kill(signal.SIGTERM) == 0


def test_the_newest_end_of_an_import_counts_in_whatever_order_and_company_it_comes(
    service: Service, stack: Stack, client: RoadClient
) -> None:
    retried, undone = uuid4(), uuid4()
    ends = [
        _end(retried, run=2, status=JobStatus.COMPLETED_WITH_ERRORS, inserted=9, failed=1),
        _end(retried, run=1, status=JobStatus.FAILED, inserted=3, unprocessed=7),
        _end(undone, status=JobStatus.UNDONE, inserted=10, undone=10),
        _end(undone, status=JobStatus.COMPLETED, inserted=10, healed=2),
    ]
    _state_what_nobody_knows(stack)
    state_on_kafka(stack, ends)
    group = f"sales-{uuid4()}"
    service.start(group)
    wait_until_read(stack, group)
    found = "SELECT status, rows FROM sales.imports WHERE job_id = %s"
    assert service.rows(found, retried) == [("completed_with_errors", 9)]
    assert service.rows(found, undone) == [("undone", 0)]
    told = "SELECT count(*) FROM sales.messages WHERE ce_id LIKE %s"
    assert service.rows(told, f"{retried}:%") == [(2,)]


def test_a_late_joiner_catches_up_over_http_and_takes_nothing_twice(
    service: Service, stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    job_id = client.upload(orders(ROWS, bad_share=0.01).path, "orders")
    client.follow(job_id)
    assert ", 0 that were new" not in service.catch_up()
    assert service.catch_up().endswith(", 0 that were new\n")
    found = "SELECT status, rows FROM sales.imports WHERE job_id = %s"
    job = client.job(job_id)
    assert service.rows(found, job_id) == [(job["status"], job["successRows"])]
    group = f"sales-{uuid4()}"
    service.start(group)
    wait_until_read(stack, group)
    told = "SELECT count(*) FROM sales.messages WHERE ce_id = %s"
    assert service.rows(told, f"{job_id}:job-finished:1") == [(1,)]


def _first_chunk(service: Service, job_id: str) -> ChunkWritten:
    """Return what the ledger says of a job's first chunk, as a repair states it."""
    names = ("inserted", "updated", "skipped", "failed", "first_line", "last_line")
    query = f"SELECT {', '.join(names)} FROM sluice.chunks WHERE job_id = %s AND chunk_no = 0"
    [values] = service.rows(query, job_id)
    members = dict(zip(names, values, strict=True))
    rows = sum(members[name] for name in names[:4])
    return ChunkWritten(
        job_id=UUID(job_id), run=1, chunk_no=0, rows=rows, covered_bytes=1, **members
    )


def _state_what_nobody_knows(stack: Stack) -> None:
    """Produce what a later release might, where our own services read nothing."""
    producer = Producer({"bootstrap.servers": stack.kafka_bootstrap})
    for ce_type in ("job-finished.v2", "something-new.v1"):
        headers: dict[str, str | bytes | None] = {
            "ce_id": str(uuid4()),
            "ce_type": f"io.sluice.imports.{ce_type}",
        }
        producer.produce(JOB_EVENTS, b"\x00\x01no JSON", "key", headers=headers)
        producer.produce(JOB_EVENTS, None, "key", headers=headers)
    producer.produce(JOB_EVENTS, b"no event", "key")
    assert producer.flush(30) == 0


def _end(job_id: UUID, status: JobStatus, run: int = 1, **counts: int) -> JobFinishedNotice:
    names = ("inserted", "updated", "skipped", "failed", "unprocessed")
    members: dict[str, Any] = dict.fromkeys(names, 0) | counts
    return JobFinishedNotice(
        job_id=job_id,
        run=run,
        status=status,
        total_rows=10,
        total_is_estimate=False,
        written_chunks=1,
        dead_chunks=0,
        **members,
    )

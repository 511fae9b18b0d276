"""Readers that die, in the parser's own loop on a real database: only their own jobs fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool
from tests import hostile_readers

from parser.adapters.fetching_reader import FetchingReader
from parser.adapters.postgres_parses import PostgresParses
from parser.adapters.read_order import ReadOrder
from parser.adapters.sheet_reader import ChunkRead, Ended, SheetReader
from parser.domain.claims import MAX_FRUITLESS_ATTEMPTS, Claim
from parser.domain.parser_policy import ParserPolicy
from parser.entrypoints.parse_jobs import ParserLoop, Reader
from sample_data import generate_orders
from sluice.clock import SystemClock
from sluice.confinement.child import prepare_forkserver
from sluice.confinement.reader_limits import ReaderLimits
from sluice.db.pool import open_pool
from sluice.errors import Outage
from sluice.events import Record
from sluice.kafka.waiting_notices import WaitingNotices
from sluice.liveness import Heartbeat
from sluice.settings import DatabaseSettings
from sluice.storage import FileMissing, ReadableFile
from sluice.storage.spool import Spool
from xlsx_reader import peek

WITHIN_S = 120
HELD_OFF_S = 0.2
_JOB = """
INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout, file_name,
                         file_url, file_size_bytes, file_sha256)
VALUES (%s, %s, 'records', '{}', 'insert', %s, 'a.xlsx', %s, 1, '\\x00')
"""


class Silence:
    """No wake-ups: the loop looks for work by itself."""

    def __init__(self) -> None:
        self._never = threading.Event()

    def wait(self, timeout_s: float) -> bool:
        self._never.wait(min(timeout_s, 0.05))
        return False

    def settle(self) -> None:
        pass


class Published:
    """Takes what the loop publishes, as brokers that confirm at once."""

    unconfirmed = 0

    def __init__(self) -> None:
        self.rows: dict[UUID, int] = {}
        self.failures: dict[UUID, tuple[str, str]] = {}
        self.waiting: set[UUID] = set()

    def poll(self) -> None:
        pass

    def flush(self, _timeout_s: float) -> bool:
        return True

    def publish_rows_chunked(self, claim: Claim, chunk: ChunkRead, traceparent: str) -> None:
        pass

    def publish_parsing_started(self, claim: Claim, size: int, traceparent: str) -> None:
        pass

    def say(self, record: Record) -> None:
        told = dict(record.headers)
        job_id, waits = UUID(told["ce_subject"].decode()), b"waiting" in told["ce_type"]
        (self.waiting.add if waits else self.waiting.discard)(job_id)

    def publish_sheet_parsed(self, claim: Claim, ended: Ended, _traceparent: str) -> None:
        self.rows[claim.job_id] = ended.total_rows

    def publish_parsing_failed(self, claim: Claim, code: str, message: str) -> None:
        self.failures[claim.job_id] = (code, message)


class Story:
    """A loop whose readers are chosen by job."""

    def __init__(self, conn: psycopg.Connection[Any], pool: Any, folder: Path) -> None:
        self.published = Published()
        self.deaths: dict[UUID, int] = {}
        self._conn = conn
        self._path = folder / "orders.xlsx"
        generate_orders(self._path, 3_000)
        self._sheet = peek(self._path).sheet.name
        self._hostile: dict[UUID, tuple[Any, ReaderLimits]] = {}
        self._transfers: dict[UUID, list[Exception]] = {}
        self._out_of_reach: set[UUID] = set()
        clock = SystemClock()
        self.loop = ParserLoop(
            wakeups=Silence(),  # type: ignore[arg-type]  # its methods
            parses=PostgresParses(pool, "one", lease_s=60, lost_after_s=300, chunk_rows=1000),
            publisher=self.published,  # type: ignore[arg-type]  # its methods
            open_reader=self._open_reader,
            notices=WaitingNotices("parser", "one", self.published.say, clock),
            clock=clock,
            heart=Heartbeat(clock),
            policy=ParserPolicy(slots=4, held_off_s=HELD_OFF_S),
        )

    def job(self, read: Any = None, **limits: Any) -> UUID:
        job_id = uuid4()
        if read is not None:
            self._hostile[job_id] = (read, ReaderLimits(**limits))
        owner = self._conn.execute(
            "INSERT INTO sluice.users (username) VALUES (%s) RETURNING user_id", [str(job_id)]
        ).fetchone()
        assert owner is not None
        layout = {"sheet": self._sheet, "headerLine": 1, "estimatedRows": 3000, "columns": []}
        self._conn.execute(_JOB, [job_id, owner[0], Jsonb(layout), self._path.as_uri()])
        return job_id

    def turn_until(self, count: int) -> None:
        """Turn the loop until so many jobs are over."""
        clock = SystemClock()
        until_s = clock.monotonic_s() + WITHIN_S
        while len(self.published.rows) + len(self.published.failures) < count:
            assert clock.monotonic_s() < until_s, "stuck"
            self.loop.turn()

    def failure_of(self, job_id: UUID) -> Any:
        row = self._conn.execute(
            "SELECT failure_code FROM sluice.parses WHERE job_id = %s", [job_id]
        ).fetchone()
        return None if row is None else row[0]

    def afar(self, *transfers: Exception) -> UUID:
        """A job whose file has to come; what goes wrong with it, one transfer after the other."""
        job_id = self.job()
        self._transfers[job_id] = list(transfers)
        return job_id

    def out_of_reach(self) -> UUID:
        """A job whose file is away, until it comes back."""
        job_id = self.job()
        self._out_of_reach.add(job_id)
        return job_id

    def comes_back(self, job_id: UUID) -> None:
        self._out_of_reach.remove(job_id)

    def fruitless(self, job_id: UUID) -> int:
        row = self._conn.execute(
            "SELECT attempts FROM sluice.parses WHERE job_id = %s", [job_id]
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _open_reader(self, claim: Claim, known: frozenset[int]) -> Reader:
        if claim.job_id in self._out_of_reach:
            raise Outage("storage", "S3: AccessDenied")
        transfers = self._transfers.get(claim.job_id)
        if transfers is None:
            return self._reader_here(claim, known)

        def lend(goes_on: Callable[[], bool]) -> ReadableFile:
            if transfers:
                raise transfers.pop(0)
            spool = Spool(None)
            spool.write(self._path.read_bytes())
            assert goes_on()
            return spool.readable()

        order = self._order(claim, known, ReaderLimits())
        return FetchingReader(
            lend, lambda file: replace(order, file=file), ReaderLimits(), SystemClock()
        )

    def _order(self, claim: Claim, known: frozenset[int], limits: ReaderLimits) -> ReadOrder:
        return ReadOrder(
            job_id=claim.job_id,
            run=claim.run,
            file=ReadableFile(str(self._path)),
            sheet=self._sheet,
            header_line=1,
            written=known,
            chunk_rows=claim.chunk_rows,
            chunker_version=claim.chunker_version,
            spill_dir=str(self._path.parent),
            limits=limits,
        )

    def _reader_here(self, claim: Claim, known: frozenset[int]) -> SheetReader:
        read, limits = self._hostile.get(claim.job_id, (None, ReaderLimits()))
        order = self._order(claim, known, limits)
        if read is None:
            return SheetReader(order)
        self.deaths[claim.job_id] = self.deaths.get(claim.job_id, 0) + 1
        return SheetReader(order, read)


@pytest.fixture
def story(database_url: str, tmp_path: Path) -> Iterator[Story]:
    prepare_forkserver("parser.adapters.sheet_child")
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url})
    pool: ConnectionPool[Any] = open_pool(settings, "test")
    with pool, psycopg.connect(database_url, autocommit=True) as conn:
        told = Story(conn, pool, tmp_path)
        yield told
        told.loop.stop()
        told.loop.run()


def test_two_deaths_fail_a_job_and_the_others_go_on(story: Story) -> None:
    hostile = [
        story.job(hostile_readers.spin, cpu_s=1),
        story.job(hostile_readers.allocate, memory_mib=512),
        story.job(hostile_readers.sleep, wait_s=1.5),
    ]
    good = [story.job(), story.job()]
    story.turn_until(len(hostile) + len(good))
    assert story.published.rows == dict.fromkeys(good, 3_000)
    for job_id in hostile:
        code, message = story.published.failures[job_id]
        assert code == "RESOURCE_LIMIT"
        assert "more memory or time than is allowed" in message
        assert story.failure_of(job_id) == code
    assert story.deaths == dict.fromkeys(hostile, 2)


def test_a_chunk_that_brokers_would_not_take_fails_its_own_job(story: Story) -> None:
    large, good = story.job(hostile_readers.send_too_much), story.job()
    story.turn_until(2)
    assert story.published.rows == {good: 3_000}
    code, message = story.published.failures[large]
    assert (code, message) == ("CHUNK_TOO_LARGE", "batch 0 is too large to be sent")
    assert (story.failure_of(large), story.deaths[large], story.loop.outage) == (code, 1, "")


def test_a_transfer_that_fails_is_an_outage_and_no_attempt_of_its_file(story: Story) -> None:
    away = [Outage("storage", "cut") for _ in range(MAX_FRUITLESS_ATTEMPTS + 1)]
    waits, here = story.afar(*away, OSError(28, "no space left")), story.job()
    story.turn_until(2)
    assert story.published.rows == {waits: 3_000, here: 3_000}
    assert (story.fruitless(waits), story.failure_of(waits)) == (0, None)


def test_a_file_out_of_reach_holds_up_its_own_job_and_no_other(story: Story) -> None:
    waits, here = story.out_of_reach(), story.job()
    story.turn_until(1)
    assert story.published.rows == {here: 3_000}
    assert story.published.waiting == {waits}
    later = story.job()
    story.turn_until(2)
    assert story.published.rows == {here: 3_000, later: 3_000}
    story.comes_back(waits)
    story.turn_until(3)
    assert story.published.rows == dict.fromkeys([waits, here, later], 3_000)
    assert story.published.waiting == set()
    assert (story.fruitless(waits), story.failure_of(waits), story.loop.outage) == (0, None, "")


def test_a_file_that_is_gone_when_it_is_sent_for_fails_its_job_alone(story: Story) -> None:
    gone, here = story.afar(FileMissing("x")), story.job()
    story.turn_until(2)
    assert story.published.rows == {here: 3_000}
    assert story.failure_of(gone) == "FILE_MISSING"

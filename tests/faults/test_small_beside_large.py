"""Small workbooks beside a million rows, and a large import that is told to stop.

Run by `make test-faults LONG=1`; figures are printed, what is asserted about time means "stuck".
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from tests.faults.fault_report import percentile, seconds
from tests.faults.fault_world import FaultWorld, eventually, fault_world
from tests.faults.ledger_watch import LedgerWatch
from tests.faults.workbooks import ImportPlan, compare, expected, found, make
from tests.road_client import Message, RoadClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.long_faults, pytest.mark.timeout(1200)]

LARGE_ROWS = 1_000_000
SMALL_ROWS, SMALL_BOOKS, AT_ONCE = 1_000, 20, 2
STUCK_S = 60.0
CHUNK_ROWS = 8_000


@pytest.fixture(scope="module")
def wide_world() -> Iterator[FaultWorld]:
    """As in production: chunks of up to 8,000 rows, one writer, one parser."""
    with fault_world("fault-load", writers=1, parsers=1, chunk_rows=CHUNK_ROWS) as world:
        yield world


@pytest.fixture
def client(wide_world: FaultWorld) -> Iterator[RoadClient]:
    wide_world.heal()
    wide_world.empty_tables()
    client = RoadClient(wide_world.stack.gateway, *wide_world.stack.login)
    yield client
    client.close()


@pytest.fixture(scope="module")
def large(books: Path) -> tuple[ImportPlan, Path]:
    plan = ImportPlan(kind="orders", rows=LARGE_ROWS, seed=3)
    return plan, make(plan, books)


def small_plans() -> list[ImportPlan]:
    return [
        ImportPlan(
            kind="orders", rows=SMALL_ROWS, seed=1000 + n, first_id=2_000_000 + n * SMALL_ROWS
        )
        for n in range(SMALL_BOOKS)
    ]  # fmt: skip


def test_small_workbooks_finish_beside_a_million_rows(
    wide_world: FaultWorld, client: RoadClient, large: tuple[ImportPlan, Path], books: Path
) -> None:
    plans = {plan: make(plan, books) for plan in small_plans()}
    plan, path = large
    large_id = client.upload(path, plan.target)
    todo: queue.SimpleQueue[tuple[ImportPlan, Path]] = queue.SimpleQueue()
    for each in plans.items():
        todo.put(each)
    took_s: list[float] = []
    ids: dict[str, ImportPlan] = {}

    def work() -> None:
        mine = RoadClient(wide_world.stack.gateway, *wide_world.stack.login)
        while not todo.empty():
            small, small_path = todo.get()
            job_id = mine.upload(small_path, small.target)
            answered_s = time.monotonic()
            took_s.append(mine.follow(job_id)[-1].at_s - answered_s)
            ids[job_id] = small
        mine.close()

    workers = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    beside = client.job(large_id)["status"]
    assert client.follow(large_id)[-1].data["status"] == "completed"
    with psycopg.connect(wide_world.database_url) as conn:
        for job_id, small in ids.items():
            assert compare(expected(small).rows, found(conn, small, job_id)).examples == ()
    print(f"\n{len(took_s)} workbooks of {SMALL_ROWS} rows beside {LARGE_ROWS:,} rows ({beside}"
          f" when the last small one ended): {seconds(percentile(took_s, 50))} (p50),"
          f" {seconds(percentile(took_s, 95))} (p95)")  # fmt: skip
    assert len(took_s) == SMALL_BOOKS
    assert max(took_s) < STUCK_S


def until(client: RoadClient, job_id: str, wanted: Callable[[Message], bool]) -> Message:
    with client.stream(job_id) as messages:
        for message in messages:
            if message.event != "connection" and wanted(message):
                return message
    raise AssertionError("the stream ended before")


def control(client: RoadClient, job_id: str, action: str) -> float:
    """Ask for it, and return when."""
    asked_s = time.monotonic()
    answer = client.http.post(f"/api/jobs/{job_id}/{action}")
    assert answer.status_code == 202, answer.text
    return asked_s


def told_after(client: RoadClient, job_id: str, action: str, status: str) -> float:
    """Ask for it, and return how long a viewer waits for the status."""
    asked_s = control(client, job_id, action)
    return until(client, job_id, lambda m: m.data["status"] == status).at_s - asked_s


def check_pause(client: RoadClient, job_id: str, watch: LedgerWatch) -> tuple[float, float]:
    """Pause; return after how long that was shown, and after how long the last rows came."""
    asked_s = time.monotonic()
    shown_s = told_after(client, job_id, "pause", "paused")
    time.sleep(3)
    stopped_s = max(0.0, (watch.last_growth_s or asked_s) - asked_s)
    count = watch.count
    time.sleep(2)
    assert watch.count == count, "a paused import goes on"
    return shown_s, stopped_s


def check_resume(client: RoadClient, job_id: str, watch: LedgerWatch) -> float:
    """Resume; return after how long rows came."""
    asked_s = control(client, job_id, "resume")
    deadline_s = asked_s + STUCK_S
    while (resumed_s := watch.growth_after(asked_s)) is None:
        assert time.monotonic() < deadline_s, "a resumed import stands still"
        time.sleep(0.02)
    return resumed_s


def test_a_large_import_stops_when_it_is_told(
    wide_world: FaultWorld, client: RoadClient, large: tuple[ImportPlan, Path]
) -> None:
    plan, path = large
    watch = LedgerWatch(wide_world.database_url)
    watch.start()
    job_id = client.upload(path, plan.target)
    until(client, job_id, lambda m: m.data["data"]["processedRows"] > LARGE_ROWS // 20)
    shown_s, stopped_s = check_pause(client, job_id, watch)
    resumed_s = check_resume(client, job_id, watch)
    cancelled_s = told_after(client, job_id, "cancel", "cancelled")
    watch.stop()
    print(
        f"\na large import: paused after {shown_s:.1f} s (its last rows {stopped_s:.1f} s after),"
        f" resumed after {resumed_s:.1f} s, cancelled after {cancelled_s:.1f} s"
    )
    check_rest(wide_world, client, job_id, plan)
    control(client, job_id, "retry")
    eventually(lambda: client.job(job_id)["status"] == "completed", 3 * STUCK_S, "the retried one")
    with psycopg.connect(wide_world.database_url) as conn:
        assert compare(expected(plan).rows, found(conn, plan, job_id)).examples == ()


def check_rest(world: FaultWorld, client: RoadClient, job_id: str, plan: ImportPlan) -> None:
    """What is written is counted and is the workbook's; the rest is unprocessed."""
    job = client.job(job_id)
    assert job["successRows"] + job["failedRows"] + job["unprocessedRows"] == job["totalRows"]
    with psycopg.connect(world.database_url) as conn:
        written = found(conn, plan, job_id)
    assert len(written) == job["successRows"]
    assert compare(written, expected(plan).rows).lost == 0, "rows that the workbook has not"

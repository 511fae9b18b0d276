"""A minute without PostgreSQL, Kafka or Redis; a bug in every chunk; how soon work goes on.

Run by `make test-faults LONG=1`. Figures are printed; what is asserted about time means "stuck".
"""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from tests.faults.fault_catalog import CATALOG
from tests.faults.fault_plan import FaultMoment, RunPlan
from tests.faults.fault_report import percentile, seconds
from tests.faults.fault_run import RunReport, run_plan
from tests.faults.fault_world import FaultWorld, eventually, fault_world
from tests.faults.followers import Follower
from tests.faults.tcp_proxy import Weather
from tests.faults.uploads import Uploader
from tests.faults.workbooks import ImportPlan, compare, expected, found, make
from tests.road_client import RoadClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.long_faults, pytest.mark.timeout(1200)]

OUTAGE_S = 60.0
STUCK_S = 60.0
BUDGET = 5
KILLS = 8


def outage(fault: str, rows: int, *, seed: int = 1) -> RunPlan:
    """Return a run of one import with one long outage in its first half."""
    moment = FaultMoment(fault=CATALOG[fault], at_share=0.2, duration_s=OUTAGE_S, seed=seed)
    book = ImportPlan(kind="orders", rows=rows, seed=seed, bad_share=0.01)
    return RunPlan(seed=seed, imports=[book], faults=[moment])


def assert_green(report: RunReport) -> None:
    assert report.verdict.wrong == []
    assert [done.note for done in report.faults] == [""] * len(report.faults)


def dead_letters(world: FaultWorld) -> int:
    with psycopg.connect(world.database_url) as conn:
        row = conn.execute("SELECT count(*) FROM sluice.dead_letters").fetchone()
    assert row is not None
    return int(row[0])


def messages_of(report: RunReport) -> list[Any]:
    return report.imports[0].followers[0].messages


def test_a_minute_without_postgres_costs_no_attempt(world: FaultWorld, books: Path) -> None:
    before = dead_letters(world)
    report = run_plan(world, outage("postgres is away", 60_000), books)
    assert_green(report)
    assert dead_letters(world) == before
    waits = [m for m in messages_of(report) if m.data["status"] == "retrying"]
    reasons = {m.data["data"]["reason"] for m in waits}
    print(f"\nPostgreSQL away for {OUTAGE_S:.0f} s: went on {seconds(report.faults[0].recovery_s)}"
          f" after its return; viewers were told {sorted(map(str, reasons))}")  # fmt: skip
    assert waits, "nobody was told that the import waits"
    assert None not in reasons
    assert report.faults[0].recovery_s is not None
    assert report.faults[0].recovery_s < STUCK_S


def test_a_minute_without_kafka_refuses_no_upload(world: FaultWorld, books: Path) -> None:
    second = ImportPlan(kind="records", rows=3_000, seed=5)
    path = make(second, books)
    uploaded: list[tuple[str, float]] = []

    def upload_meanwhile() -> None:
        kafka = "kafka"
        eventually(lambda: phase_of(world, kafka) == "stopped", 120, "kafka's outage")
        time.sleep(OUTAGE_S / 3)
        begun_s = time.monotonic()
        job_id = Uploader(world.stack.gateway, world.token).upload(path, second)
        assert phase_of(world, kafka) == "stopped"
        uploaded.append((job_id, time.monotonic() - begun_s))

    thread = threading.Thread(target=upload_meanwhile)
    thread.start()
    report = run_plan(world, outage("kafka is away", 60_000), books)
    thread.join()
    assert_green(report)
    (job_id, took_s) = uploaded[0]
    client = RoadClient(world.stack.gateway, *world.stack.login)
    assert client.follow(job_id)[-1].data["status"] == "completed"
    client.close()
    with psycopg.connect(world.database_url) as conn:
        rows = found(conn, second, job_id)
    assert compare(expected(second).rows, rows).examples == ()
    print(f"\nKafka away for {OUTAGE_S:.0f} s: an upload was answered in {took_s:.1f} s, the other"
          f" import went on {seconds(report.faults[0].recovery_s)} after its return")  # fmt: skip


def phase_of(world: FaultWorld, name: str) -> str:
    return next(each.phase for each in world.stack.processes() if each.name == name)


def test_a_minute_without_redis_delays_nothing(world: FaultWorld, books: Path) -> None:
    """Redis keeps nothing on disk: it comes back empty, as after a flush."""
    plan = outage("redis is away", 60_000)
    down: list[float] = []

    def make_it_last() -> None:
        eventually(lambda: phase_of(world, "redis") == "stopped", 120, "the outage")
        world.proxies.change("writer-postgres", Weather(delay_s=0.25))
        down.append(time.monotonic())
        eventually(lambda: phase_of(world, "redis") == "ready", 120, "the return")
        down.append(time.monotonic())
        time.sleep(10)
        world.proxies.clear()

    thread = threading.Thread(target=make_it_last)
    thread.start()
    report = run_plan(world, plan, books)
    thread.join()
    assert_green(report)
    times_s = [m.at_s for m in messages_of(report)]
    within = [(a, b) for a, b in pairwise(times_s) if b > down[0] and a < down[1] + 10]
    silence_s = max((b - a for a, b in within), default=0.0)
    back_s = next((b - down[1] for b in times_s if b > down[1]), None)
    print(f"\nRedis away for {OUTAGE_S:.0f} s: the longest silence of a stream {silence_s:.1f} s,"
          f" the next message {seconds(back_s)} after its return")  # fmt: skip
    assert silence_s < STUCK_S


def replay(world: FaultWorld, client: RoadClient, job_id: str) -> httpx.Response:
    return client.http.post("/api/ops/dlq/replays", json={"filter": {"jobId": job_id}})


def test_a_bug_in_every_chunk_stops_at_the_budget_and_replays_heal_it(
    world: FaultWorld, books: Path
) -> None:
    world.heal()
    world.empty_tables()
    plan = ImportPlan(kind="orders", rows=20_000, seed=11, bad_share=0.01)
    client = RoadClient(world.stack.gateway, *world.stack.login)
    before = dead_letters(world)
    world.arm("writer.before_tx", "raise")
    job_id = Uploader(world.stack.gateway, client.token).upload(make(plan, books), plan)
    follower = Follower(world.client_url, client.token, job_id)
    follower.start()
    eventually(lambda: client.job(job_id)["status"] == "failed", 120, "the budget")
    time.sleep(10)  # what was on a retry topic is skipped, and buries nothing any more
    letters = dead_letters(world) - before
    print(f"\na bug in every chunk: {letters} dead letters of 80 chunks, then the job failed")
    assert BUDGET <= letters <= 3 * BUDGET
    world.disarm()
    answers: list[httpx.Response] = []
    replays = [
        threading.Thread(target=lambda: answers.append(replay(world, client, job_id)))
        for _ in range(2)
    ]
    for thread in replays:
        thread.start()
    for thread in replays:
        thread.join()
    assert [answer.status_code for answer in answers] == [202, 202]
    eventually(lambda: client.job(job_id)["status"] == "completed_with_errors", 120, "the healing")
    with psycopg.connect(world.database_url) as conn:
        difference = compare(expected(plan).rows, found(conn, plan, job_id))
        open_ = conn.execute(
            "SELECT count(*) FROM sluice.dead_letters WHERE job_id = %s AND state <> 'healed'",
            [job_id],
        ).fetchone()
    assert difference.examples == ()
    assert open_ == (0,)
    follower.give_up()
    client.close()


@pytest.fixture(scope="module")
def lonely_world(world: FaultWorld) -> Iterator[FaultWorld]:
    """One writer and one parser: nobody else can go on for them."""
    with fault_world("fault-lonely", writers=1, parsers=1) as lonely:
        yield lonely


@pytest.mark.parametrize("service", ["writer", "parser"])
def test_work_goes_on_soon_after_a_kill(
    lonely_world: FaultWorld, books: Path, service: str
) -> None:
    recoveries_s = []
    for seed in range(KILLS):
        moment = FaultMoment(
            fault=CATALOG[f"kill -9 {service}"], at_share=0.2 + 0.05 * seed, duration_s=0, seed=seed
        )
        book = ImportPlan(kind="orders", rows=20_000, seed=100 + seed, first_id=seed * 20_000 + 1)
        report = run_plan(lonely_world, RunPlan(seed=seed, imports=[book], faults=[moment]), books)
        assert_green(report)
        if report.faults[0].recovery_s is not None:
            recoveries_s.append(report.faults[0].recovery_s)
    print(f"\nkill -9 of the only {service}, {len(recoveries_s)} times: work went on after"
          f" {seconds(percentile(recoveries_s, 50))} (p50), {seconds(percentile(recoveries_s, 95))}"
          " (p95)")  # fmt: skip
    assert recoveries_s
    assert max(recoveries_s) < STUCK_S

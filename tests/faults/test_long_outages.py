"""A minute without PostgreSQL, Kafka or Redis; a bug in every chunk.

Run by `make test-faults LONG=1`. Figures are printed; what is asserted about time means "stuck".
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from tests.faults.fault_catalog import CATALOG
from tests.faults.fault_plan import FaultMoment, RunPlan
from tests.faults.fault_report import seconds
from tests.faults.fault_run import RunReport, run_plan
from tests.faults.fault_world import FaultWorld, eventually
from tests.faults.followers import Follower
from tests.faults.tcp_proxy import Weather
from tests.faults.uploads import Uploader
from tests.faults.workbooks import ImportPlan, compare, expected, found, make
from tests.road_client import RoadClient

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.long_faults, pytest.mark.timeout(1200)]

OUTAGE_S = 60.0
STUCK_S = 60.0
BUDGET = 5


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


def sluice(world: FaultWorld, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run our program as an operator does."""
    user, password = world.stack.login
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments, "--url", world.stack.gateway, "--user", user],
        env={**os.environ, "SLUICE_PASSWORD": password},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def letters_of(world: FaultWorld, job_id: str) -> list[tuple[int, str]]:
    """Return chunk and state of a job's dead letters."""
    query = "SELECT chunk_no, state FROM sluice.dead_letters WHERE job_id = %s ORDER BY 1"
    with psycopg.connect(world.database_url) as conn:
        return conn.execute(query, [job_id]).fetchall()


def replay_twice_at_once(world: FaultWorld, job_id: str) -> list[subprocess.CompletedProcess[str]]:
    replays: list[subprocess.CompletedProcess[str]] = []

    def replay() -> None:
        replays.append(sluice(world, "dlq", "replay", "--job", job_id))

    threads = [threading.Thread(target=replay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replays


@pytest.mark.parametrize("point", ["", "dlq.before_ack", "dlq.after_ack"])
def test_a_bug_in_every_chunk_stops_at_the_budget_and_replays_heal_it(
    world: FaultWorld, books: Path, point: str
) -> None:
    """Also where a writer dies while it buries a chunk."""
    world.heal()
    world.empty_tables()
    assert sluice(world, "dlq", "resume").returncode == 0
    plan = ImportPlan(kind="orders", rows=20_000, seed=11, bad_share=0.01)
    client = RoadClient(world.stack.gateway, *world.stack.login)
    world.arm("writer.before_tx", "raise")
    if point:
        world.arm(point, "kill@1")
    job_id = Uploader(world.stack.gateway, client.token).upload(make(plan, books), plan)
    follower = Follower(world.client_url, client.token, job_id)
    follower.start()
    eventually(lambda: client.job(job_id)["status"] == "failed", 180, "the budget")
    assert not point or world.has_fired(point)
    time.sleep(15)  # what was on a retry topic is skipped, and buries nothing any more
    letters = letters_of(world, job_id)
    print(f"\na bug in every chunk, {point or 'no kill'}: {len(letters)} dead letters of 80 chunks")
    assert BUDGET <= len(letters) <= 3 * BUDGET
    opened = [chunk_no for chunk_no, state in letters if state == "open"]
    assert len(set(opened)) == len(opened), "a chunk lies in two open letters"
    world.disarm()
    assert [done.returncode for done in replay_twice_at_once(world, job_id)] == [0, 0]
    eventually(lambda: client.job(job_id)["status"] == "completed_with_errors", 180, "the healing")
    with psycopg.connect(world.database_url) as conn:
        difference = compare(expected(plan).rows, found(conn, plan, job_id))
    assert difference.examples == ()
    eventually(
        lambda: {state for _, state in letters_of(world, job_id)} <= {"healed", "replaced"},
        60, "healed letters",
    )  # fmt: skip
    follower.give_up()
    client.close()

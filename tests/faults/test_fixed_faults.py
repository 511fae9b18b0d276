"""The most telling faults of the matrix, on every test run; `make test-faults` does the rest."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from tests.faults.deliveries import StoredRecord, ends_of, produce, records_between
from tests.faults.fault_catalog import CATALOG
from tests.faults.fault_plan import plan_of
from tests.faults.fault_run import run_plan
from tests.faults.fault_world import eventually
from tests.faults.workbooks import ImportPlan, make
from tests.road_client import RoadClient

from sluice.kafka import topic_names

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.fault_world import FaultWorld

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SETTLED_S = 4.0
"""A fold that believed the old facts would have said so by then: it publishes every 50 ms."""


@pytest.mark.parametrize(
    ("seed", "faults"),
    [
        (1, ["kill -9 at writer.after_commit", "redis is flushed"]),
        (2, ["chunks come again", "cut at COMMIT"]),
        (3, ["kill -9 at upload.after_commit", "postgres is away"]),
        (4, ["kill -9 at parser.after_manifest", "kafka is killed"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_no_fault_costs_or_doubles_a_row(
    world: FaultWorld, books: Path, seed: int, faults: list[str]
) -> None:
    report = run_plan(world, plan_of(seed, CATALOG, faults), books)
    assert report.verdict.wrong == []
    assert [done.note for done in report.faults] == [""] * len(faults), "a fault did not strike"
    assert report.verdict.rows == report.plan.rows


def known_chunks(world: FaultWorld) -> dict[str, float]:
    """Return by life how many chunks came to a writer that were in the ledger already."""
    known: dict[str, float] = {}
    for process in world.stack.processes():
        if process.service == "writer":
            text = httpx.get(process.ready_url.replace("/readyz", "/metrics")).text
            found = re.search(
                r'^sluice_writer_chunks_total\{outcome="known"\} (\S+)$', text, re.MULTILINE
            )
            known[process.started or ""] = float(found[1]) if found else 0.0
    return known


def test_a_writer_that_is_told_to_end_leaves_nothing_half_done(
    world: FaultWorld, books: Path
) -> None:
    world.heal()
    before = known_chunks(world)
    report = run_plan(world, plan_of(5, CATALOG, ["SIGTERM writer"]), books)
    assert report.verdict.wrong == []
    after = known_chunks(world)
    assert set(after) != set(before), "a writer has ended"
    again = {life: count - before.get(life, 0.0) for life, count in after.items()}
    assert set(again.values()) == {0.0}, "finished chunks came again"


def facts_of(world: FaultWorld, job_id: str) -> list[StoredRecord]:
    bootstrap = world.stack.kafka_bootstrap
    records = records_between(bootstrap, [], ends_of(bootstrap, topic_names.RESULTS))
    return [record for record in records if record.key == job_id.encode()]


def test_a_finished_job_stays_finished_when_its_log_is_told_again(
    world: FaultWorld, books: Path
) -> None:
    plan = ImportPlan(kind="orders", rows=10_000, seed=7, bad_share=0.01)
    world.heal()
    world.empty_tables()
    client = RoadClient(world.stack.gateway, *world.stack.login)
    job_id = client.upload(make(plan, books), plan.target)
    client.follow(job_id)
    path = f"/api/progress/{job_id}"
    before, row = client.http.get(path).json(), client.job(job_id)
    facts = facts_of(world, job_id)
    assert len(facts) > 40, "a fact for each chunk"
    random.Random(plan.seed).shuffle(facts)
    produce(world.stack.kafka_bootstrap, facts * 2)
    # A later job's end tells that the fold has read them all
    later = ImportPlan(kind="records", rows=500, seed=8)
    client.follow(client.upload(make(later, books), later.target))
    eventually(lambda: fold_has_read_all(world), SETTLED_S * 4, "the fold is behind")
    after = client.http.get(path).json()
    assert (after["status"], after["version"]) == (before["status"], before["version"])
    assert after["data"]["successRows"] == before["data"]["successRows"]
    assert client.job(job_id) == row
    finished = [f for f in facts_of(world, job_id) if "job-finished" in f.header_map["ce_type"]]
    assert len({f.header_map["ce_id"] for f in finished}) == 1
    client.close()


def fold_has_read_all(world: FaultWorld) -> bool:
    """Tell whether the fold's group has committed the end of the log."""
    from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415 - only here

    from sluice.kafka.topics import FOLD_APP  # noqa: PLC0415 - only here

    bootstrap = world.stack.kafka_bootstrap
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": FOLD_APP, "log_level": 0})
    try:
        ends = ends_of(bootstrap, topic_names.RESULTS)
        asked = [TopicPartition(end.topic, end.partition) for end in ends]
        committed = {tp.partition: tp.offset for tp in consumer.committed(asked, timeout=10)}
    finally:
        consumer.close()
    return all(committed[end.partition] >= end.offset for end in ends if end.offset)


def test_the_ledger_is_never_in_a_half_state(world: FaultWorld) -> None:
    """Whatever the tests above did: no chunk is dead, no outbox row is forgotten."""
    with psycopg.connect(world.database_url) as conn:
        dead = conn.execute("SELECT count(*) FROM sluice.chunks WHERE outcome = 'dead'").fetchone()
        letters = conn.execute("SELECT count(*) FROM sluice.dead_letters").fetchone()
    assert (dead, letters) == ((0,), (0,))
    eventually(lambda: outbox_rows(world) == 0, 10, "rows stay in the outbox")


def outbox_rows(world: FaultWorld) -> int:
    with psycopg.connect(world.database_url) as conn:
        row = conn.execute("SELECT count(*) FROM sluice.outbox").fetchone()
    assert row is not None
    return int(row[0])

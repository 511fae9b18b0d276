"""The writer as a process between a real broker, a real database and a real Redis."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import redis
from services.writer.tests.writer_faults import Faults
from services.writer.tests.writer_road import Road, of_kind, until
from services.writer.tests.writer_world import chunk_of, chunks_of, sheet

from sluice.kafka.producer import RecordProducer
from sluice.kafka.topic_names import CHUNKS
from sluice.redis_keys import recent_key, waiting_key

if TYPE_CHECKING:
    from devstack.pytest_fixtures import Infra

IN_TRIGGER = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


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
    facts = road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 30)
    waiting = of_kind(facts, "import-waiting")
    assert {fact["dependency"] for fact in waiting} == {"postgresql"}
    assert len(of_kind(facts, "import-resumed")) == 1
    assert of_kind(facts, "chunk-retrying") == []
    assert road.page(writer, "readyz")[0] == 200
    assert road.ledger(job) == 30


@pytest.mark.slow
def test_a_writer_leaves_in_time_in_the_middle_of_an_outage(road: Road, infra: Infra) -> None:
    stack = infra.with_parts("postgres")
    job = road.world.new_job()
    writer = road.start()
    road.send([chunk_of(job, 0, [2], [("1", "a", "1")])])
    road.facts(job, bool)
    stack.stop("postgres")
    try:
        road.send([chunk_of(job, n, [n + 2], [(str(n + 1), "a", "1")]) for n in range(1, 10)])
        until(lambda: road.page(writer, "readyz")[0] == 503, "it says that it waits")
        assert road.page(writer, "livez")[0] == 200, "resting in an outage is alive"
        writer.send_signal(signal.SIGTERM)
        assert writer.wait(15) == 0
    finally:
        stack.start("postgres")
    road.start()
    road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 10)
    assert road.ledger(job) == 10


@pytest.mark.slow
def test_a_writer_told_to_end_under_load_leaves_nothing_to_be_done_again(road: Road) -> None:
    job = road.world.new_job()
    rows = [(str(k), "n" * 50, "1") for k in range(40_000)]
    writer = road.start()
    road.send(chunks_of(job, rows, 100))
    until(lambda: road.ledger(job) >= 30, "some chunks are written")
    writer.send_signal(signal.SIGTERM)
    assert writer.wait(15) == 0
    before = road.ledger(job)
    assert before < 400, "there was still something to do"
    second = road.start()
    road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 400)
    metrics = road.page(second, "metrics")[1]
    assert f'chunks_total{{outcome="written"}} {400 - before}.0' in metrics
    assert 'chunks_total{outcome="known"} 0.0' in metrics, "no finished chunk came again"


@pytest.mark.slow
def test_an_outage_of_the_broker_is_waited_out_and_shown(
    road: Road, infra: Infra, faults: Faults, redis_url: str
) -> None:
    stack = infra.with_parts("kafka")
    job = road.world.new_job()
    faults.begin(5, sqlstate=None, pause_s=4.0)
    writer = road.start()
    road.send(chunks_of(job, sheet(1, 20), 10))
    until(lambda: road.world.rows(IN_TRIGGER), "the batch is being written")
    stack.stop("kafka")
    try:
        until(lambda: "kafka" in road.page(writer, "readyz")[1], "it says that it waits")
        with redis.Redis.from_url(redis_url) as view:
            told = json.loads(until(lambda: view.get(waiting_key(job)), "people are told"))
        assert told["dependency"] == "kafka"
    finally:
        stack.start("kafka")
    facts = road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 2)
    assert of_kind(facts, "chunk-retrying") == []
    assert road.world.sums(job) == (2, 20, 20, 0, 0, 0)
    until(lambda: road.page(writer, "readyz")[0] == 200, "it goes on")


def test_a_dry_run_with_too_many_errors_fails_and_its_facts_say_what_it_is(road: Road) -> None:
    job = road.world.new_job(dry_run=True)
    road.world.conn.execute("UPDATE sluice.jobs SET max_error_percent = 50")
    rows = [(str(k) if k % 4 == 0 else "x", "a", "1") for k in range(1_000)]
    road.world.conn.execute(f"CREATE TABLE sluice_dry.dry_{uuid4().hex} ()")
    road.start()
    road.send(chunks_of(job, rows, 1_000))
    facts = road.facts(job, lambda found: bool(of_kind(found, "writing-failed")))
    (written,) = of_kind(facts, "chunk-written")
    assert (written["dryRun"], written["inserted"], written["failed"]) == (True, 250, 750)
    (failed,) = of_kind(facts, "writing-failed")
    assert failed["code"] == "TOO_MANY_ERRORS"
    twins = "SELECT tablename FROM pg_tables WHERE schemaname = 'sluice_dry'"
    assert road.world.rows(twins) == [(f"dry_{job.hex}",)], "what another job left is dropped"

"""What makes a job, or every writer, stand still, and what makes them go on."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from services.writer.tests.writer_faults import Faults
from services.writer.tests.writer_road import Road, of_kind, until
from services.writer.tests.writer_world import ITEMS, chunk_of, chunks_of, sheet

from import_targets import create_table_sql


def test_jobs_past_their_budget_fail_and_three_of_them_halt_the_writers(
    road: Road, faults: Faults
) -> None:
    failing = [road.world.new_job() for _ in range(3)]
    fine = road.world.new_job()
    faults.begin(*range(1, 100))
    writer = road.start()
    for number, job in enumerate(failing):
        road.send(chunks_of(job, sheet(1 + 10 * number, 6 + 10 * number), 1), failed_before=3)
        facts = road.facts(job, lambda found: bool(of_kind(found, "writing-failed")))
        assert {f["code"] for f in of_kind(facts, "writing-failed")} == {"DEAD_LETTER_BUDGET"}
        assert len(of_kind(facts, "chunk-dead-lettered")) == 5
    until(lambda: "halted" in road.page(writer, "readyz")[1], "the writer says that it is halted")
    assert road.page(writer, "livez")[0] == 200
    assert "sluice_writer_halted 1.0" in road.page(writer, "metrics")[1]
    faults.end()
    road.send([chunk_of(fine, 0, [2], [("500", "a", "1")])])
    waiting = road.facts(fine, lambda found: bool(of_kind(found, "import-waiting")))
    assert {fact["dependency"] for fact in waiting} == {"operator"}
    assert road.ledger(fine) == 0, "nothing is written while they stand"
    road.world.conn.execute("UPDATE sluice.consumer_halts SET resumed_at = clock_timestamp()")
    road.facts(fine, lambda found: bool(of_kind(found, "chunk-written")))
    until(lambda: road.page(writer, "readyz")[0] == 200, "it is ready again")
    for job in failing:
        assert road.ledger(job) == 5, "the sixth chunk of a failed job is skipped"


@pytest.mark.slow
def test_a_locked_table_holds_up_its_own_job_alone_and_counts_no_attempt(road: Road) -> None:
    other = replace(ITEMS, name="others", table="others")
    road.world.conn.execute(create_table_sql(other))
    locked, free = road.world.new_job(), road.world.new_job(target=other)
    writer = road.start()
    with psycopg.connect(road.world.url) as holder:
        holder.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        road.send(chunks_of(locked, sheet(1, 60), 5))
        facts = road.facts(locked, lambda found: bool(of_kind(found, "import-waiting")))
        assert {fact["dependency"] for fact in of_kind(facts, "import-waiting")} == {"target-table"}
        road.send(chunks_of(free, sheet(1, 60), 5))
        road.facts(free, lambda found: len(of_kind(found, "chunk-written")) == 12)
        assert road.page(writer, "readyz")[0] == 200
        forwarded = 'forwarded_total{topic="imports.chunks.retry.8s"}'
        until(lambda: forwarded in road.page(writer, "metrics")[1], "a round has ended")
        assert road.ledger(locked) == 0
    facts = road.facts(locked, lambda found: len(of_kind(found, "chunk-written")) == 12)
    assert of_kind(facts, "chunk-retrying") == []
    road.facts(locked, lambda found: bool(of_kind(found, "import-resumed")))
    assert road.world.sums(locked) == (12, 60, 60, 0, 0, 0)

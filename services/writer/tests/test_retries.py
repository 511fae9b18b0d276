"""A chunk that fails goes up the ladder, and at its end to the dead letters; others go on."""

from __future__ import annotations

import signal
from typing import Any
from uuid import UUID

import pytest
from services.writer.tests.writer_faults import Faults
from services.writer.tests.writer_road import Road, kind_of, of_kind, until
from services.writer.tests.writer_world import World, chunk_of, chunks_of, sheet

from sluice.events import rows_chunked
from sluice.events.rows_chunked import RowsChunked


def key_of(chunk: RowsChunked) -> bytes:
    return rows_chunked.record_key(chunk.meta.job_id, chunk.meta.chunk_no)


def outcomes(world: World, job: UUID) -> list[tuple[int, str]]:
    query = "SELECT chunk_no, outcome FROM sluice.chunks WHERE job_id = %s ORDER BY chunk_no"
    return [(number, outcome) for number, outcome in world.rows(query, job)]


def letters(world: World, job: UUID) -> list[tuple[Any, ...]]:
    return world.rows(
        """SELECT chunk_no, error_class, attempts, replay_count, state FROM sluice.dead_letters
            WHERE job_id = %s ORDER BY dead_letter_id""",
        job,
    )


@pytest.mark.parametrize("failures", [1, 3])
def test_a_chunk_that_fails_for_a_while_is_written_in_the_end(
    road: Road, faults: Faults, failures: int
) -> None:
    job = road.world.new_job()
    faults.begin(15)
    road.start()
    road.send(chunks_of(job, sheet(1, 60), 10))
    # Its neighbours are written while it waits; on a slow machine it may fail once more meanwhile
    road.facts(
        job,
        lambda found: (
            len(of_kind(found, "chunk-retrying")) >= failures
            and len(of_kind(found, "chunk-written")) == 5
        ),
    )
    faults.end()
    facts = road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 6)
    retrying = of_kind(facts, "chunk-retrying")
    assert [(f["attempt"], f["maxAttempts"], f["delayS"], f["chunkNo"]) for f in retrying] == [
        (2, 4, 2.0, 1),
        (3, 4, 4.0, 1),
        (4, 4, 8.0, 1),
    ][: len(retrying)]
    assert len(retrying) >= failures
    assert {fact["code"] for fact in retrying} == {"UNEXPECTED"}
    assert {(fact["firstLine"], fact["lastLine"]) for fact in retrying} == {(12, 21)}
    assert road.world.sums(job) == (6, 60, 60, 0, 0, 0)
    assert road.world.rows("SELECT count(*), count(DISTINCT id) FROM items") == [(60, 60)]
    assert letters(road.world, job) == []


def test_a_chunk_that_always_fails_is_a_dead_letter_and_its_neighbours_are_written(
    road: Road, faults: Faults
) -> None:
    job = road.world.new_job()
    faults.begin(15, sqlstate="40P01")
    road.start()
    chunks = chunks_of(job, sheet(1, 60), 10)
    road.send(chunks)
    facts = road.facts(job, lambda found: bool(of_kind(found, "chunk-dead-lettered")))
    (dead,) = of_kind(facts, "chunk-dead-lettered")
    assert (dead["chunkNo"], dead["attempts"], dead["code"], dead["rows"]) == (1, 4, "DEADLOCK", 10)
    assert (dead["firstLine"], dead["lastLine"], dead["replay"]) == (12, 21, 0)
    assert [f["attempt"] for f in of_kind(facts, "chunk-retrying")] == [2, 3, 4]
    assert outcomes(road.world, job) == [(n, "dead" if n == 1 else "written") for n in range(6)]
    assert letters(road.world, job) == [(1, "DEADLOCK", 4, 0, "open")]
    (letter,) = road.dead_letters(job)
    headers: dict[str, Any] = dict(letter.headers() or [])
    assert letter.value() == rows_chunked.encode(chunks[1].meta, chunks[1].cells)
    assert letter.key() == key_of(chunks[1])
    assert headers["test"] == b"kept"
    assert headers["sluice-attempt"] == b"4"
    assert headers["sluice-job-id"] == str(job).encode()
    assert headers["sluice-original-topic"] == headers["kafka_dlt-original-topic"]
    assert headers["sluice-first-failed-at"] < headers["sluice-last-failed-at"]
    assert not any(b"secret" in value for value in headers.values())
    assert "secret" not in str(road.world.rows("SELECT error_message FROM sluice.dead_letters"))


def test_a_record_that_cannot_be_read_is_a_dead_letter_until_a_good_copy_comes(road: Road) -> None:
    job = road.world.new_job()
    chunk = chunk_of(job, 3, [2], [("1", "a", "1")])
    writer = road.start()
    road.send_bytes(key_of(chunk), b"no Arrow")
    facts = road.facts(job, bool)
    assert [(kind_of(f), f["chunkNo"], f["code"]) for f in facts] == [
        ("chunk-dead-lettered", 3, "CHUNK_UNDECODABLE")
    ]
    assert outcomes(road.world, job) == [(3, "dead")]
    assert letters(road.world, job) == [(3, "CHUNK_UNDECODABLE", 1, 0, "open")]
    assert [letter.value() for letter in road.dead_letters(job)] == [b"no Arrow"]
    assert 'dead_letters_total{code="CHUNK_UNDECODABLE"} 1.0' in road.page(writer, "metrics")[1]
    road.send([chunk])
    road.facts(job, lambda found: bool(of_kind(found, "chunk-written")))
    assert road.world.sums(job) == (1, 1, 1, 0, 0, 0)


def test_a_failed_chunk_of_a_job_that_stopped_meanwhile_is_dropped(
    road: Road, faults: Faults
) -> None:
    job = road.world.new_job()
    faults.begin(1)
    writer = road.start()
    road.send(chunks_of(job, sheet(1, 1), 1))
    road.facts(job, lambda found: bool(of_kind(found, "chunk-retrying")))
    road.world.conn.execute("UPDATE sluice.jobs SET desired = 'cancel' WHERE job_id = %s", [job])
    skipped = 'chunks_total{outcome="skipped"} 1.0'
    until(lambda: skipped in road.page(writer, "metrics")[1], "the retry is skipped")
    assert outcomes(road.world, job) == []
    assert letters(road.world, job) == []


@pytest.mark.parametrize("point", ["dlq.before_ack", "dlq.after_ack"])
def test_a_writer_killed_between_a_dead_letter_and_its_row_leaves_one_of_each(
    road: Road, faults: Faults, point: str
) -> None:
    job = road.world.new_job()
    faults.begin(1)
    road.arm(point)
    writer = road.start()
    road.send(chunks_of(job, sheet(1, 20), 10), failed_before=3)
    writer.wait(60)
    road.start()
    facts = road.facts(
        job, lambda f: bool(of_kind(f, "chunk-dead-lettered") and of_kind(f, "chunk-written"))
    )
    assert len(of_kind(facts, "chunk-dead-lettered")) == 1
    assert outcomes(road.world, job) == [(0, "dead"), (1, "written")]
    assert [row[-1] for row in letters(road.world, job)] == ["open"]
    assert len(road.dead_letters(job)) in {1, 2}, "at least one copy, whatever was acknowledged"


def test_a_dead_chunk_that_comes_again_is_said_again_and_not_buried_twice(
    road: Road, faults: Faults
) -> None:
    job = road.world.new_job()
    faults.begin(1)
    road.start()
    chunks = chunks_of(job, sheet(1, 1), 1)
    road.send(chunks, failed_before=3)
    road.facts(job, bool)
    road.send(chunks, failed_before=3)
    facts = road.facts(job, lambda found: len(found) == 2)
    assert len({fact["ce_id"] for fact in facts}) == 1
    assert len(letters(road.world, job)) == 1
    assert len(road.dead_letters(job)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("point", ["retry.before_ack", "retry.after_ack"])
def test_a_forwarder_killed_around_its_acknowledgement_loses_and_doubles_nothing(
    road: Road, faults: Faults, point: str
) -> None:
    job = road.world.new_job()
    faults.begin(5)
    road.arm(point)
    writer = road.start()
    road.send(chunks_of(job, sheet(1, 20), 10))
    road.facts(job, lambda found: bool(of_kind(found, "chunk-retrying")))
    faults.end()
    assert writer.wait(60) == -signal.SIGKILL
    road.start()
    road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 2)
    assert road.world.sums(job) == (2, 20, 20, 0, 0, 0)


def test_a_record_of_a_newer_release_is_waited_for_and_never_a_dead_letter(road: Road) -> None:
    job = road.world.new_job()
    chunk = chunk_of(job, 0, [2], [("1", "a", "1")])
    value = rows_chunked.encode(chunk.meta, chunk.cells)
    writer = road.start()
    road.send_bytes(key_of(chunk), value.replace(b'"version": 1', b'"version": 2'))
    until(lambda: "newer" in road.page(writer, "readyz")[1], "it says what it waits for")
    facts = road.facts(job, bool)
    assert {(kind_of(f), f["dependency"]) for f in facts} == {("import-waiting", "operator")}
    assert road.page(writer, "livez")[0] == 200
    assert road.dead_letters(job) == []
    writer.send_signal(signal.SIGTERM)
    assert writer.wait(15) == 0
    road.pass_over_the_rest()

"""Writers against whoever cancels, and against a writer that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from services.writer.tests.writer_world import Hand, World, batch_of, chunk_of, chunks_of

from sluice.db import job_gate
from sluice.events.rows_chunked import RowsChunked
from writer.domain.locked_targets import ChunkBusy, TargetLocked

Hands = Callable[..., Hand]
SUMS = "SELECT count(*), sum(inserted) FROM sluice.chunks WHERE job_id = %s"


def test_counts_taken_at_a_cancel_are_final(world: World, hand: Hands) -> None:
    """A writer that read `desired = run` before the cancel committed rows after the count."""
    for round_no in range(5):
        job = world.new_job()
        rows = [(str(round_no * 100_000 + k), "n", "1") for k in range(6_000)]
        chunks = chunks_of(job, rows, 50)
        counted: list[tuple[Any, ...]] = []
        started = threading.Barrier(4)

        def write(mine: list[RowsChunked], started: threading.Barrier = started) -> None:
            writer = hand()
            writer.session.connection()
            started.wait()
            for chunk in mine:
                writer.write(chunk)

        threads = [threading.Thread(target=write, args=(chunks[k::3],)) for k in range(3)]
        for thread in threads:
            thread.start()
        started.wait()
        while world.rows(SUMS, job)[0][0] < 20:
            pass
        with world.conn.transaction():
            job_gate.pass_alone(world.conn, job)
            world.conn.execute("UPDATE sluice.jobs SET desired = 'cancel' WHERE job_id = %s", [job])
            counted = list(world.rows(SUMS, job))
        for thread in threads:
            thread.join()
        assert world.rows(SUMS, job) == counted
        in_table = world.rows("SELECT count(*) FROM items WHERE sluice_job = %s", job)
        assert in_table[0][0] == counted[0][1] < len(rows)


@pytest.mark.slow
def test_a_writer_stopped_within_its_copy_holds_nobody_up_for_long(
    world: World, hand: Hands
) -> None:
    """Timeouts and cancels do nothing while PostgreSQL waits for COPY data of a stopped process."""
    job = world.new_job()
    chunk = chunk_of(job, 0, [2], [("1", "a", "5")])
    with psycopg.connect(world.url, application_name="sluice-writer") as stopped:
        stopped.execute(
            """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line,
                   last_line, covered_bytes, sha256) VALUES (%s, 0, 'written', 1, 1, 2, 2, 100, %s)
            """,
            [job, bytes.fromhex(chunk.meta.sha256)],
        )
        copy = stopped.cursor().copy("COPY items (id) FROM STDIN (FORMAT csv)")
        copy.__enter__().write(b"1\n")
        done = hand(lock_timeout="2s").write(chunk)
        assert done.chunks[0].is_new
        with pytest.raises(psycopg.OperationalError):
            copy.__exit__(None, None, None)
    assert world.rows("SELECT id, name FROM items") == [(1, "a")]
    assert world.sums(job) == (1, 1, 1, 0, 0, 0)


def test_a_chunk_that_another_writer_has_in_hand_is_busy_and_not_at_fault(
    world: World, hand: Hands
) -> None:
    job = world.new_job()
    chunk = chunk_of(job, 0, [2], [("1", "a", "5")])
    writer = hand(lock_timeout="50ms")
    with psycopg.connect(world.url) as racer:
        racer.execute(
            """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line,
                   last_line, covered_bytes, sha256) VALUES (%s, 0, 'written', 1, 1, 2, 2, 100, %s)
            """,
            [job, bytes.fromhex(chunk.meta.sha256)],
        )
        with pytest.raises(ChunkBusy):
            writer.write(chunk)
        racer.rollback()
    assert writer.write(chunk).chunks[0].is_new


@pytest.mark.parametrize("mode", ["insert", "upsert"])
def test_a_locked_table_is_told_from_every_other_lock(world: World, hand: Hands, mode: str) -> None:
    job = world.new_job(mode)
    chunk = chunk_of(job, 0, [2], [("1", "a", "5")])
    writer = hand(lock_timeout="50ms")
    prepared = writer.writer.prepare(batch_of([chunk]))
    assert prepared is not None
    with psycopg.connect(world.url) as holder:
        holder.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TargetLocked):
            writer.write(chunk)
        with pytest.raises(TargetLocked):
            writer.writer.probe(prepared, 20)
    (timeout,) = writer.session.connection().execute("SHOW lock_timeout").fetchone() or ()
    assert timeout == "50ms", "a probe's short wait is its own"
    assert writer.writer.probe(prepared, 20).chunks[0].is_new

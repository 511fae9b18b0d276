"""What an undo scans the table for, how often, and what ends a scan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID

import psycopg
import pytest
from services.writer.tests.undo_world import (
    QUIET,
    Told,
    ask,
    counts,
    go_on,
    stayed,
    undo,
    undo_worker,
)
from services.writer.tests.writer_road import until
from services.writer.tests.writer_world import Hand, World, chunks_of, sheet

from writer.adapters import postgres_undo
from writer.adapters.postgres_scan import ScanCanceled, Watch, scanning
from writer.adapters.postgres_undo_batch import UndoBatches
from writer.domain.undo import CHANGED, SUPPRESSED, BatchCounts

MakeHand = Callable[..., Hand]

KEEPS = "RETURN NULL;"
HIDES = "UPDATE items SET name = 'hidden' WHERE id = OLD.id; RETURN NULL;"
WRITES_ANEW = (
    "IF OLD.name = 'hidden' THEN RETURN OLD; END IF;"
    " UPDATE items SET name = 'hidden' WHERE id = OLD.id; DELETE FROM items WHERE id = OLD.id;"
    " INSERT INTO items SELECT OLD.id, 'hidden', 1, OLD.sluice_job, OLD.sluice_line; RETURN NULL;"
)


def imported(world: World, hand: MakeHand, rows: int = 30) -> UUID:
    job = world.new_job()
    hand().write(*chunks_of(job, sheet(1, rows), 10))
    return job


def on_delete(world: World, body: str) -> None:
    world.conn.execute(
        f"CREATE FUNCTION soft() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
        "CREATE TRIGGER soft BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION soft()"
    )


def when_listed(world: World, body: str) -> None:
    """Run a body whenever a statement lists rows for an undo."""
    world.conn.execute(
        "CREATE FUNCTION sluice.listing() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$;"
        "CREATE TRIGGER listing BEFORE INSERT ON sluice.undo_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION sluice.listing()"
    )


def list_in_peace(world: World) -> None:
    world.conn.execute("DROP FUNCTION sluice.listing() CASCADE")


def collected(conn: psycopg.Connection, world: World, job: UUID) -> UndoBatches:
    ask(world, job)
    assert postgres_undo.claim(conn, "test") == job
    target = postgres_undo.read_target(conn, job)
    postgres_undo.collect(conn, target, "test", QUIET)
    return UndoBatches(conn, target, "test", QUIET)


def scans(conn: psycopg.Connection, work: Callable[[], object]) -> int:
    """Return how often a transaction's work scans the table, where it need not for being small."""
    ask_for = "SELECT pg_stat_get_xact_numscans('items'::regclass)"
    with conn.transaction():
        conn.execute("SET LOCAL enable_seqscan = off")
        before = conn.execute(ask_for).fetchone()
        work()
        after = conn.execute(ask_for).fetchone()
    assert before is not None
    assert after is not None
    return int(after[0] - before[0])


def reverse(batches: UndoBatches, low: int, done: list[BatchCounts]) -> None:
    done.append(batches.reverse(low, low + 10)[0])


@pytest.mark.parametrize(
    ("body", "scanned"), [(KEEPS, [0, 0, 0]), (HIDES, [0, 0, 0]), (WRITES_ANEW, [1, 1, 1])]
)
def test_what_a_trigger_keeps_is_found_at_its_place(
    world: World, hand: MakeHand, body: str, scanned: list[int]
) -> None:
    """Only what it wrote as another row needs a scan."""
    job = imported(world, hand)
    on_delete(world, body)
    with psycopg.connect(world.url, autocommit=True) as conn:
        batches = collected(conn, world, job)
        found = [
            scans(conn, lambda low=low: batches.reverse(low, low + 10))  # type: ignore[misc]
            for low in (22, 12, 2)
        ]
    assert found == scanned
    go_on(world)
    assert counts(world, job) == ("done", 30, 0, 0, 30)
    assert {row[1:3] for row in stayed(world, job)} == {("refused", SUPPRESSED)}


def test_rows_that_others_changed_are_found_by_one_scan_behind_the_pass(
    world: World, hand: MakeHand
) -> None:
    job = imported(world, hand)
    with psycopg.connect(world.url, autocommit=True) as conn:
        batches = collected(conn, world, job)
        world.conn.execute("UPDATE items SET name = 'ours' WHERE id IN (3, 13, 23)")
        world.conn.execute("DELETE FROM items WHERE id IN (4, 14)")
        for low, astray in ((22, 1), (12, 2), (2, 2)):
            done: list[BatchCounts] = []
            assert scans(conn, partial(reverse, batches, low, done)) == 0
            assert done == [BatchCounts(reversed=10 - astray, astray=astray)]
        found: list[BatchCounts] = []
        assert scans(conn, lambda: found.append(batches.find_astray()[0])) == 1
        assert found == [BatchCounts(kept=3, vanished=2)]
    go_on(world)
    assert counts(world, job) == ("done", 28, 25, 3, 0)
    assert stayed(world, job) == [(line, "kept", CHANGED, {"id": line - 1}) for line in (4, 14, 24)]


def test_a_scan_may_take_longer_than_any_other_statement(world: World, hand: MakeHand) -> None:
    job = imported(world, hand)
    when_listed(
        world,
        "IF current_setting('statement_timeout') <> '0' THEN RAISE 'in time'; END IF;"
        " PERFORM pg_sleep(0.5);",
    )
    undo(world, job, statement_timeout="300ms")
    list_in_peace(world)
    assert counts(world, job) == ("done", 30, 30, 0, 0)


@pytest.mark.parametrize("later", [False, True])
def test_a_scan_that_is_cancelled_is_told_and_waits_for_long(
    world: World, hand: MakeHand, *, later: bool
) -> None:
    job = imported(world, hand)
    ask(world, job)
    if later:
        with psycopg.connect(world.url, autocommit=True) as conn:
            assert postgres_undo.claim(conn, "dead") == job
            postgres_undo.collect(conn, postgres_undo.read_target(conn, job), "dead", QUIET)
        world.conn.execute("UPDATE items SET name = 'ours' WHERE id = 3")
        world.conn.execute("DELETE FROM items WHERE id = 1")
        world.conn.execute("VACUUM FULL items")
    when_listed(world, "PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(9);")
    go_on(world)
    [(trouble, worker, waits)] = world.rows(
        "SELECT trouble, worker, lease_until > now() + interval '20s' FROM sluice.undos"
    )
    list_in_peace(world)
    assert "sluice targets create-table --undo-index NAME" in trouble
    assert "locked" not in trouble
    assert (worker, waits) == (None, True)
    go_on(world)
    total, kept = (29, 1) if later else (30, 0)
    assert counts(world, job) == ("done", total, total - kept, kept, 0)


def test_a_worker_that_is_told_to_stop_ends_its_scan(world: World, hand: MakeHand) -> None:
    job = imported(world, hand)
    when_listed(world, "PERFORM pg_sleep(300);")
    ask(world, job)
    worker = undo_worker(world.url, Told())
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    until(lambda: world.rows(sleeps) == [(1,)], "the scan runs")
    worker.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert world.rows(sleeps) == [(0,)]
    assert world.rows("SELECT trouble, worker FROM sluice.undos") == [(None, None)]
    list_in_peace(world)
    go_on(world)
    assert counts(world, job) == ("done", 30, 30, 0, 0)


def test_a_long_scan_is_seen_to_be_alive(world: World) -> None:
    beats = threading.Event()
    watch = Watch(beats.set, beats.is_set)
    with (
        psycopg.connect(world.url, autocommit=True) as conn,
        pytest.raises(ScanCanceled),
        conn.transaction(),
        scanning(conn, watch),
    ):
        conn.execute("SELECT pg_sleep(60)")
    assert beats.is_set()

"""Undos whose table is gone, was rewritten, or has rows that two imports wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import psycopg
from services.writer.tests.undo_world import QUIET, ask, counts, die, go_on, stayed, undo
from services.writer.tests.writer_world import ITEMS, Hand, World, chunks_of, sheet

from writer.adapters import postgres_undo
from writer.adapters.postgres_undo_batch import UndoBatches
from writer.domain.undo import CHANGED, NOT_KEPT, REVIVED, BatchCounts
from writer.entrypoints.undo_imports import ABOVE_ALL

MakeHand = Callable[..., Hand]


def collected_only(world: World, job: UUID) -> None:
    """Have the rows collected by a worker that dies then."""
    with psycopg.connect(world.url, autocommit=True) as conn:
        assert postgres_undo.claim(conn, "dead") == job
        postgres_undo.collect(conn, postgres_undo.read_target(conn, job), "dead", QUIET)


def test_an_undo_ends_when_its_table_is_gone_for_good(world: World, hand: MakeHand) -> None:
    never_begun, begun = world.new_job(), world.new_job()
    hand().write(*chunks_of(begun, sheet(1, 25), 10))
    ask(world, begun)
    collected_only(world, begun)
    ask(world, never_begun)
    world.conn.execute("DROP TABLE items")
    go_on(world)
    go_on(world)
    assert counts(world, begun) == ("running", 25, 0, 0, 0), "it may come back"
    world.conn.execute("UPDATE sluice.undos SET requested_at = now() - interval '11 minutes'")
    facts = [fact for _ in range(4) for fact in go_on(world).facts()]
    for job in (begun, never_begun):
        assert counts(world, job) == ("done", 0, 0, 0, 0)
        assert stayed(world, job) == []
    assert [(fact["total"], fact["done"]) for fact in facts] == [(0, True), (0, True)]


def test_a_table_that_only_the_writer_cannot_see_is_waited_for(
    world: World, hand: MakeHand
) -> None:
    job = world.new_job()
    hand().write(*chunks_of(job, sheet(1, 5), 10))
    world.conn.execute("CREATE SCHEMA aside; ALTER TABLE items SET SCHEMA aside")
    ask(world, job)
    world.conn.execute("UPDATE sluice.undos SET requested_at = now() - interval '11 minutes'")
    go_on(world)
    assert counts(world, job) == ("running", 0, 0, 0, 0)


def test_a_row_that_lies_where_another_was_collected_does_not_decide_for_it(
    world: World, hand: MakeHand
) -> None:
    before, job = world.new_job(), world.new_job("upsert")
    hand().write(*chunks_of(before, sheet(101, 106), 10))
    rows = [(str(id_), "new", "9") for id_ in (7, 8, 101, 102)]
    hand().write(*chunks_of(job, rows, 10))
    ask(world, job)
    collected_only(world, job)
    old = dict(world.rows("SELECT id, ctid::text FROM items"))
    world.conn.execute("VACUUM FULL items")
    new = dict(world.rows("SELECT id, ctid::text FROM items"))
    assert (new[101], new[102]) == (old[7], old[8])
    go_on(world)
    assert counts(world, job) == ("done", 4, 2, 0, 2)
    assert stayed(world, job) == [
        (line, "refused", NOT_KEPT, {"id": id_}) for line, id_ in ((4, 101), (5, 102))
    ]


def test_one_scan_finds_the_places_of_all_rows_that_were_moved(
    world: World, hand: MakeHand
) -> None:
    before, job = world.new_job(), world.new_job()
    hand().write(*chunks_of(before, sheet(101, 126), 10))
    hand().write(*chunks_of(job, sheet(1, 30), 10))
    ask(world, job)
    collected_only(world, job)
    world.conn.execute("DELETE FROM items WHERE id > 100 OR id = 3")
    world.conn.execute("UPDATE items SET name = 'theirs' WHERE id = 4")
    world.conn.execute("VACUUM FULL items")
    die(world)
    with psycopg.connect(world.url, autocommit=True) as conn:
        assert postgres_undo.claim(conn, "next") == job
        batches = UndoBatches(conn, postgres_undo.read_target(conn, job), "next", QUIET)
        done, _ = batches.reverse(22, ABOVE_ALL)
        assert done == BatchCounts(astray=10)
        done, _ = batches.find_astray()
    assert done == BatchCounts(moved=28, kept=1, vanished=1)
    found = world.rows(
        "SELECT sheet_line, row_tid::text FROM sluice.undo_rows WHERE outcome IS NULL ORDER BY 1"
    )
    now = world.rows(
        "SELECT sluice_line, ctid::text FROM items WHERE name <> 'theirs' ORDER BY sluice_line"
    )
    assert found == now
    go_on(world)
    assert counts(world, job) == ("done", 29, 28, 1, 0)


def one_over_the_other(world: World, hand: MakeHand) -> tuple[UUID, UUID]:
    """Import ids 1 to 4, and 3 to 6 over them; somebody else's row 6 is there before."""
    world.conn.execute("INSERT INTO items (id, name) VALUES (6, 'theirs')")
    below = world.new_job()
    above = world.new_job("upsert", replace(ITEMS, keep_replaced=True))
    hand().write(*chunks_of(below, sheet(1, 4), 10))
    hand().write(*chunks_of(above, [(str(id_), "new", "9") for id_ in range(3, 7)], 10))
    return below, above


def test_an_undo_does_not_bring_back_what_another_one_took(world: World, hand: MakeHand) -> None:
    below, above = one_over_the_other(world, hand)
    undo(world, below)
    assert counts(world, below) == ("done", 2, 2, 0, 0)
    undo(world, above)
    assert counts(world, above) == ("done", 4, 2, 0, 2)
    assert stayed(world, above) == [
        (line, "refused", REVIVED, {"id": id_}) for line, id_ in ((2, 3), (3, 4))
    ]
    shown = world.rows("SELECT id, name FROM items ORDER BY id")
    assert shown == [(3, "new"), (4, "new"), (6, "theirs")]


def test_what_an_undo_put_back_is_kept_by_the_undo_of_its_own_import(
    world: World, hand: MakeHand
) -> None:
    """Whether somebody changed it before it was replaced is not known."""
    below, above = one_over_the_other(world, hand)
    undo(world, above)
    assert counts(world, above) == ("done", 4, 4, 0, 0)
    undo(world, below)
    assert counts(world, below) == ("done", 4, 2, 2, 0)
    assert [row[:3] for row in stayed(world, below)] == [(4, "kept", CHANGED), (5, "kept", CHANGED)]

"""Imports are taken back: what goes, what stays and why, and how it is counted."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
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
from services.writer.tests.writer_world import ITEMS, Hand, World, chunks_of, sheet

from import_targets import RECORDS, create_table_sql
from writer.adapters import postgres_undo
from writer.domain.undo import CHANGED, NOT_KEPT, SUPPRESSED

MakeHand = Callable[..., Hand]


def imported(world: World, hand: MakeHand, rows: int = 25, **more: object) -> UUID:
    """Import ids 1 to `rows` (on the lines 2 and on); return the job."""
    job = world.new_job(**more)  # type: ignore[arg-type]
    hand().write(*chunks_of(job, sheet(1, rows), 10))
    return job


def ids(world: World, table: str = "items") -> list[int]:
    return [row[0] for row in world.rows(f"SELECT id FROM {table} ORDER BY id")]


def test_the_rows_of_an_import_go_and_no_others(world: World, hand: MakeHand) -> None:
    other = world.new_job()
    hand().write(*chunks_of(other, sheet(101, 105), 10))
    job = imported(world, hand)
    told = undo(world, job)
    assert ids(world) == [101, 102, 103, 104, 105]
    assert counts(world, job) == ("done", 25, 25, 0, 0)
    assert stayed(world, job) == []
    sums = [(f["batch"], f["total"], f["reversed"], f["done"]) for f in told.facts()]
    assert sums == [(1, 25, 10, False), (2, 25, 20, False), (3, 25, 25, False), (4, 25, 25, True)]
    assert len(set(told.ids())) == 4


def test_rows_of_corrections_go_along_with_their_root(world: World, hand: MakeHand) -> None:
    job = world.new_job()
    hand().write(*chunks_of(job, [("1", "a", "1"), ("x", "b", "2"), ("3", "c", "y")], 2))
    child = world.new_job(root=job)
    hand().write(*chunks_of(child, [("2", "b", "2", "3", None), ("3", "c", "3", "4", None)], 1))
    assert ids(world) == [1, 2, 3]
    world.conn.execute("UPDATE items SET name = 'ours' WHERE id = 3")
    undo(world, job)
    assert ids(world) == [3]
    assert counts(world, job) == ("done", 3, 2, 1, 0)


def test_a_row_that_was_changed_since_is_kept_and_named(world: World, hand: MakeHand) -> None:
    job = imported(world, hand)
    world.conn.execute("UPDATE items SET name = 'ours' WHERE id IN (3, 17)")
    world.conn.execute("DELETE FROM items WHERE id = 5")
    undo(world, job)
    assert ids(world) == [3, 17]
    assert counts(world, job) == ("done", 24, 22, 2, 0)
    assert stayed(world, job) == [
        (4, "kept", CHANGED, {"id": 3}),
        (18, "kept", CHANGED, {"id": 17}),
    ]


def test_a_row_that_is_only_locked_or_vacuumed_is_no_changed_one(
    world: World, hand: MakeHand
) -> None:
    job = imported(world, hand)
    world.conn.execute("SELECT FROM items FOR KEY SHARE")
    world.conn.execute("VACUUM (FREEZE) items")
    undo(world, job)
    assert counts(world, job) == ("done", 25, 25, 0, 0)


def test_what_happens_to_rows_while_they_wait_is_seen(world: World, hand: MakeHand) -> None:
    """Between the collection and its batch a row is changed, another deleted, and all are moved."""
    job = imported(world, hand)
    ask(world, job)
    collected_only(world, job)
    world.conn.execute("UPDATE items SET name = 'ours' WHERE id = 4")
    world.conn.execute("DELETE FROM items WHERE id IN (7, 8)")
    world.conn.execute("VACUUM FULL items")
    go_on(world)
    assert ids(world) == [4]
    assert counts(world, job) == ("done", 23, 22, 1, 0)
    assert stayed(world, job) == [(5, "kept", CHANGED, {"id": 4})]


@pytest.mark.parametrize("referred", [False, True])
def test_a_row_that_took_the_very_place_of_another_is_looked_at_again(
    world: World, hand: MakeHand, *, referred: bool
) -> None:
    """Somebody replaces a row by one of the same job and line, and it gets the same place."""
    if referred:
        world.conn.execute("CREATE TABLE parts (item bigint REFERENCES items)")
    job = imported(world, hand, 5)
    ask(world, job)
    collected_only(world, job)
    place = world.rows("DELETE FROM items WHERE id = 4 RETURNING ctid::text")
    world.conn.execute("VACUUM items")
    again = world.rows("INSERT INTO items VALUES (4, 'ours', 1, %s, 5) RETURNING ctid::text", job)
    assert again == place
    go_on(world)
    assert ids(world) == [4]
    assert counts(world, job) == ("done", 5, 4, 1, 0)


def collected_only(world: World, job: UUID) -> None:
    """Have the rows collected by a worker that dies then."""
    with psycopg.connect(world.url, autocommit=True) as conn:
        assert postgres_undo.claim(conn, "dead") == job
        target = postgres_undo.read_target(conn, job)
        postgres_undo.collect(conn, target, "dead", QUIET)


def test_rows_that_a_foreign_key_holds_are_refused_with_its_name(
    world: World, hand: MakeHand
) -> None:
    world.conn.execute("CREATE TABLE parts (item bigint CONSTRAINT part_of REFERENCES items)")
    job = imported(world, hand)
    world.conn.execute("INSERT INTO parts VALUES (2), (2), (24), (NULL)")
    undo(world, job)
    assert ids(world) == [2, 24]
    assert counts(world, job) == ("done", 25, 23, 0, 2)
    reason = "a row of parts refers to it (part_of)"
    assert stayed(world, job) == [
        (3, "refused", reason, {"id": 2}),
        (25, "refused", reason, {"id": 24}),
    ]


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_no_row_that_others_added_is_deleted_or_changed_along(
    world: World, hand: MakeHand, action: str
) -> None:
    world.conn.execute(
        f"CREATE TABLE parts (item bigint CONSTRAINT part_of REFERENCES items ON DELETE {action},"
        " made text)"
    )
    world.conn.execute(
        "CREATE FUNCTION add_part() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO parts VALUES (NEW.id, 'along'); RETURN NEW; END $$;"
        "CREATE TRIGGER t AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION add_part()"
    )
    job = imported(world, hand)
    world.conn.execute("INSERT INTO parts VALUES (9, 'since')")
    undo(world, job)
    assert ids(world) == [9]
    assert counts(world, job) == ("done", 25, 24, 0, 1)
    left = world.rows("SELECT item, made FROM parts WHERE item IS NOT NULL ORDER BY made")
    assert left == [(9, "along"), (9, "since")]


def test_rows_that_refer_to_one_another_go_in_whatever_batches(
    world: World, hand: MakeHand
) -> None:
    """Chains across batches in both directions, a row that refers to itself, a cycle, and a held
    chain: what refers to a row that stays is refused with it, what it refers to goes."""
    job = imported(world, hand, 40)
    world.conn.execute("ALTER TABLE items ADD parent bigint CONSTRAINT up REFERENCES items")
    world.conn.execute("CREATE TABLE parts (item bigint CONSTRAINT part_of REFERENCES items)")
    with world.conn.transaction():
        world.conn.execute(
            "UPDATE items SET parent = CASE WHEN id BETWEEN 2 AND 20 THEN id - 1"
            " WHEN id BETWEEN 21 AND 29 THEN id + 1 WHEN id = 31 THEN 31"
            " WHEN id = 32 THEN 39 WHEN id = 39 THEN 32 END"
        )
        world.conn.execute(
            "UPDATE sluice.chunks SET xid = pg_current_xact_id() WHERE job_id = %s", [job]
        )
    world.conn.execute("INSERT INTO parts VALUES (15)")
    undo(world, job, batch_rows=5)
    assert ids(world) == list(range(1, 16))
    assert counts(world, job) == ("done", 40, 25, 0, 15)
    reasons = {line - 1: reason for line, _, reason, _ in stayed(world, job)}
    assert reasons[15] == "a row of parts refers to it (part_of)"
    assert reasons[14] == "another row that stays refers to it (up)"


def test_a_reference_that_is_being_made_is_waited_for(world: World, hand: MakeHand) -> None:
    """The check by set and the deletion are one: no reference can slip in between them."""
    world.conn.execute("CREATE TABLE parts (item bigint CONSTRAINT part_of REFERENCES items)")
    job = imported(world, hand)
    ask(world, job)
    with psycopg.connect(world.url) as racing:
        racing.execute("INSERT INTO parts VALUES (6)")
        worker = undo_worker(world.url, Told())
        thread = threading.Thread(target=worker.run)
        thread.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while world.rows(waits) == [(0,)]:
            pass
        racing.commit()
    while counts(world, job)[0] != "done":
        pass
    worker.stop()
    thread.join(30)
    assert ids(world) == [6]
    assert counts(world, job) == ("done", 25, 24, 0, 1)
    reason = "a row of parts refers to it (part_of)"
    assert stayed(world, job) == [(7, "refused", reason, {"id": 6})]


def test_what_a_trigger_refuses_is_found_and_the_rest_goes(world: World, hand: MakeHand) -> None:
    job = imported(world, hand)
    world.conn.execute(
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF OLD.id IN (4, 5, 21) THEN RAISE EXCEPTION 'item is sealed'; END IF;"
        " IF OLD.id = 12 THEN RETURN NULL; END IF; RETURN OLD; END $$;"
        "CREATE TRIGGER guard BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION guard()"
    )
    undo(world, job)
    assert ids(world) == [4, 5, 12, 21]
    assert counts(world, job) == ("done", 25, 21, 0, 4)
    sealed = "the database refuses it: item is sealed"
    assert [(line, reason) for line, _, reason, _ in stayed(world, job)] == [
        (5, sealed), (6, sealed), (13, SUPPRESSED), (22, sealed)
    ]  # fmt: skip


def test_a_trigger_that_hides_rows_instead_ends_the_undo_too(world: World, hand: MakeHand) -> None:
    job = imported(world, hand, 12)
    world.conn.execute("ALTER TABLE items ADD hidden boolean")
    world.conn.execute(
        "CREATE FUNCTION hide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE items SET hidden = true WHERE id = OLD.id; RETURN NULL; END $$;"
        "CREATE TRIGGER hide BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION hide()"
    )
    undo(world, job)
    assert counts(world, job) == ("done", 12, 0, 0, 12)
    assert {reason for _, _, reason, _ in stayed(world, job)} == {SUPPRESSED}


def test_a_copy_that_somebody_made_of_a_row_stays(world: World, hand: MakeHand) -> None:
    job = imported(world, hand, 5)
    world.conn.execute(
        "INSERT INTO items SELECT id + 100, name, amount, sluice_job, sluice_line FROM items"
    )
    undo(world, job)
    assert ids(world) == [101, 102, 103, 104, 105]
    assert counts(world, job) == ("done", 10, 5, 5, 0)


def test_a_table_without_key_is_undone_as_well(world: World, hand: MakeHand) -> None:
    world.conn.execute(create_table_sql(replace(ITEMS, table="bare", key=())))
    job = imported(world, hand, target=replace(ITEMS, table="bare", key=()))
    world.conn.execute("UPDATE bare SET name = 'ours' WHERE id = 3")
    undo(world, job)
    assert ids(world, "bare") == [3]
    assert stayed(world, job) == [(4, "kept", CHANGED, None)]


def test_records_are_undone_as_well(world: World, hand: MakeHand) -> None:
    job = imported(world, hand, target=RECORDS)
    assert world.rows("SELECT count(*) FROM sluice.records") == [(25,)]
    world.conn.execute("UPDATE sluice.records SET data = '{}' WHERE sluice_line = 7")
    undo(world, job)
    assert world.rows("SELECT sluice_line FROM sluice.records") == [(7,)]
    assert counts(world, job) == ("done", 25, 24, 1, 0)


def test_a_partitioned_table_with_awkward_names_in_another_schema(
    world: World, hand: MakeHand
) -> None:
    world.conn.execute(
        'CREATE SCHEMA "My Shop"; CREATE TABLE "My Shop"."Items" ("Id" bigint PRIMARY KEY,'
        ' "full Name" text, amount int, sluice_job uuid, sluice_line int, sluice_replaced int)'
        ' PARTITION BY RANGE ("Id");'
        'CREATE TABLE "My Shop"."Low" PARTITION OF "My Shop"."Items"'
        " FOR VALUES FROM (0) TO (12);"
        'CREATE TABLE "My Shop".high PARTITION OF "My Shop"."Items" DEFAULT;'
        'CREATE TABLE parts (item bigint CONSTRAINT "Part of" REFERENCES "My Shop"."Items",'
        ' low bigint REFERENCES "My Shop"."Low")'
    )
    columns = tuple(
        replace(column, name=name)
        for column, name in zip(ITEMS.columns, ("Id", "full Name", "amount"), strict=True)
    )
    target = replace(ITEMS, table="My Shop.Items", columns=columns, key=("Id",))
    job = imported(world, hand, target=target)
    world.conn.execute("INSERT INTO parts VALUES (20, NULL), (NULL, 2)")
    world.conn.execute('UPDATE "My Shop"."Items" SET amount = 9 WHERE "Id" IN (1, 15)')
    undo(world, job)
    left = world.rows('SELECT "Id" FROM "My Shop"."Items" ORDER BY 1')
    assert [row[0] for row in left] == [1, 2, 15, 20]
    assert counts(world, job) == ("done", 25, 21, 2, 2)
    assert stayed(world, job)[0] == (2, "kept", CHANGED, {"Id": 1})


def test_rows_that_somebody_locks_are_left_for_later_and_the_rest_goes(
    world: World, hand: MakeHand
) -> None:
    job = imported(world, hand)
    with psycopg.connect(world.url) as holder:
        holder.execute("UPDATE items SET name = 'mine' WHERE id = 11")
        undo(world, job, lock_timeout="50ms")
        state, total, done, *_ = counts(world, job)
        assert (state, total) == ("running", 25)
        assert 0 < done < 25
        [(trouble,)] = world.rows("SELECT trouble FROM sluice.undos")
        assert "locked" in trouble
        holder.rollback()
    go_on(world)
    assert counts(world, job) == ("done", 25, 25, 0, 0)
    assert world.rows("SELECT trouble FROM sluice.undos") == [(None,)]


def test_a_table_that_is_gone_is_told_and_tried_again(world: World, hand: MakeHand) -> None:
    job = imported(world, hand)
    world.conn.execute("ALTER TABLE items RENAME TO elsewhere")
    undo(world, job)
    [(trouble, worker, waits)] = world.rows(
        "SELECT trouble, worker, lease_until > now() + interval '20s' FROM sluice.undos"
    )
    assert 'relation "items" does not exist' in trouble
    assert (worker, waits) == (None, True)
    world.conn.execute("ALTER TABLE elsewhere RENAME TO items")
    go_on(world)
    assert counts(world, job) == ("done", 25, 25, 0, 0)


def test_an_upsert_gives_back_what_it_replaced(world: World, hand: MakeHand) -> None:
    """Rows as they were, to the last column; new rows go; a line that a later one of the same file
    took over, by its replaced line; a row that was changed since stays."""
    before = imported(world, hand, 6)
    world.conn.execute("ALTER TABLE items ADD twice int GENERATED ALWAYS AS (amount * 2) STORED")
    world.conn.execute("ALTER TABLE items ADD memo jsonb DEFAULT '{\"a\": [1, null]}'")
    shown = "SELECT * FROM items ORDER BY id"
    old = world.rows(shown)
    job = world.new_job("upsert")
    kept = world.rows("SELECT id, to_jsonb(items) FROM items WHERE id >= 3")
    rows = [(str(id_), f"new {id_}", "9") for id_ in (3, 4, 5, 6, 7, 8, 3)]
    hand().write(*chunks_of(job, rows[:6], 10))
    hand().write(*[c for c in chunks_of(job, rows, 6) if c.meta.chunk_no == 1])
    for id_, row in kept:
        if id_ != 5:
            world.conn.execute(
                "INSERT INTO sluice.replaced_rows VALUES (%s, %s, %s)",
                [job, id_ - 1, psycopg.types.json.Jsonb(row)],
            )
    world.conn.execute("UPDATE items SET name = 'ours' WHERE id = 6")
    undo(world, job)
    assert counts(world, job) == ("done", 6, 4, 1, 1)
    now = world.rows(shown)
    assert [row for row in now if row[0] <= 4] == [row for row in old if row[0] <= 4]
    assert {row[0]: row[1] for row in now if row[0] > 4} == {5: "new 5", 6: "ours"}
    assert [row[:3] for row in stayed(world, job)] == [
        (4, "refused", NOT_KEPT), (5, "kept", CHANGED)
    ]  # fmt: skip
    assert world.rows("SELECT DISTINCT sluice_job FROM items WHERE id <= 4") == [(before,)]


def test_an_old_value_that_the_table_cannot_take_back_is_refused(
    world: World, hand: MakeHand
) -> None:
    imported(world, hand, 3)
    world.conn.execute("ALTER TABLE items ADD CONSTRAINT one_name UNIQUE (name)")
    job = world.new_job("upsert")
    world.conn.execute(
        "INSERT INTO sluice.replaced_rows SELECT %s, id + 1, to_jsonb(items) FROM items", [job]
    )
    hand().write(*chunks_of(job, [(str(k), f"new {k}", "1") for k in (1, 2, 3)], 10))
    world.conn.execute("INSERT INTO items (id, name) VALUES (50, 'n2')")
    undo(world, job)
    assert counts(world, job) == ("done", 3, 2, 0, 1)
    assert stayed(world, job) == [(3, "refused", "the database refuses it (one_name)", {"id": 2})]
    assert world.rows("SELECT name FROM items ORDER BY id") == [
        ("n1",), ("new 2",), ("n3",), ("n2",)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_an_undone_upsert_leaves_the_table_as_it_was(
    world: World, hand: MakeHand, seed: int
) -> None:
    """Whatever lines repeat a key, in whatever order chunks come, however often."""
    rng = random.Random(seed)  # noqa: S311 - draws sheets
    target = replace(ITEMS, keep_replaced=True)
    imported(world, hand, 20)
    shown = (
        "SELECT id, name, amount, sluice_job, sluice_line, sluice_replaced FROM items ORDER BY 1"
    )
    before = world.rows(shown)
    job = world.new_job("upsert", target)
    keys = [rng.randint(1, 40) for _ in range(60)]
    chunks = chunks_of(job, [(str(k), f"new {n}", str(n)) for n, k in enumerate(keys)], 7)
    deliveries = [*chunks, *rng.sample(chunks, 3)]
    rng.shuffle(deliveries)
    writer = hand()
    for chunk in deliveries:
        writer.write(chunk)
    assert {row[0] for row in world.rows(shown)} == {*range(1, 21), *keys}
    undo(world, job, batch_rows=rng.choice([3, 10, 100]))
    assert world.rows(shown) == before
    assert counts(world, job) == ("done", len(set(keys)), len(set(keys)), 0, 0)


def test_what_an_undone_correction_replaced_comes_back_too(world: World, hand: MakeHand) -> None:
    target = replace(ITEMS, keep_replaced=True)
    imported(world, hand, 5)
    shown = "SELECT id, name, amount, sluice_line FROM items ORDER BY 1"
    before = world.rows(shown)
    job = world.new_job("upsert", target)
    hand().write(*chunks_of(job, [("1", "a", "1"), ("2", "b", "bad"), ("9", "c", "bad")], 2))
    child = world.new_job("upsert", target, root=job)
    hand().write(*chunks_of(child, [("2", "b", "2", "3", None), ("9", "c", "3", "4", None)], 1))
    assert [row[:2] for row in world.rows(shown)][:2] == [(1, "a"), (2, "b")]
    undo(world, job)
    assert world.rows(shown) == before
    assert counts(world, job) == ("done", 3, 3, 0, 0)

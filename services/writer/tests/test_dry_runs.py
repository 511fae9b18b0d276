"""A dry run says what the real run would do, and touches nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from services.writer.tests.writer_world import Hand, Row, World, chunk_of, chunks_of

from import_targets import RECORDS
from sluice.errors import Critical
from writer.adapters.postgres_twins import drop_ended_twins

Hands = Callable[..., Hand]

ROWS, CHUNK, KEYS = 240, 20, 150
FAILURES = """SELECT sheet_line, column_letter, code, other_line FROM sluice.rejected_rows
               WHERE job_id = %s ORDER BY 1, error_no"""


def guarded_table(world: World, draw: random.Random) -> None:
    """Give `items` every kind of constraint, and rows that the sheet will meet."""
    for change in (
        "CREATE TABLE kinds (kind text PRIMARY KEY)",
        "INSERT INTO kinds SELECT 'n' || k FROM generate_series(0, 40) AS k",
        "ALTER TABLE items ADD serial_no serial UNIQUE, ADD CHECK (serial_no > 0)",
        "ALTER TABLE items ADD row_no integer GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE items ADD doubled integer GENERATED ALWAYS AS (amount * 2) STORED",
        "ALTER TABLE items ADD FOREIGN KEY (name) REFERENCES kinds NOT VALID",
        "ALTER TABLE items ADD CONSTRAINT small CHECK (amount % 100 < 90)",
        "ALTER TABLE items ALTER name SET NOT NULL",
        "CREATE UNIQUE INDEX ON items (amount)",
    ):
        world.conn.execute(change)
    for key in draw.sample(range(KEYS), 40):
        world.conn.execute(
            "INSERT INTO items (id, name, amount) VALUES (%s, 'n1', %s) ON CONFLICT DO NOTHING",
            [key, draw.randrange(4_000) // 100 * 100 + 7],
        )


def plain_table(world: World, draw: random.Random, unique: str) -> None:
    """Give `items` nothing but unique columns: what a look at the keys is enough for."""
    world.conn.execute(f"CREATE UNIQUE INDEX ON items ({unique})")
    for key in draw.sample(range(KEYS), 40):
        world.conn.execute(
            "INSERT INTO items VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [key, f"n{key}", draw.randrange(4_000)],
        )


def sheet(draw: random.Random) -> list[Row]:
    return [
        (
            draw.choice(["bad", None]) if draw.random() < 0.1 else str(draw.randrange(KEYS)),
            None if draw.random() < 0.05 else f"n{draw.randrange(44)}",
            draw.choice(["x", None]) if draw.random() < 0.1 else str(draw.randrange(4_000)),
        )
        for _ in range(ROWS)
    ]


def everything(world: World) -> list[Any]:
    return [
        world.rows("SELECT * FROM items ORDER BY id"),
        world.rows("SELECT last_value, is_called FROM items_serial_no_seq"),
        world.rows("SELECT last_value, is_called FROM items_row_no_seq"),
    ]


@pytest.mark.parametrize("mode", ["insert", "upsert", "skip_existing"])
@pytest.mark.parametrize("unique", ["amount", "name"])
def test_roads_do_not_change_what_is_told(
    world: World, hand: Hands, unique: str, mode: str
) -> None:
    """Numbers are compared in memory, texts on a stage."""
    draw = random.Random(7)  # noqa: S311 - test data
    plain_table(world, draw, unique)
    rows = sheet(draw)
    dry, real = world.new_job(mode, dry_run=True), world.new_job(mode)
    run(hand, world, dry, rows, 7)
    run(hand, world, real, rows, 7)
    assert world.rows(FAILURES, dry) == world.rows(FAILURES, real)
    assert world.sums(dry) == world.sums(real)


def run(hand: Hands, world: World, job: UUID, rows: list[Row], seed: int) -> None:
    chunks = chunks_of(job, rows, CHUNK)
    random.Random(seed).shuffle(chunks)  # noqa: S311 - a schedule
    writer = hand()
    for k in range(0, len(chunks), 3):
        writer.write(*chunks[k : k + 3])


@pytest.mark.parametrize("mode", ["insert", "upsert", "skip_existing"])
@pytest.mark.parametrize("seed", [1, 2])
def test_its_failures_are_those_of_the_real_run(
    world: World, hand: Hands, seed: int, mode: str
) -> None:
    draw = random.Random(seed)  # noqa: S311 - test data
    guarded_table(world, draw)
    rows = sheet(draw)
    before = everything(world)
    dry, real = world.new_job(mode, dry_run=True), world.new_job(mode)
    run(hand, world, dry, rows, seed)
    assert everything(world) == before
    run(hand, world, real, rows, seed)
    assert everything(world) != before
    assert world.rows(FAILURES, dry) == world.rows(FAILURES, real)
    assert world.sums(dry) == world.sums(real)
    codes = {code for _, _, code, _ in world.rows(FAILURES, real)}
    assert {"NOT_A_NUMBER", "REQUIRED", "CHECK_FAILED", "UNKNOWN_REFERENCE"} <= codes


@pytest.mark.parametrize("mode", ["insert", "upsert", "skip_existing"])
def test_an_index_on_an_expression_is_asked_of_the_real_table(
    world: World, hand: Hands, mode: str
) -> None:
    world.conn.execute("CREATE UNIQUE INDEX ON items (lower(name)) WHERE amount % 2 = 0")
    world.conn.execute("INSERT INTO items VALUES (90, 'A', 2), (91, 'B', 3), (92, 'C', 4)")
    rows: list[Row] = [("1", "a", "2"), ("2", "b", "2"), ("3", "c", "5"), ("92", "c", "8")]
    dry, real = world.new_job(mode, dry_run=True), world.new_job(mode)
    for job in (dry, real):
        hand().write(*chunks_of(job, rows, 4))
    assert world.sums(dry) == world.sums(real)
    assert world.rows(FAILURES, dry) == world.rows(FAILURES, real)


def test_records_are_tried_without_a_row(world: World, hand: Hands) -> None:
    job = world.new_job(target=RECORDS, dry_run=True)
    done = hand().write(*chunks_of(job, [("1", "a", None), ("2", "b", "3")], 1))
    assert done.dry_run
    assert world.sums(job) == (2, 2, 2, 0, 0, 0)
    assert world.rows("SELECT count(*) FROM sluice.records") == [(0,)]


def test_its_table_is_dropped_when_it_has_ended(world: World, hand: Hands) -> None:
    jobs = [world.new_job(dry_run=True) for _ in range(4)]
    for job in jobs:
        hand().write(chunk_of(job, 0, [2], [("1", "a", "1")]))
    for job, status in zip(jobs, ("completed", "failed", "processing"), strict=False):
        world.conn.execute("UPDATE sluice.jobs SET status = %s WHERE job_id = %s", [status, job])
    world.conn.execute("DELETE FROM sluice.jobs WHERE job_id = %s", [jobs[3]])
    assert drop_ended_twins(world.conn) == 2
    left = {f"dry_{job.hex}" for job in jobs[1:3]}
    twins = "SELECT relname FROM pg_class WHERE relnamespace = 'sluice_dry'::regnamespace"
    assert {name for (name,) in world.rows(twins + " AND relkind = 'r'")} == left


def test_a_dry_run_that_lost_its_rows_says_nothing_more(world: World, hand: Hands) -> None:
    job = world.new_job(dry_run=True)
    hand().write(chunk_of(job, 0, [2], [("1", "a", "1")]))
    world.conn.execute(f"TRUNCATE sluice_dry.dry_{job.hex}")
    assert not hand().write(chunk_of(job, 0, [2], [("1", "a", "1")])).chunks[0].is_new
    with pytest.raises(Critical) as failure:
        hand().write(chunk_of(job, 1, [3], [("1", "a", "1")]))
    assert failure.value.code == "DRY_RUN_LOST"


def test_numbered_columns_with_long_names_alike_are_told_apart(world: World, hand: Hands) -> None:
    for name in ("number_of_the_delivery_in_a_year", "number_of_the_delivery_in_a_month"):
        world.conn.execute(f"ALTER TABLE items ADD {name} serial")
    dry = world.new_job(dry_run=True)
    hand().write(chunk_of(dry, 0, [2], [("1", "a", "1")]))
    assert world.sums(dry) == (1, 1, 1, 0, 0, 0)

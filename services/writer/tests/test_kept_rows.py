"""An upsert into a target that keeps what it replaces: what an undo puts back."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from services.writer.tests.writer_world import ITEMS, Hand, World, chunk_of, chunks_of

Hands = Callable[..., Hand]

KEEPING = replace(ITEMS, keep_replaced=True)
KEPT = """SELECT sheet_line, (row->>'id')::int, row->>'name' FROM sluice.replaced_rows
           WHERE job_id = %s ORDER BY 2"""


def test_a_replaced_row_is_kept_under_the_line_that_replaced_it(world: World, hand: Hands) -> None:
    world.conn.execute("INSERT INTO items (id, name, amount) VALUES (1, 'old', 7), (2, 'other', 8)")
    job = world.new_job("upsert", KEEPING)
    hand().write(*chunks_of(job, [("1", "a", "1"), ("5", "b", "1")], 2))
    assert world.rows(KEPT, job) == [(2, 1, "old")]
    hand().write(chunk_of(job, 1, [4, 5], [("1", "later", "2"), ("2", "c", "3")]))
    assert world.rows(KEPT, job) == [(4, 1, "old"), (5, 2, "other")]
    dry = world.new_job("upsert", KEEPING, dry_run=True)
    hand().write(chunk_of(dry, 0, [2], [("2", "d", "3")]))
    assert world.rows(KEPT, dry) == []


def test_every_replaced_row_is_kept_once_whatever_the_order(world: World, hand: Hands) -> None:
    draw = random.Random(5)  # noqa: S311 - a schedule
    world.conn.execute("INSERT INTO items (id, name) SELECT k, 'old' FROM generate_series(0, 99) k")
    job = world.new_job("upsert", KEEPING)
    rows = [(str(draw.randrange(150)), f"n{k}", "1") for k in range(900)]
    chunks = [chunk for chunk in chunks_of(job, rows, 30) for _ in range(2)]
    draw.shuffle(chunks)

    def run(k: int) -> None:
        mine = hand()
        for chunk in chunks[k::3]:
            mine.write(chunk)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    updated = world.rows(
        "SELECT sluice_line, id, 'old' FROM items WHERE sluice_job = %s AND id < 100 ORDER BY 2",
        job,
    )
    assert world.rows(KEPT, job) == updated
    assert world.sums(job)[3] == len(updated)

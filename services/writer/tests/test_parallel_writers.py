"""Several writers at once, chunks shuffled and repeated: the answer is the file's own."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from services.writer.tests.writer_world import Hand, Row, World, chunks_of

from sluice.events.rows_chunked import RowsChunked

Batch = list[RowsChunked]

ROWS, CHUNK, KEYS, WRITERS = 3_000, 50, 800, 3


def sheet(seed: int) -> list[Row]:
    """Keys repeat about four times; one row in twenty is invalid."""
    draw = random.Random(seed)  # noqa: S311 - test data
    return [
        ("bad" if draw.random() < 0.05 else str(draw.randrange(KEYS)), f"n{k}", str(k))
        for k in range(ROWS)
    ]


def in_order(rows: list[Row], mode: str, there: set[int]) -> dict[int, tuple[int, int]]:
    """Return {key: (sheet line, amount)} of our rows, as one sequential pass leaves them."""
    kept: dict[int, tuple[int, int]] = {}
    for k, (key, _, amount) in enumerate(rows):
        if key is None or key == "bad" or amount is None:
            continue
        taken = int(key) in kept or int(key) in there
        if mode == "upsert" or not taken:
            kept[int(key)] = (k + 2, int(amount))
    return kept


def counts_in_order(rows: list[Row], mode: str, there: set[int]) -> tuple[int, ...]:
    """Return (inserted, updated, skipped, failed) of the file: each row counts for one."""
    good = [int(key) for key, _, _ in rows if key not in {"bad", None}]
    keys = set(good)
    inserted, updated = len(keys - there), len(keys & there)
    bad = len(rows) - len(good)
    if mode == "upsert":
        return inserted, updated, len(good) - len(keys), bad
    if mode == "skip_existing":
        return inserted, 0, len(good) - inserted, bad
    return inserted, 0, 0, bad + len(good) - inserted


def deliver(hands: list[Hand], deliveries: list[list[Batch]]) -> None:
    def run(hand: Hand, batches: list[Batch]) -> None:
        for batch in batches:
            hand.write(*batch)

    with ThreadPoolExecutor(len(hands)) as pool:
        list(pool.map(run, hands, deliveries))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("mode", ["insert", "upsert", "skip_existing"])
def test_parallel_writers_equal_the_sequential_answer(
    world: World, hand: Callable[..., Hand], mode: str, seed: int
) -> None:
    """The older line of an upsert was written last, and insert's answer was a matter of timing."""
    draw = random.Random(seed)  # noqa: S311 - a schedule
    rows = sheet(seed)
    there = set(draw.sample(range(KEYS), 100))
    world.conn.cursor().executemany(
        "INSERT INTO items (id, name) VALUES (%s, 'old')", [(key,) for key in there]
    )
    job = world.new_job(mode)
    copies = [chunk for chunk in chunks_of(job, rows, CHUNK) for _ in range(draw.randint(1, 3))]
    draw.shuffle(copies)
    batches: list[Batch] = []
    while copies:
        taken = {c.meta.chunk_no: c for c in (copies.pop() for _ in range(min(5, len(copies))))}
        batches.append(list(taken.values()))
    deliver([hand() for _ in range(WRITERS)], [batches[k::WRITERS] for k in range(WRITERS)])

    ours = world.rows("SELECT id, sluice_line, amount FROM items WHERE sluice_job = %s", job)
    assert {key: (line, amount) for key, line, amount in ours} == in_order(rows, mode, there)
    counts = counts_in_order(rows, mode, there)
    assert world.sums(job) == (ROWS // CHUNK, ROWS, *counts)
    rejected = world.rows("SELECT count(*), count(DISTINCT sheet_line) FROM sluice.rejected_lines")
    assert rejected == [(counts[3], counts[3])]
    per_chunk = """SELECT count(*) FROM sluice.chunks c WHERE failed <>
        (SELECT count(*) FROM sluice.rejected_lines r
          WHERE r.job_id = c.job_id AND r.chunk_no = c.chunk_no)"""
    assert world.rows(per_chunk) == [(0,)]

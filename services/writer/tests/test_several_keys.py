"""A table with two unique sets: the answer is the file's own, however its rows are cut."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from services.writer.tests.writer_world import ITEMS, Hand, Row, World, chunks_of

Hands = Callable[..., Hand]
OWN_ROWS = "SELECT id, name, sluice_line FROM items WHERE sluice_job = %s ORDER BY sluice_line"
LOST = "SELECT sheet_line, message FROM sluice.rejected_rows WHERE job_id = %s ORDER BY 1"


@pytest.fixture
def named(world: World) -> World:
    """Each id and each name once; there are ids 1 to 3 and the name 'old'."""
    world.conn.execute("CREATE UNIQUE INDEX ON items (name)")
    world.conn.execute("INSERT INTO items (id, name) VALUES (1, 'old'), (2, 'o2'), (3, 'o3')")
    return world


def in_order(rows: Sequence[Row]) -> list[tuple[int, str, int]]:
    """Return what one line at a time leaves of a sheet."""
    ids, names = {1, 2, 3}, {"old", "o2", "o3"}
    kept = []
    for at, (text, name, _) in enumerate(rows):
        if text and name and int(text) not in ids and name not in names:
            ids.add(int(text))
            names.add(name)
            kept.append((int(text), name, at + 2))
    return kept


@pytest.mark.parametrize("mode", ["insert", "skip_existing"])
@pytest.mark.parametrize("size", [1, 2])
def test_a_line_gets_what_a_loser_before_it_could_not_have(
    named: World, hand: Hands, mode: str, size: int
) -> None:
    """In one batch it gave way to a line that the table refused; in two it was written."""
    rows = [("1", "e", "1"), ("2", "o2", "1"), ("4", "e", "1"), ("5", "e", "1")]
    job = named.new_job(mode)
    chunks = chunks_of(job, rows, 2)
    writer = hand()
    for start in range(0, len(chunks), size):
        writer.write(*chunks[start : start + size])
    assert named.rows(OWN_ROWS, job) == [(4, "e", 4)]
    lost = (0, 0, 3) if mode == "insert" else (0, 3, 0)
    assert named.sums(job) == (2, 4, 1, *lost)


def test_a_dry_run_in_one_batch_tells_what_two_batches_write(named: World, hand: Hands) -> None:
    rows = [("1", "e", "1"), ("9", "e", "1")]
    dry, real = named.new_job("skip_existing", dry_run=True), named.new_job("skip_existing")
    hand().write(*chunks_of(dry, rows, 1))
    writer = hand()
    for chunk in chunks_of(real, rows, 1):
        writer.write(chunk)
    assert named.sums(dry) == named.sums(real) == (2, 2, 1, 0, 1, 0)


def test_one_line_takes_the_places_of_two(named: World, hand: Hands) -> None:
    """The database refused it: the one row it was to become had the other's value."""
    job = named.new_job()
    first, second, third = chunks_of(job, [("7", "z", "1"), ("7", "q", "1"), ("9", "z", "1")], 1)
    writer = hand()
    for chunk in (second, third, first):
        writer.write(chunk)
    assert named.rows(OWN_ROWS, job) == [(7, "z", 2)]
    assert named.rows(LOST, job) == [
        (3, "id: also on row 2, and the first of them is kept"),
        (4, "name: also on row 2, and the first of them is kept"),
    ]
    assert named.sums(job) == (3, 3, 1, 0, 0, 2)


def test_a_freed_value_is_had_in_the_same_batch(named: World, hand: Hands) -> None:
    """Line 3 has line 4's id and makes it go; line 5 has line 4's name, and now nobody has."""
    job = named.new_job()
    rows = [("8", "x", "1"), ("7", "y", "1"), ("7", "z", "1"), ("9", "z", "1")]
    chunks = chunks_of(job, rows, 1)
    writer = hand()
    writer.write(chunks[2])
    writer.write(chunks[0], chunks[1], chunks[3])
    assert named.rows(OWN_ROWS, job) == in_order(rows)
    assert named.sums(job) == (4, 4, 3, 0, 0, 1)


def test_an_upsert_says_that_a_later_line_was_written_first(named: World, hand: Hands) -> None:
    """It was told that the first of both is kept, which was itself."""
    job = named.new_job("upsert")
    first, second = chunks_of(job, [("7", "z", "1"), ("9", "z", "1")], 1)
    writer = hand()
    writer.write(second)
    writer.write(first)
    assert named.rows(OWN_ROWS, job) == [(9, "z", 3)]
    assert named.rows(LOST, job) == [(2, "name: also on row 3, which was written first")]


@pytest.mark.parametrize("lineage", [True, False])
def test_one_batch_and_one_chunk_at_a_time_give_the_sequential_answer(
    named: World, hand: Hands, lineage: bool
) -> None:
    draw = random.Random(5)  # noqa: S311 - test data
    writer, target = hand(), replace(ITEMS, lineage=lineage)
    for ids, names in [(20, 20), (60, 12), (12, 60), (20, 20), (30, 30)]:
        rows: list[Row] = [
            (str(draw.randrange(ids)), draw.choice(["old", f"n{draw.randrange(names)}"]), "1")
            for _ in range(60)
        ]
        expected = sorted((key, name) for key, name, _ in in_order(rows))
        for size, mode in ((10, "insert"), (1, "skip_existing"), (3, "insert")):
            job = named.new_job(mode, target)
            chunks = chunks_of(job, rows, 6)
            for start in range(0, len(chunks), size):
                writer.write(*chunks[start : start + size])
            ours = "DELETE FROM items WHERE name LIKE 'n%%' RETURNING id, name"
            assert sorted(named.rows(ours)) == expected
            counts = named.sums(job)
            assert (counts[2], sum(counts[2:])) == (len(expected), 60)


def test_counts_are_the_rows_in_whatever_order_chunks_come(named: World, hand: Hands) -> None:
    """Shuffled, a line that lost to one that goes later stays lost; counts and rows agree."""
    draw = random.Random(5)  # noqa: S311 - test data
    writer = hand()
    for _ in range(6):
        rows: list[Row] = [
            (str(4 + draw.randrange(30)), f"n{draw.randrange(20)}", "1") for _ in range(60)
        ]
        job = named.new_job()
        chunks = chunks_of(job, rows, 3)
        draw.shuffle(chunks)
        for start in range(0, len(chunks), 2):
            writer.write(*chunks[start : start + 2])
        written = {line for _, _, line in named.rows(OWN_ROWS, job)}
        rejected = {line for line, _ in named.rows(LOST, job)}
        assert (written | rejected, written & rejected) == (set(range(2, 62)), set())
        assert named.sums(job) == (20, 60, len(written), 0, 0, len(rejected))
        named.conn.execute("DELETE FROM items WHERE sluice_job IS NOT NULL")

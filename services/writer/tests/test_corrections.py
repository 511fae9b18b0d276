"""A corrected file heals lines of its root: each once, whoever brings them, however often."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from services.writer.tests.writer_world import Hand, Row, World, chunk_of, chunks_of

from sluice.corrections import neutralised
from sluice.events.rows_chunked import RowsChunked

Hands = Callable[..., Hand]

ERRORS = """SELECT sheet_line, code, root_line FROM sluice.rejected_rows
             WHERE job_id = %s ORDER BY 1, error_no"""
OPEN = "SELECT sheet_line FROM sluice.rejected_lines WHERE job_id = %s AND healed_by IS NULL"
HEALED = "SELECT sum(inserted + updated + skipped) FROM sluice.chunks WHERE job_id = %s"


def open_lines(world: World, root: UUID) -> list[int]:
    return sorted(line for (line,) in world.rows(OPEN, root))


def failed_root(world: World, hand: Hands, mode: str = "insert") -> UUID:
    """Lines 2 and 5 are written; 3, 4, 6 and 7 are rejected."""
    root = world.new_job(mode)
    rows = [("1", "a", "1"), ("x", "b", "2"), ("3", "c", "y"), ("4", "d", "4"), ("z", "e", "q")]
    hand().write(*chunks_of(root, [*rows, ("w", "f", "6")], 4))
    return root


def test_a_correction_writes_the_rows_that_its_root_rejected(world: World, hand: Hands) -> None:
    root = failed_root(world, hand)
    child = world.new_job(root=root)
    rows: list[Row] = [
        ("2", neutralised("=b"), "2", "3", "id: not a number"),
        ("3", "c", "still bad", "4", None),
        ("6", "z", "6", "99", None),
        ("7", "z", "7", None, None),
        ("5", "e", "5", " 6 ", None),
        ("55", "e", "5", "6", None),
        ("1", "doubled", "5", "7", None),
    ]
    done = hand().write(*chunks_of(child, rows, 3))
    assert world.rows(
        "SELECT id, name, sluice_line FROM items WHERE sluice_job = %s ORDER BY 1", root
    ) == [(1, "a", 2), (2, "=b", 3), (4, "d", 5), (5, "e", 6)]
    assert world.rows(ERRORS, child) == [
        (3, "NOT_A_NUMBER", 4),
        (4, "LINE_UNKNOWN", 99),
        (5, "LINE_UNKNOWN", None),
        (7, "LINE_REPEATED", 6),
        (8, "DUPLICATE_KEY", 7),
    ]
    assert world.sums(child) == (3, 7, 2, 0, 0, 5)
    assert [line.line for chunk in done.chunks for line in chunk.rejected] == [3, 4, 5, 7, 8]
    assert open_lines(world, root) == [4, 7]
    assert world.rows(ERRORS, root) == [(4, "NOT_A_NUMBER", None), (7, "DUPLICATE_KEY", None)]
    kept = """SELECT sheet_line, chunk_no, column_letter, value, message, cells
                FROM sluice.rejected_rows WHERE job_id = %s ORDER BY 1"""
    first, last = world.rows(kept, root)
    assert first[:4] == (4, 0, "C", "still bad")
    assert first[5] == ["3", "c", "still bad"]
    assert last[:3] == (7, 1, "A")
    assert last[4] == "id: also on row 2, and the first of them is kept"
    (message,) = world.rows(
        "SELECT message FROM sluice.rejected_rows WHERE job_id = %s AND sheet_line = 8", child
    )[0]
    assert message == ("id: also on row 2 of the corrected import, and the first of them is kept")


def test_what_is_healed_is_not_healed_again(world: World, hand: Hands) -> None:
    root = failed_root(world, hand)
    first, second = world.new_job(root=root), world.new_job(root=root)
    rows: list[Row] = [("2", "b", "2", "3", None), ("x", "c", "3", "4", None)]
    chunk = chunk_of(first, 0, [2, 3], rows)
    hand().write(chunk)
    again = hand().write(chunk)
    assert [c.is_new for c in again.chunks] == [False]
    hand().write(chunk_of(second, 0, [2, 3], [rows[0], ("3", "c", "3", "4", None)]))
    assert world.rows(ERRORS, second) == [(2, "LINE_ALREADY_WRITTEN", 3)]
    assert world.sums(second) == (1, 2, 1, 0, 0, 1)
    hand().write(chunk_of(first, 1, [4], [rows[0]]))
    assert world.rows(ERRORS, first)[-1] == (4, "LINE_REPEATED", 3)
    assert open_lines(world, root) == [6, 7]


def test_a_root_that_was_undone_or_cancelled_gets_no_row(world: World, hand: Hands) -> None:
    root = failed_root(world, hand)
    child = world.new_job(root=root)
    chunk = chunk_of(child, 0, [2], [("2", "b", "2", "3", None)])
    world.conn.execute("UPDATE sluice.jobs SET status = 'cancelled' WHERE job_id = %s", [root])
    assert hand().write(chunk).skipped == "its root is undone or cancelled"
    world.conn.execute("UPDATE sluice.jobs SET status = 'completed' WHERE job_id = %s", [root])
    world.conn.execute(
        "INSERT INTO sluice.undos (job_id, requested_by) VALUES (%s, %s)", [root, root]
    )
    assert hand().write(chunk).skipped == "its root is undone or cancelled"
    assert hand().write(chunk_of(root, 9, [90], [("9", "a", "1")])).skipped == "undone"
    assert world.sums(child)[0] == 0
    assert len(open_lines(world, root)) == 4


def test_a_healed_line_takes_the_place_of_a_later_line_of_its_root(
    world: World, hand: Hands
) -> None:
    root = failed_root(world, hand)
    child = world.new_job(root=root)
    hand().write(chunk_of(child, 0, [2], [("4", "first", "1", "3", None)]))
    assert world.rows("SELECT name, sluice_line FROM items WHERE id = 4") == [("first", 3)]
    assert world.sums(child) == (1, 1, 0, 0, 0, 1)
    assert world.rows(ERRORS, child) == [(2, "DUPLICATE_KEY", 5)]
    assert open_lines(world, root) == [4, 5, 6, 7]
    assert world.rows(
        "SELECT chunk_no, other_line, cells FROM sluice.rejected_rows "
        "WHERE job_id = %s AND sheet_line = 5",
        root,
    ) == [(0, 3, ["4", "d", "4"])]
    later = world.new_job(root=root)
    hand().write(chunk_of(later, 0, [2], [("44", "d", "4", "5", None)]))
    assert open_lines(world, root) == [4, 6, 7]


def test_a_retried_line_takes_the_place_of_a_later_one_that_was_healed(
    world: World, hand: Hands
) -> None:
    """The line is rejected again, and was for good: its chunk ended as a dead letter each time."""
    root = world.new_job()
    rows = [("1", "a", "1"), ("3", "first", "1"), ("x", "bad", "1"), ("9", "b", "1")]
    dead, written = chunks_of(root, rows, 2)
    hand().write(written)
    child = world.new_job(root=root)
    hand().write(chunk_of(child, 0, [2], [("3", "healed", "1", "4", None)]))
    assert open_lines(world, root) == []
    hand().write(dead)
    assert world.rows("SELECT name, sluice_line FROM items WHERE id = 3") == [("first", 3)]
    assert world.rows("SELECT sheet_line, chunk_no, healed_by FROM sluice.rejected_lines") == [
        (4, 0, None)
    ]
    assert world.rows(ERRORS, root) == [(4, "DUPLICATE_KEY", None)]
    assert world.sums(root) == (2, 4, 2, 0, 0, 2)


@pytest.mark.parametrize("mode", ["upsert", "skip_existing"])
def test_other_modes_decide_by_the_lines_of_the_root(world: World, hand: Hands, mode: str) -> None:
    root = failed_root(world, hand, mode)
    child = world.new_job(mode, root=root)
    rows: list[Row] = [("1", "later", "1", "6", None), ("4", "sooner", "1", "3", None)]
    hand().write(chunk_of(child, 0, [2, 3], rows))
    names = [("later", 6), ("d", 5)] if mode == "upsert" else [("a", 2), ("sooner", 3)]
    assert world.rows("SELECT name, sluice_line FROM items ORDER BY id") == names
    assert world.sums(child) == (1, 2, 0, 0, 2, 0)
    assert open_lines(world, root) == [4, 7]


ROWS, CHUNK, WRITERS = 1_200, 40, 3


def deliver(hand: Hands, deliveries: list[RowsChunked]) -> None:
    def run(k: int) -> None:
        mine = hand()
        for chunk in deliveries[k::WRITERS]:
            mine.write(chunk)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(run, range(WRITERS)))


@pytest.mark.parametrize(("seed", "mode"), [(1, "insert"), (2, "upsert"), (3, "skip_existing")])
def test_every_line_is_written_once_and_the_counts_add_up(
    world: World, hand: Hands, seed: int, mode: str
) -> None:
    """Two uploads of one corrected file and copies of the root's chunks, all at once."""
    draw = random.Random(seed)  # noqa: S311 - a schedule
    root = world.new_job(mode)
    sheet = [(str(k) if draw.random() < 0.6 else "bad", f"n{k}", str(k)) for k in range(ROWS)]
    root_chunks = chunks_of(root, sheet, CHUNK)
    writer = hand()
    for chunk in root_chunks:
        writer.write(chunk)
    bad = open_lines(world, root)
    still_bad = set(draw.sample(bad, len(bad) // 10))
    fixed: list[Row] = [
        ("bad" if line in still_bad else str(line - 2), f"n{line - 2}", "1", str(line), None)
        for line in bad
    ]
    draw.shuffle(fixed)
    children = [world.new_job(mode, root=root) for _ in range(2)]
    deliveries: list[RowsChunked] = [
        chunk for child in children for chunk in chunks_of(child, fixed, CHUNK) for _ in range(2)
    ]
    deliveries += draw.sample(root_chunks, 10)
    draw.shuffle(deliveries)

    deliver(hand, deliveries)
    written = world.rows("SELECT id, sluice_line FROM items WHERE sluice_job = %s", root)
    lines = set(range(2, ROWS + 2)) - still_bad
    assert sorted(written) == [(line - 2, line) for line in sorted(lines)]
    assert open_lines(world, root) == sorted(still_bad)
    healed = sum(world.rows(HEALED, child)[0][0] for child in children)
    assert healed == len(bad) - len(still_bad)
    assert world.sums(root)[5] - healed == len(still_bad)
    for child in children:
        assert world.sums(child)[:2] == (-(-len(fixed) // CHUNK), len(fixed))
        counted = world.rows("SELECT count(*) FROM sluice.rejected_lines WHERE job_id = %s", child)
        assert world.sums(child)[5] == counted[0][0]
    stored = world.rows(
        "SELECT DISTINCT sheet_line FROM sluice.rejected_rows WHERE job_id = %s", root
    )
    assert sorted(stored) == [(line,) for line in sorted(still_bad)]

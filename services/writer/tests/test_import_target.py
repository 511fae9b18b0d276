"""The built-in target and targets of which a sheet feeds only a part."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from services.writer.tests.writer_world import Hand, Row, World, chunks_of

from import_targets import RECORDS, TargetColumn, TargetDefinition
from sluice.errors import Critical

Hands = Callable[..., Hand]


def test_any_sheet_becomes_records(world: World, hand: Hands) -> None:
    job = world.new_job(target=RECORDS)
    writer = hand()
    chunks = chunks_of(job, [("1", "a", None), ("1", 'q"', "é")], 1)
    writer.write(*chunks)
    writer.write(*chunks)
    assert world.rows("SELECT sluice_line, data FROM sluice.records ORDER BY 1") == [
        (2, {"id": "1", "name": "a"}),
        (3, {"id": "1", "name": 'q"', "amount": "é"}),
    ]


def test_a_table_without_lineage_takes_every_mode(world: World, hand: Hands) -> None:
    bare = TargetDefinition(
        name="bare",
        kind="typed",
        table="bare",
        columns=(TargetColumn(name="id", type="bigint"), TargetColumn(name="name", type="text")),
        key=("id",),
        lineage=False,
    )
    world.conn.execute("CREATE TABLE bare (id bigint PRIMARY KEY, name text)")
    rows = [("1", "a"), ("2", "b"), ("2", "c")]
    expected = {
        "insert": ((1, 3, 1, 0, 0, 2), [(1, "old"), (2, "b")]),
        "skip_existing": ((1, 3, 1, 0, 2, 0), [(1, "old"), (2, "b")]),
        "upsert": ((1, 3, 1, 1, 1, 0), [(1, "a"), (2, "c")]),
    }
    for mode, (sums, content) in expected.items():
        world.conn.execute("TRUNCATE bare")
        world.conn.execute("INSERT INTO bare VALUES (1, 'old')")
        job = world.new_job(mode, bare)
        hand().write(*chunks_of(job, rows, 3))
        assert world.sums(job) == sums, mode
        assert world.rows("SELECT id, name FROM bare ORDER BY id") == content, mode


def test_rows_without_lineage_are_told_apart_by_what_is_not_empty(
    world: World, hand: Hands
) -> None:
    """A row without e-mail address was inserted, and rejected too: NULL is equal to nothing."""
    bare = TargetDefinition(
        name="bare",
        kind="typed",
        table="bare",
        columns=tuple(TargetColumn(name=name, type="text") for name in ("email", "phone", "note")),
        lineage=False,
    )
    world.conn.execute(
        """CREATE TABLE bare (number serial PRIMARY KEY, email text UNIQUE, phone text UNIQUE,
                              note text CHECK (note <> 'bad'))"""
    )
    world.conn.execute("INSERT INTO bare (phone) VALUES ('7')")
    job = world.new_job(target=bare)
    rows: list[Row] = [
        (None, None, "a"),
        ("x", None, "b"),
        ("x", "1", "c"),
        (None, "7", "d"),
        (None, "8", "e"),
        ("y", "9", "bad"),
    ]
    hand().write(*chunks_of(job, rows, 6))
    assert world.rows("SELECT note FROM bare WHERE note IS NOT NULL ORDER BY 1") == [
        ("a",),
        ("b",),
        ("e",),
    ]
    assert world.rows("SELECT sheet_line, code FROM sluice.rejected_rows ORDER BY 1") == [
        (4, "DUPLICATE_KEY"),
        (5, "DUPLICATE_KEY"),
        (7, "CHECK_FAILED"),
    ]
    assert world.sums(job) == (1, 6, 3, 0, 0, 3)


def test_rows_that_cannot_be_told_apart_fail_their_job(world: World, hand: Hands) -> None:
    bare = TargetDefinition(
        name="bare",
        kind="typed",
        table="bare",
        columns=(TargetColumn(name="email", type="text"), TargetColumn(name="note", type="text")),
        lineage=False,
    )
    world.conn.execute("CREATE TABLE bare (email text, note text CHECK (note <> 'bad'))")
    world.conn.execute("CREATE UNIQUE INDEX ON bare (lower(email))")
    job = world.new_job(target=bare)
    rows: list[Row] = [("a", "1"), ("A", "2"), ("b", "3"), ("c", "bad")]
    with pytest.raises(Critical, match="allow lineage in the target"):
        hand().write(*chunks_of(job, rows, 4))
    assert world.rows("SELECT count(*) FROM bare") == [(0,)]

"""The built-in target and targets of which a sheet feeds only a part."""

from __future__ import annotations

from collections.abc import Callable

from services.writer.tests.writer_world import Hand, World, chunks_of

from import_targets import RECORDS, TargetColumn, TargetDefinition

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

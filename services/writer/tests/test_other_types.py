"""Tables whose column types are not their targets': what is equal is the table's matter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from services.writer.tests.writer_world import Hand, Row, World, chunk_of

from import_targets import TargetColumn, TargetDefinition

Hands = Callable[..., Hand]


def keyed_by(type_name: str) -> TargetDefinition:
    columns = (
        TargetColumn(name="k", type=type_name, required=True),
        TargetColumn(name="v", type="text"),
    )
    return TargetDefinition(name="t", kind="typed", table="t", columns=columns, key=("k",))


def table_keyed_by(world: World, type_name: str) -> None:
    world.conn.execute(
        f"""CREATE TABLE t (k {type_name} PRIMARY KEY, v text, sluice_job uuid, sluice_line integer,
                            sluice_replaced integer)"""
    )


@pytest.mark.parametrize(
    ("type_name", "in_table", "held", "cells"),
    [
        ("numeric(12,2)", "numeric", "1.2345", ("1.00", "1.50")),
        ("bigint", "numeric", "5.5", ("5", "6")),
        ("bigint", "text", "5", ("5", "6")),
        ("date", "timestamp", "2024-01-02 10:00:00", ("2024-01-02", "2024-01-03")),
        ("timestamp", "timestamptz", "2024-01-02 00:00:00", ("2024-01-02", "2024-01-03")),
        ("bigint", "integer", "5", ("5", "6")),
    ],
)
def test_a_look_at_the_keys_meets_values_of_another_type(
    world: World, hand: Hands, type_name: str, in_table: str, held: str, cells: tuple[str, str]
) -> None:
    """The table's values were pressed into the target's type, and its batches were dead letters."""
    table_keyed_by(world, in_table)
    world.conn.execute("INSERT INTO t (k) VALUES (%s)", [held])
    job = world.new_job("skip_existing", keyed_by(type_name))
    taken = world.rows(f"SELECT count(*) FROM t WHERE k IN ('{cells[0]}', '{cells[1]}')")[0][0]
    hand().write(chunk_of(job, 0, [2, 3], [(cell, "new") for cell in cells]))
    assert world.sums(job) == (1, 2, 2 - taken, 0, taken, 0)
    assert world.rows("SELECT count(*) FROM t") == [(3 - taken,)]


@pytest.mark.parametrize(
    ("mode", "sums", "left"),
    [
        ("insert", (1, 3, 2, 0, 0, 1), "a"),
        ("upsert", (1, 3, 2, 0, 1, 0), "b"),
        ("skip_existing", (1, 3, 2, 0, 1, 0), "a"),
    ],
)
def test_keys_that_the_table_rounds_to_one_are_one(
    world: World, hand: Hands, mode: str, sums: tuple[int, ...], left: str
) -> None:
    table_keyed_by(world, "numeric(12,2)")
    job = world.new_job(mode, keyed_by("numeric(12,4)"))
    rows: list[Row] = [("1.001", "a"), ("1.002", "b"), ("2", "c")]
    hand().write(chunk_of(job, 0, [2, 3, 4], rows))
    assert world.sums(job) == sums
    assert world.rows("SELECT k::text, v FROM t ORDER BY k") == [("1.00", left), ("2.00", "c")]

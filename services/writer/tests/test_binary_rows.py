"""Rows go to a table in binary, and are there what their text would have been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from services.writer.tests.binary_columns import COLUMNS, ROWS, as_table, fields_of
from services.writer.tests.writer_world import ITEMS, Hand, World, batch_of, chunk_of, sheet

from import_targets import TargetColumn
from writer.adapters.binary_rows import HEADER, TRAILER, binary_rows, is_binary_type
from writer.adapters.compiled_rows import ENCODE
from writer.adapters.postgres_rows import copy_rows

if TYPE_CHECKING:
    from writer.adapters.compiled_rows import Encode

JOB = UUID("0198a5d0-0000-7000-8000-00000000f00d")
ENCODERS = [
    pytest.param(None, id="arrow"),
    pytest.param(
        ENCODE,
        id="compiled",
        marks=pytest.mark.skipif(ENCODE is None, reason="the compiled encoder is not installed"),
    ),
]


@pytest.fixture
def twins(world: World) -> World:
    """Two tables of the same columns."""
    columns = ", ".join(f"{name} {kind}" for name, (_, kind) in COLUMNS.items())
    for table in ("by_text", "in_binary"):
        world.conn.execute(f"CREATE TEMP TABLE {table} (job uuid, {columns})")
    return world


@pytest.mark.parametrize("encode", ENCODERS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS, st.integers(0, 2))
def test_a_binary_copy_stores_what_the_text_would_have(
    twins: World, encode: Encode | None, rows: list[dict[str, Any]], skipped: int
) -> None:
    """Also of a slice, whose buffers begin before it."""
    table = as_table(rows).slice(min(skipped, len(rows) - 1))
    twins.conn.execute("TRUNCATE by_text, in_binary")
    with_job = table.append_column("job", pa.repeat(pa.scalar(str(JOB)), table.num_rows))
    copy_rows(twins.conn, sql.Identifier("by_text"), with_job, ["job", *COLUMNS])
    data = binary_rows(fields_of(table), JOB, encode)
    command = f"COPY in_binary (job, {', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)"
    with twins.conn.cursor() as cursor, cursor.copy(command) as copy:
        copy.write(HEADER + bytes(data) + TRAILER)
    sent = twins.rows("SELECT * FROM in_binary")
    assert len(sent) == table.num_rows
    assert sent == twins.rows("SELECT * FROM by_text")
    # Not only equal: a numeric shows as many decimals
    assert twins.rows("SELECT price::text, fine::text, loose::text FROM in_binary") == twins.rows(
        "SELECT price::text, fine::text, loose::text FROM by_text"
    )


@pytest.mark.parametrize(
    ("arrow_type", "table_type"),
    [
        (pa.int64(), "numeric"),
        (pa.int64(), "text"),
        (pa.date32(), "timestamp without time zone"),
        (pa.timestamp("us"), "timestamp with time zone"),
        (pa.timestamp("us"), "timestamp(0) without time zone"),
        (pa.float64(), "real"),
        (pa.string(), "character(3)"),
        (pa.string(), "citext"),
        (pa.decimal128(12, 2), "money"),
    ],
)
def test_a_type_that_the_server_casts_to_gets_text(
    arrow_type: pa.DataType, table_type: str
) -> None:
    assert not is_binary_type(arrow_type, table_type)


@pytest.mark.parametrize("encode", ENCODERS)
@pytest.mark.parametrize(
    ("value", "arrow_type", "table_type"),
    [
        (2**40, pa.int64(), "integer"),
        (-(2**31) - 1, pa.int64(), "integer"),
        (2**15, pa.int32(), "smallint"),
        (-(2**31), pa.date32(), "date"),
        (-(2**63), pa.timestamp("us"), "timestamp without time zone"),
        (Decimal(10**18), pa.decimal128(30, 0), "numeric(30,0)"),
        (Decimal(-(10**20)), pa.decimal128(38, 2), "numeric"),
    ],
)
def test_a_value_that_is_too_large_is_refused_beforehand(
    value: int | Decimal, arrow_type: pa.DataType, table_type: str, encode: Encode | None
) -> None:
    """The table shall say so of its text, or take it as such."""
    with pytest.raises(pa.ArrowInvalid):
        binary_rows([(pa.array([value], arrow_type), table_type)], None, encode)


def test_rows_for_a_table_altered_since_are_made_anew(
    world: World, hand: Callable[..., Hand]
) -> None:
    """A date has the bytes of an integer: the COPY itself would notice nothing."""
    columns = (*ITEMS.columns, TargetColumn(name="day", type="date"))
    world.conn.execute("ALTER TABLE items ADD day date")
    job = world.new_job(target=replace(ITEMS, columns=columns))
    writer = hand().writer
    rows = [(id_, name, amount, "2024-05-31") for id_, name, amount in sheet(1, 3)]
    batch = writer.prepare(batch_of([chunk_of(job, 0, [2, 3, 4], rows)]))
    assert batch is not None
    assert batch.encoded is not None
    assert batch.encoded.types["day"] == "date"
    world.conn.execute("ALTER TABLE items ALTER day TYPE integer USING NULL")
    done = writer.write(batch)
    assert world.sums(job)[5] == 3  # A day is no number: the table, asked again, refuses each row
    assert not world.rows("SELECT * FROM items")
    assert len(done.chunks) == 1

"""Rows go to a table in binary, and are there what their text would have been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from services.writer.tests.writer_world import ITEMS, Hand, World, batch_of, chunk_of, sheet

from import_targets import TargetColumn
from writer.adapters.binary_rows import HEADER, TRAILER, binary_rows, is_binary_type
from writer.adapters.postgres_rows import copy_rows

JOB = UUID("0198a5d0-0000-7000-8000-00000000f00d")
COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "small": (pa.int64(), "smallint"),
    "whole": (pa.int64(), "integer"),
    "big": (pa.int64(), "bigint"),
    "price": (pa.decimal128(12, 2), "numeric(12,2)"),
    "loose": (pa.decimal128(12, 2), "numeric"),
    "fine": (pa.decimal128(18, 7), "numeric(18,7)"),
    "share": (pa.decimal128(3, 3), "numeric(3,3)"),
    "wide": (pa.decimal128(30, 4), "numeric(30,4)"),
    "units": (pa.decimal128(18, 0), "numeric(18,0)"),
    "rate": (pa.float64(), "double precision"),
    "flag": (pa.bool_(), "boolean"),
    "day": (pa.date32(), "date"),
    "moment": (pa.timestamp("us"), "timestamp without time zone"),
    "name": (pa.string(), "text"),
    "short": (pa.string(), "character varying(40)"),
    "data": (pa.string(), "jsonb"),
}


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    top = 10**precision - 1
    return st.integers(-top, top).map(lambda n: Decimal(n).scaleb(-scale))


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "small": st.integers(-(2**15), 2**15 - 1),
    "whole": st.integers(-(2**31), 2**31 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "price": decimals(12, 2),
    "loose": decimals(12, 2),
    "fine": decimals(18, 7),
    "share": decimals(3, 3),
    "wide": decimals(18, 4),
    "units": decimals(18, 0),
    "rate": st.floats(allow_nan=False, allow_infinity=False),
    "flag": st.booleans(),
    "day": st.dates(date(1, 1, 1), date(9999, 12, 31)),
    "moment": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),  # noqa: DTZ001 - no zone
    "name": TEXTS,
    "short": TEXTS,
    "data": st.integers(0, 9).map(lambda n: f'{{"n": {n}}}'),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | value for name, value in VALUES.items()}),
    min_size=1,
    max_size=8,
)


def as_table(rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(name, arrow_type) for name, (arrow_type, _) in COLUMNS.items()])
    return pa.Table.from_pylist(rows, schema)


@pytest.fixture
def twins(world: World) -> World:
    """Two tables of the same columns."""
    columns = ", ".join(f"{name} {kind}" for name, (_, kind) in COLUMNS.items())
    for table in ("by_text", "in_binary"):
        world.conn.execute(f"CREATE TEMP TABLE {table} (job uuid, {columns})")
    return world


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS, st.integers(0, 2))
def test_a_binary_copy_stores_what_the_text_would_have(
    twins: World, rows: list[dict[str, Any]], skipped: int
) -> None:
    """Also of a slice, whose buffers begin before it."""
    table = as_table(rows).slice(min(skipped, len(rows) - 1))
    twins.conn.execute("TRUNCATE by_text, in_binary")
    with_job = table.append_column("job", pa.repeat(pa.scalar(str(JOB)), table.num_rows))
    copy_rows(twins.conn, sql.Identifier("by_text"), with_job, ["job", *COLUMNS])
    fields = [(table[name].combine_chunks(), kind) for name, (_, kind) in COLUMNS.items()]
    data = binary_rows(fields, JOB)
    command = f"COPY in_binary (job, {', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)"
    with twins.conn.cursor() as cursor, cursor.copy(command) as copy:
        copy.write(HEADER + data.to_pybytes() + TRAILER)
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


def test_a_value_beyond_the_tables_integer_is_refused_beforehand() -> None:
    with pytest.raises(pa.ArrowInvalid):
        binary_rows([(pa.array([2**40]), "integer")], None)


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

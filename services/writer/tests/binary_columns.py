"""A column of each type that goes in binary, and any rows of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "small": (pa.int64(), "smallint"),
    "whole": (pa.int64(), "integer"),
    "big": (pa.int64(), "bigint"),
    "line": (pa.int32(), "integer"),
    "price": (pa.decimal128(12, 2), "numeric(12,2)"),
    "loose": (pa.decimal128(12, 2), "numeric"),
    "fine": (pa.decimal128(18, 7), "numeric(18,7)"),
    "share": (pa.decimal128(3, 3), "numeric(3,3)"),
    "wide": (pa.decimal128(30, 4), "numeric(30,4)"),
    "units": (pa.decimal128(18, 0), "numeric(18,0)"),
    "tiny": (pa.decimal128(20, 17), "numeric(20,17)"),
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
    "line": st.integers(-(2**31), 2**31 - 1),
    "price": decimals(12, 2),
    "loose": decimals(12, 2),
    "fine": decimals(18, 7),
    "share": decimals(3, 3),
    "wide": decimals(18, 4),
    "units": decimals(18, 0),
    "tiny": decimals(18, 17),
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


def fields_of(table: pa.Table) -> list[tuple[pa.Array, str]]:
    """Return each column with its type in the table, as an encoder takes them."""
    return [(table[name].combine_chunks(), kind) for name, (_, kind) in COLUMNS.items()]

"""The compiled encoder, where it is installed: the same bytes as by Arrow, or a refusal."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.writer.tests.binary_columns import COLUMNS, ROWS, VALUES, as_table, fields_of

from writer.adapters.binary_rows import binary_rows
from writer.adapters.compiled_rows import ENCODE, Fault

if TYPE_CHECKING:
    from copy_encoder import Column

pytestmark = pytest.mark.skipif(
    ENCODE is None,
    reason="the compiled encoder is not installed (no cargo?), or SLUICE_ENCODER=python",
)
JOB = UUID("0198a5d0-0000-7000-8000-00000000f00d")
NULL = b"\xff\xff\xff\xff"


def compiled(fields: list[tuple[pa.Array, str]], job_id: UUID | None = None) -> bytes:
    data = binary_rows(fields, job_id, ENCODE)
    assert isinstance(data, bytes), "Arrow's kernels made it"
    return data


def rows_by_both(values: pa.Array, table_type: str, job_id: UUID | None = None) -> bytes:
    """Return the rows of one column, which are the same by both encoders."""
    found = compiled([(values, table_type)], job_id)
    assert found == bytes(binary_rows([(values, table_type)], job_id, None))
    return found


def encoded(rows: int, *columns: Column, job_id: bytes | None = None) -> bytes:
    assert ENCODE is not None
    return ENCODE(rows, list(columns), job_id)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.integers(0, 3), st.integers(0, 8), st.none() | st.just(JOB))
def test_both_encoders_give_the_same_bytes(
    rows: list[dict[str, Any]], skipped: int, most: int, job_id: UUID | None
) -> None:
    """Of all types together, with nulls; of slices too, whose buffers begin before them."""
    fields = fields_of(as_table(rows).slice(skipped, most))
    assert compiled(fields, job_id) == bytes(binary_rows(fields, job_id, None))


@pytest.mark.parametrize("name", COLUMNS)
@settings(max_examples=30, deadline=None)
@given(st.data(), st.booleans())
def test_both_encoders_give_the_same_bytes_of_more_rows_than_a_byte_has_bits(
    name: str, data: st.DataObject, has_nulls: bool
) -> None:
    value = st.none() | VALUES[name] if has_nulls else VALUES[name]
    values = data.draw(st.lists(value, min_size=9, max_size=40))
    arrow_type, table_type = COLUMNS[name]
    rows_by_both(pa.array(values, arrow_type).slice(7), table_type, JOB)


NUMERIC = pa.decimal128(12, 2)


@pytest.mark.parametrize(
    ("value", "arrow_type", "table_type", "field"),
    [
        (None, pa.string(), "text", NULL),
        ("", pa.string(), "text", b"\0\0\0\0"),
        ("é", pa.string(), "character varying(9)", b"\0\0\0\2\xc3\xa9"),
        ("{}", pa.string(), "jsonb", b"\0\0\0\3\1{}"),
        (None, pa.string(), "jsonb", NULL),
        (-2, pa.int64(), "smallint", b"\0\0\0\2\xff\xfe"),
        (2**31 - 1, pa.int64(), "integer", b"\0\0\0\4\x7f\xff\xff\xff"),
        (-(2**63), pa.int64(), "bigint", b"\0\0\0\x08\x80" + bytes(7)),
        (True, pa.bool_(), "boolean", b"\0\0\0\1\1"),
        (date(2000, 1, 1), pa.date32(), "date", b"\0\0\0\4" + bytes(4)),
        (date(1999, 12, 31), pa.date32(), "date", b"\0\0\0\4" + NULL),
        (
            datetime(2000, 1, 1, 0, 0, 1),  # noqa: DTZ001 - no zone
            pa.timestamp("us"),
            "timestamp without time zone",
            struct.pack(">iq", 8, 1_000_000),
        ),
        (-1.5, pa.float64(), "double precision", struct.pack(">id", 8, -1.5)),
        (Decimal("0.00"), NUMERIC, "numeric", struct.pack(">i4hi2h", 16, 4, 2, 0, 2, 0, 0, 0)),
        (
            Decimal("-12345.60"),
            NUMERIC,
            "numeric",
            struct.pack(">i8h", 16, 4, 2, 0x4000, 2, 0, 1, 2345, 6000),
        ),
    ],
)
def test_a_field_is_its_length_and_its_value(
    value: object, arrow_type: pa.DataType, table_type: str, field: bytes
) -> None:
    assert rows_by_both(pa.array([value], arrow_type), table_type) == b"\0\1" + field


def test_a_row_begins_with_its_fields_number_and_the_job() -> None:
    found = rows_by_both(pa.array([True, None]), "boolean", JOB)
    head = b"\0\2\0\0\0\x10" + JOB.bytes
    assert found == head + b"\0\0\0\1\1" + head + NULL


def test_no_rows_are_no_bytes() -> None:
    for arrow_type, table_type in COLUMNS.values():
        assert rows_by_both(pa.array([], arrow_type), table_type, JOB) == b""


def test_what_stands_in_the_place_of_a_null_is_not_looked_at() -> None:
    """A text of a null may have a length, a number of it be too large."""
    valid = pa.py_buffer(b"\2")
    texts = [valid, pa.py_buffer(struct.pack("=3i", 0, 3, 4)), pa.py_buffer(b"abcd")]
    found = rows_by_both(pa.Array.from_buffers(pa.string(), 2, texts), "text")
    assert found == b"\0\1" + NULL + b"\0\1\0\0\0\1d"
    numbers = [valid, pa.py_buffer(struct.pack("=2q", 2**40, 1))]
    found = rows_by_both(pa.Array.from_buffers(pa.int64(), 2, numbers), "smallint")
    assert found == b"\0\1" + NULL + b"\0\1\0\0\0\2\0\1"


def test_a_type_that_only_arrow_knows_is_left_to_it() -> None:
    data = binary_rows([(pa.array([1], pa.uint8()), "integer")], None, ENCODE)
    assert bytes(data) == b"\0\1\0\0\0\4\0\0\0\1"


OFFSETS = struct.pack("=3i", 0, 1, 2)
DAMAGED: dict[str, tuple[int, Column]] = {
    "words that end too early": (2, ("int64", "int8", 0, 0, 0, [None, bytes(15)])),
    "words behind an offset": (2, ("int64", "int8", 0, 0, 1, [None, bytes(16)])),
    "an offset beyond all": (2, ("int64", "int8", 0, 0, 2**63, [None, bytes(16)])),
    "more rows than can be": (2**63, ("int64", "int8", 0, 0, 0, [None, bytes(16)])),
    "no data": (1, ("double", "float8", 0, 0, 0, [None, None])),
    "no buffers": (1, ("double", "float8", 0, 0, 0, [])),
    "too few bits": (9, ("bool", "bool", 0, 0, 0, [None, bytes(1)])),
    "too few bits of validity": (9, ("bool", "bool", 0, 0, 0, [bytes(1), bytes(2)])),
    "bits behind an offset": (2, ("bool", "bool", 0, 0, 7, [None, bytes(1)])),
    "too few offsets": (3, ("utf8", "text", 0, 0, 0, [None, OFFSETS, b"ab"])),
    "texts behind the data": (2, ("utf8", "text", 0, 0, 0, [None, OFFSETS, b"a"])),
    "texts without data": (2, ("utf8", "jsonb", 0, 0, 0, [None, OFFSETS, None])),
    "a falling offset": (
        2,
        ("utf8", "text", 0, 0, 0, [None, struct.pack("=3i", 0, 2, 1), b"ab"]),
    ),
    "a negative offset": (
        2,
        ("utf8", "text", 0, 0, 0, [None, struct.pack("=3i", -1, 0, 1), b"ab"]),
    ),
    "a decimal of no digits": (1, ("decimal128", "numeric", 0, 0, 0, [None, bytes(16)])),
    "a decimal of too many": (1, ("decimal128", "numeric", 38, 39, 0, [None, bytes(16)])),
    "two types that do not fit": (1, ("date32", "timestamp", 0, 0, 0, [None, bytes(8)])),
    "an integer for a text": (1, ("int64", "text", 0, 0, 0, [None, bytes(8)])),
    "a buffer with gaps": (1, ("int64", "int8", 0, 0, 0, [None, memoryview(bytes(32))[::2]])),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_column_is_refused_and_nothing_beyond_it_is_read(what: str) -> None:
    rows, column = DAMAGED[what]
    with pytest.raises(ValueError, match="a column is damaged"):
        encoded(rows, column)


def test_a_row_of_too_many_fields_is_refused() -> None:
    column: Column = ("bool", "bool", 0, 0, 0, [None, b"\1"])
    with pytest.raises(ValueError, match="so many fields"):
        encoded(1, *[column] * 2**15)


@given(st.binary(max_size=40), st.binary(max_size=8), st.integers(0, 9), st.integers(0, 9))
def test_any_buffers_give_rows_or_a_refusal(
    offsets: bytes, texts: bytes, offset: int, rows: int
) -> None:
    try:
        found = encoded(rows, ("utf8", "text", 0, 0, offset, [texts or None, offsets, texts]))
    except ValueError:
        return
    assert len(found) >= 6 * rows


@pytest.mark.parametrize("fault", [Fault("a fault"), ValueError("a column is damaged: why")])
def test_after_a_fault_of_the_compiled_code_arrow_makes_the_rows(fault: Exception) -> None:
    def broken(rows: int, columns: list[Column], job_id: bytes | None) -> bytes:
        raise fault

    data = binary_rows([(pa.array([True]), "boolean")], None, broken)
    assert bytes(data) == b"\0\1\0\0\0\1\1"


def test_python_can_be_asked_for() -> None:
    code = "from writer.adapters.compiled_rows import ENCODER_NAME as name; print(name)"
    for wanted, name in (("python", "python"), ("auto", "rust")):
        env = {**os.environ, "SLUICE_ENCODER": wanted}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == name

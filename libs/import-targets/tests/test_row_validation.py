"""Whole batches: neighbours of a bad cell, several errors of a row, defaults, rows too large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from import_targets import (
    CoalescedCells,
    TargetColumn,
    TargetDefinition,
    ValidatedRows,
    coalesce,
    load_target,
    row_texts,
    validate,
)
from sluice.events.cell_tags import CellTag as T
from sluice.events.rows_chunked import RowsChunked
from sluice.job_layout import JobLayout

Cell = tuple[str | None, T]
BatchOf = Callable[[Sequence[Sequence[Cell]]], CoalescedCells]
ChunkOf = Callable[[Sequence[Sequence[Cell]], int], RowsChunked]
LayoutOf = Callable[[Sequence[str | None]], JobLayout]

ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")
FIELDS = [column.name for column in ORDERS.columns]
GOOD: list[Cell] = [
    ("7", T.NUMBER),
    ("Nguyễn Văn A", T.TEXT),
    ("a@example.com", T.TEXT),
    ("SKU-1", T.TEXT),
    ("3", T.NUMBER),
    ("19.989999999999998", T.NUMBER),
    ("EUR", T.TEXT),
    ("45443", T.DATE),
    ("1", T.BOOL),
    (None, T.EMPTY),
]


@pytest.mark.parametrize("column", range(9))
@pytest.mark.parametrize("bad", [("bad value", T.TEXT), ("#REF!", T.ERROR), ("\0", T.TEXT)])
def test_one_bad_cell_leaves_all_its_neighbours_good(
    batch: BatchOf, layout: LayoutOf, column: int, bad: Cell
) -> None:
    if column == 1 and bad[0] == "bad value":
        bad = ("x" * 201, T.TEXT)
    rows = [[*GOOD] for _ in range(5)]
    rows[2][column] = bad
    got = validate(ORDERS, layout(FIELDS), batch(rows), False)
    assert got.good_positions is not None
    assert got.good_positions.to_pylist() == [0, 1, 3, 4]
    assert got.rows.column("sluice_line").to_pylist() == [2, 3, 5, 6]
    good = validate(ORDERS, layout(FIELDS), batch([GOOD]), False)
    assert got.rows.slice(0, 1).equals(good.rows)
    assert {(e.position, e.sheet_line, e.column_letter, e.field) for e in got.errors} == {
        (2, 4, "ABCDEFGHI"[column], FIELDS[column])
    }


def test_a_good_batch_is_whole_and_typed(batch: BatchOf, layout: LayoutOf) -> None:
    got = validate(ORDERS, layout(FIELDS), batch([GOOD]), False)
    assert (got.good_positions, got.errors) == (None, ())
    types = [pa.int64(), *[pa.string()] * 3, pa.int64(), pa.decimal128(12, 2), pa.string()]
    assert got.rows.schema.types == [*types, pa.date32(), pa.bool_(), pa.string(), pa.int32()]
    assert got.rows.column_names == [*FIELDS, "sluice_line"]


def test_all_errors_of_a_row_are_told_in_order(batch: BatchOf, layout: LayoutOf) -> None:
    rows = [[*GOOD], [*GOOD]]
    rows[0][4] = ("abc", T.TEXT)
    rows[1][0], rows[1][4], rows[1][7] = (None, T.EMPTY), ("0", T.NUMBER), ("45443", T.NUMBER)
    errors = validate(ORDERS, layout(FIELDS), batch(rows), False).errors
    assert [(e.position, e.error_no, e.code) for e in errors] == [
        (0, 0, "NOT_A_NUMBER"),
        (1, 0, "REQUIRED"),
        (1, 1, "OUT_OF_RANGE"),
        (1, 2, "NOT_A_DATE"),
    ]
    assert [e.message for e in errors] == [
        "quantity: found 'abc', expected a whole number between 1 and 1,000,000",
        "order_id: the cell is empty, expected a whole number",
        "quantity: found '0', expected a whole number between 1 and 1,000,000",
        "ordered_at: found '45443', expected a date: format the column as a date",
    ]


def test_a_long_value_is_cut(batch: BatchOf, layout: LayoutOf) -> None:
    rows = [[*GOOD]]
    rows[0][9] = ("x" * 2001, T.TEXT)
    (error,) = validate(ORDERS, layout(FIELDS), batch(rows), False).errors
    assert (error.code, error.value) == ("TOO_LONG", "x" * 200)
    assert "(2,001 characters), expected a text of at most 2,000 characters" in error.message


def test_a_row_too_large_has_that_error_alone(batch: BatchOf, layout: LayoutOf) -> None:
    large: list[Cell] = [("900000", T.ROW_TOO_LARGE), *[(None, T.EMPTY)] * 9]
    for rows in ([large], [GOOD, large]):
        got = validate(ORDERS, layout(FIELDS), batch(rows), False)
        (error,) = got.errors
        assert (error.code, error.column_letter, error.field) == ("ROW_TOO_LARGE", None, None)
        assert (len(got.rows), error.position) == (len(rows) - 1, len(rows) - 1)


def _pair(required: bool, default: str | None) -> TargetDefinition:
    columns = (
        TargetColumn(name="a", type="text"),
        TargetColumn(name="b", type="numeric(5,2)", required=required, default=default),
    )
    return TargetDefinition(name="t", kind="typed", table="t", columns=columns)


def test_a_field_that_nothing_feeds_gets_its_default_or_is_left_out(
    batch: BatchOf, layout: LayoutOf
) -> None:
    def rows_of(definition: TargetDefinition) -> ValidatedRows:
        return validate(definition, layout(["a"]), batch([[("x", T.TEXT)]]), False)

    assert str(rows_of(_pair(False, "1.5")).rows.column("b")[0]) == "1.50"
    assert rows_of(_pair(False, None)).rows.column_names == ["a", "sluice_line"]
    assert [e.code for e in rows_of(_pair(True, None)).errors] == ["REQUIRED"]


def test_half_a_surrogate_pair_is_a_row_error_and_still_shown(
    batch: BatchOf, layout: LayoutOf
) -> None:
    cells = batch([[("x", T.TEXT)], [("ok", T.TEXT)]])
    offsets, data = pa.array([0, 3, 5], pa.int32()).buffers()[1], pa.py_buffer(b"\xed\xa0\x80ok")
    broken = pa.StringArray.from_buffers(2, offsets, data)
    cells = CoalescedCells(lines=cells.lines, columns=(broken,), tags=cells.tags)
    got = validate(_pair(False, None), layout(["a"]), cells, False)
    assert [e.code for e in got.errors] == ["NUL_NOT_ALLOWED"]
    assert got.rows.column("a").to_pylist() == ["ok"]
    assert row_texts(cells, 0) == ["\ufffd" * 3]


def test_chunks_of_different_width_and_kinds_coalesce(chunk: ChunkOf, layout: LayoutOf) -> None:
    parts = [
        chunk([[("1", T.NUMBER)]], 2),
        chunk([[("2", T.NUMBER), ("5", T.NUMBER)]], 3),
        chunk([[(None, T.EMPTY), ("5", T.TEXT)], [("x\0", T.TEXT), (None, T.EMPTY)]], 4),
    ]
    cells = coalesce(parts[:2])
    assert cells.tags == (T.NUMBER, T.NUMBER)
    cells = coalesce(parts)
    assert [tags.to_pylist() for tags in cells.tags if not isinstance(tags, int)] == [
        [T.NUMBER, T.NUMBER, T.EMPTY, T.TEXT],
        [T.EMPTY, T.NUMBER, T.TEXT, T.EMPTY],
    ]
    assert [row_texts(cells, k) for k in range(4)] == [
        ["1", None],
        ["2", "5"],
        [None, "5"],
        ["x\u2400", None],
    ]
    got: list[Any] = validate(_pair(False, None), layout([None, "b"]), cells, False).rows["b"]
    assert [str(value) for value in got] == ["None", "5.00", "5.00", "None"]


def test_nothing_at_all_is_a_batch_too(layout: LayoutOf) -> None:
    got = validate(ORDERS, layout(FIELDS), coalesce([]), False)
    assert (len(got.rows), got.good_positions, got.errors) == (0, None, ())

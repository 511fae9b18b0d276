"""The target `records`: any row as one JSON object that PostgreSQL takes, numbers to the digit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from import_targets import RECORDS, CoalescedCells, validate
from sluice.events.cell_tags import CellTag as T
from sluice.job_layout import JobLayout

Cell = tuple[str | None, T]
BatchOf = Callable[[Sequence[Sequence[Cell]]], CoalescedCells]
LayoutOf = Callable[[Sequence[str | None]], JobLayout]


def test_each_kind_of_cell_has_its_json(batch: BatchOf, layout: LayoutOf) -> None:
    rows: list[list[Cell]] = [
        [("a", T.TEXT), ("0.10", T.NUMBER), ("1", T.BOOL), ("45443", T.DATE)],
        [(None, T.EMPTY), ("007", T.NUMBER), ("0", T.BOOL), ("45443.5", T.DATETIME)],
        [("", T.TEXT), ("1E+20", T.NUMBER), (None, T.EMPTY), ("0.25", T.TIME)],
    ]
    got = validate(RECORDS, layout(["t", 'n"', "é", "d"]), batch(rows), False)
    assert got.rows.column("data").to_pylist() == [
        '{"t":"a","n\\"":0.10,"é":true,"d":"2024-05-31"}',
        '{"n\\"":"007","é":false,"d":"2024-05-31T12:00:00"}',
        '{"n\\"":1E+20,"d":"06:00:00"}',
    ]
    assert got.rows.column("sluice_line").to_pylist() == [2, 3, 4]


def test_what_is_no_value_is_a_row_error(batch: BatchOf, layout: LayoutOf) -> None:
    rows: list[list[Cell]] = [
        [("#N/A", T.ERROR), ("x", T.TEXT)],
        [("1", T.NUMBER), ("a\0b", T.TEXT)],
        [("", T.FORMULA_NO_VALUE), ("x", T.TEXT)],
        [("60", T.DATE), ("x", T.TEXT)],
        [("1", T.NUMBER), ("x", T.TEXT)],
    ]
    got = validate(RECORDS, layout(["a", "b"]), batch(rows), False)
    assert [(e.position, e.column_letter, e.field, e.code) for e in got.errors] == [
        (0, "A", "a", "EXCEL_ERROR"),
        (1, "B", "b", "NUL_NOT_ALLOWED"),
        (2, "A", "a", "FORMULA_NO_VALUE"),
        (3, "A", "a", "DATE_1900_02_29"),
    ]
    assert got.rows.column("data").to_pylist() == ['{"a":1,"b":"x"}']


def test_a_value_right_of_the_last_header_is_kept_under_its_letter(
    batch: BatchOf, layout: LayoutOf
) -> None:
    """It was dropped in silence."""
    row: list[Cell] = [("x", T.TEXT), (None, T.EMPTY), ("3", T.NUMBER)]
    got = validate(RECORDS, layout(["C"]), batch([row]), False)
    assert got.rows.column("data").to_pylist() == ['{"C":"x","column C":3}']
    got = validate(RECORDS, layout(["a"]), batch([row]), False)
    assert got.rows.column("data").to_pylist() == ['{"a":"x","C":3}']


def test_rows_without_any_value_stay_rows(batch: BatchOf, layout: LayoutOf) -> None:
    """Arrow's join dropped such rows, and the batch could not be built."""
    got = validate(RECORDS, layout(["a"]), batch([[("#N/A", T.ERROR)], [("#N/A", T.ERROR)]]), False)
    assert ([e.position for e in got.errors], len(got.rows)) == ([0, 1], 0)
    rows: list[list[Cell]] = [[(None, T.EMPTY)], [("b", T.TEXT)]]
    got = validate(RECORDS, layout(["a"]), batch(rows), False)
    assert got.rows.column("data").to_pylist() == ["{}", '{"a":"b"}']


TEXT_CELLS = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from('"\\\n\x1f'),
    min_size=1,
).map(lambda text: (text, T.TEXT))
NUMBER_CELLS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9
)
CELLS = TEXT_CELLS | NUMBER_CELLS.map(lambda n: (f"{n:f}", T.NUMBER)) | st.just((None, T.EMPTY))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.text(min_size=1))
def test_json_reads_back_as_the_cells(
    batch: BatchOf, layout: LayoutOf, rows: list[tuple[Cell, Cell]], header: str
) -> None:
    fields = [header, header + "2"]
    got = validate(RECORDS, layout(fields), batch(rows), False)
    for row, data in zip(rows, got.rows.column("data").to_pylist(), strict=True):
        expected: dict[str, Any] = {
            field: Decimal(text) if tag is T.NUMBER else text
            for field, (text, tag) in zip(fields, row, strict=True)
            if text is not None
        }
        assert json.loads(data, parse_float=Decimal, parse_int=Decimal) == expected

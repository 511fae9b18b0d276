"""Rows as people read them, and as they come back: the texts mean what the cells meant."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from import_targets import TargetColumn, coalesce, shown_rows
from import_targets.shown_texts import shown_number
from sluice.events.cell_tags import CellTag as T

if TYPE_CHECKING:
    from conftest import Answer, Cell, ChunkOf


def _shown(chunk: ChunkOf, *cells: Cell, date_1904: bool = False) -> list[str | None]:
    batch = coalesce([chunk([[cell] for cell in cells], 2)])
    rows = shown_rows(batch, range(len(cells)), date_1904=date_1904)
    return [texts[0] for texts in rows]


def test_dates_times_and_booleans_are_spelled_out(chunk: ChunkOf) -> None:
    cells: list[Cell] = [
        ("45292", T.DATE),
        ("45292.5", T.DATETIME),
        ("0.5", T.TIME),
        ("1.5", T.DURATION),
        ("1", T.BOOL),
        ("45292", T.NUMBER),
        ("45292", T.TEXT),
        (None, T.EMPTY),
    ]
    assert _shown(chunk, *cells) == [
        "2024-01-01", "2024-01-01T12:00:00", "12:00:00", "36:00:00", "TRUE", "45292", "45292", None,
    ]  # fmt: skip
    assert _shown(chunk, ("43830", T.DATE), date_1904=True) == ["2024-01-01"]


def test_what_is_no_date_stays_the_number_that_it_is(chunk: ChunkOf) -> None:
    cells: list[Cell] = [("60", T.DATE), ("99999999", T.DATE), ("#N/A", T.ERROR), ("x\0", T.TEXT)]
    assert _shown(chunk, *cells) == ["60", "99999999", "#N/A", "x\u2400"]


def test_the_size_of_a_row_too_large_is_none_of_its_texts(chunk: ChunkOf) -> None:
    assert _shown(chunk, ("812345", T.ROW_TOO_LARGE), ("a", T.TEXT)) == [None, "a"]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("12.50", "12.50"),
        ("19.989999999999998", "19.99"),
        ("-0.30000000000000004", "-0.3"),
        ("1E3", "1000"),
        ("1.5e-7", "0.00000015"),
        ("12345678901234567890", "12345678901234567890"),
        ("1E+300", "1E+300"),
        ("0.0000000000000000000", "0"),
        ("not a number at all", "not a number at all"),
    ],
)
def test_a_number_has_the_digits_that_excel_shows(stored: str, shown: str) -> None:
    assert shown_number(stored) == shown


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (TargetColumn(name="a", type="numeric(12,2)"), ("19.989999999999998", T.NUMBER), None),
        (TargetColumn(name="a", type="bigint"), ("1E3", T.NUMBER), 1000),
        (TargetColumn(name="a", type="date"), ("45292", T.DATE), date(2024, 1, 1)),
        (
            TargetColumn(name="a", type="timestamp"),
            ("45292.25", T.DATETIME),
            datetime.fromisoformat("2024-01-01T06:00"),
        ),
        (TargetColumn(name="a", type="boolean"), ("0", T.BOOL), False),
    ],
)
def test_a_shown_text_is_read_as_the_cell_was(
    chunk: ChunkOf, answers: Answer, column: TargetColumn, cell: Cell, value: Any
) -> None:
    text = _shown(chunk, cell)[0]
    as_cell, as_text = answers(column, [cell, (text, T.TEXT)], False)
    assert as_cell == as_text
    assert value is None or as_cell == value

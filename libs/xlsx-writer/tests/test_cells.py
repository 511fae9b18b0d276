"""Values become cells exactly, or are refused with the cell's name."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import from_excel

from xlsx_writer.cells import (
    MAX_COLUMNS,
    column_name,
    date_serial,
    inline_text_cell,
    render_cell,
    render_row,
)
from xlsx_writer.errors import SheetFullError, UnwritableCellError


class Colour(IntEnum):
    """A subclass of int, as callers have them."""

    RED = 7


def cell(value: Any) -> str:
    return render_cell("B7", value, inline_text_cell)


@pytest.mark.parametrize(
    ("value", "xml"),
    [
        (None, ""),
        (0, '<c r="B7"><v>0</v></c>'),
        (12345678901234567890, '<c r="B7"><v>12345678901234567890</v></c>'),
        (Decimal("1.10"), '<c r="B7"><v>1.10</v></c>'),
        (Decimal("-0.000000000000000000001"), '<c r="B7"><v>-1E-21</v></c>'),
        (0.1, '<c r="B7"><v>0.1</v></c>'),
        (True, '<c r="B7" t="b"><v>1</v></c>'),
        (False, '<c r="B7" t="b"><v>0</v></c>'),
        (Colour.RED, '<c r="B7"><v>7</v></c>'),
        (date(2024, 2, 29), '<c r="B7" s="1"><v>45351</v></c>'),
        (datetime(2024, 2, 29, 12), '<c r="B7" s="2"><v>45351.5</v></c>'),  # noqa: DTZ001 - no zone
        ("a", '<c r="B7" t="inlineStr"><is><t>a</t></is></c>'),
    ],
)
def test_a_value_is_written_exactly(value: object, xml: str) -> None:
    assert cell(value) == xml


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "not a number a cell can hold"),
        (float("-inf"), "not a number a cell can hold"),
        (Decimal("NaN"), "not a number a cell can hold"),
        (date(1899, 12, 31), "before 1900-01-01"),
        (datetime(2024, 1, 1, tzinfo=UTC), "time zone"),
        ("x" * 32_768, "32,768 characters, a cell holds 32,767"),
        ([1], "a list has no form in a cell"),
    ],
)
def test_what_a_cell_cannot_hold_is_refused_by_the_cells_name(value: object, reason: str) -> None:
    with pytest.raises(UnwritableCellError, match=f"^cell B7: .*{reason}"):
        cell(value)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_day_has_excels_number(day: date) -> None:
    read = from_excel(date_serial(day))
    assert isinstance(read, datetime)
    assert read.date() == day


def test_the_calendar_skips_the_leap_day_that_1900_did_not_have() -> None:
    days = [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31)]
    assert [date_serial(day) for day in days] == [1, 59, 61, 2_958_465]


@given(st.datetimes(min_value=datetime(1900, 3, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - a cell has no zone
def test_a_moment_is_read_back_to_the_millisecond(moment: datetime) -> None:
    serial = float(cell(moment).split("<v>")[1].split("</v>")[0])
    read = from_excel(serial)
    assert isinstance(read, datetime)
    assert abs((read - moment).total_seconds()) < 0.001


@given(st.integers(min_value=0, max_value=MAX_COLUMNS - 1))
def test_a_column_has_excels_letters(index: int) -> None:
    assert column_name(index) == get_column_letter(index + 1)


def test_more_columns_than_excel_has_are_refused() -> None:
    assert column_name(MAX_COLUMNS - 1) == "XFD"
    with pytest.raises(SheetFullError, match="column 16,385"):
        column_name(MAX_COLUMNS)
    with pytest.raises(SheetFullError, match="row 3: 16,385 values"):
        render_row(3, [None] * (MAX_COLUMNS + 1), inline_text_cell)


def test_a_row_names_its_cells_and_leaves_out_empty_ones() -> None:
    xml = render_row(12, iter([1, None, 2]), inline_text_cell)
    assert xml == '<row r="12"><c r="A12"><v>1</v></c><c r="C12"><v>2</v></c></row>'

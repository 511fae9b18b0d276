"""One cell and one row as XML; a value that has no faithful form is refused, naming the cell."""

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from xlsx_writer.errors import SheetFullError, UnwritableCellError
from xlsx_writer.text_escapes import MAX_CELL_CHARS, fits_a_cell, text_element

CellValue = str | int | Decimal | float | bool | date | datetime | None
# (cell reference, style attribute or "", text) to the cell's XML: inline or by shared index.
TextCell = Callable[[str, str, str], str]

MAX_COLUMNS = 16_384
MAX_ROWS = 1_048_576
DATE_STYLE = 1
DATETIME_STYLE = 2
HEADER_STYLE = ' s="3"'

# Day 0 of Excel's 1900 calendar as used from 1900-03-01 on; before it Excel counts one day less,
# because its calendar has a 29 February 1900.
_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_SERIAL_AFTER_LEAP_BUG = 61


@cache
def column_name(index: int) -> str:
    """The letters of a 0-based column: 0 is A, 26 is AA."""
    if not 0 <= index < MAX_COLUMNS:
        raise SheetFullError(f"a sheet has {MAX_COLUMNS:,} columns; column {index + 1:,} is beyond")
    name = ""
    rest = index + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(65 + letter) + name
    return name


@cache
def _column_names(count: int) -> tuple[str, ...]:
    return tuple(column_name(index) for index in range(count))


def inline_text_cell(ref: str, style: str, text: str) -> str:
    """A text that stands in the sheet itself."""
    return f'<c r="{ref}"{style} t="inlineStr"><is>{text_element(text)}</is></c>'


def date_serial(day: date) -> int:
    """Excel's number of a day, 1900 calendar; raises ValueError before 1900-01-01."""
    serial = day.toordinal() - _EPOCH
    if serial < _FIRST_SERIAL_AFTER_LEAP_BUG:
        serial -= 1
    if serial < 1:
        raise ValueError(f"{day} is before 1900-01-01, where Excel's calendar begins")
    return serial


def _number_cell(ref: str, value: object) -> str:
    return f'<c r="{ref}"><v>{value}</v></c>'


def _float_cell(ref: str, value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number a cell can hold; write it as text")
    return f'<c r="{ref}"><v>{value!r}</v></c>'


def _decimal_cell(ref: str, value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a number a cell can hold; write it as text")
    return f'<c r="{ref}"><v>{value}</v></c>'


def _bool_cell(ref: str, value: bool) -> str:
    return f'<c r="{ref}" t="b"><v>{value:d}</v></c>'


def _date_cell(ref: str, value: date) -> str:
    return f'<c r="{ref}" s="{DATE_STYLE}"><v>{date_serial(value)}</v></c>'


def _datetime_cell(ref: str, value: datetime) -> str:
    if value.tzinfo is not None:
        raise ValueError(f"{value} has a time zone and a cell has none; convert it first")
    seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    serial = date_serial(value.date()) + seconds / 86_400
    return f'<c r="{ref}" s="{DATETIME_STYLE}"><v>{serial!r}</v></c>'


# Order matters for subclasses: bool before int, datetime before date.
_RENDERERS: dict[type, Callable[..., str]] = {
    bool: _bool_cell,
    int: _number_cell,
    Decimal: _decimal_cell,
    float: _float_cell,
    datetime: _datetime_cell,
    date: _date_cell,
}


def _renderer_of(value: object) -> Callable[..., str]:
    for kind, render in _RENDERERS.items():
        if isinstance(value, kind):
            return render
    raise TypeError(f"a {type(value).__name__} has no form in a cell; convert it to text or number")


def _text(ref: str, style: str, text: str, text_cell: TextCell) -> str:
    if not fits_a_cell(text):
        raise ValueError(
            f"the text has {len(text):,} characters, a cell holds {MAX_CELL_CHARS:,}; shorten it"
        )
    return text_cell(ref, style, text)


def render_cell(ref: str, value: CellValue, text_cell: TextCell, text_style: str = "") -> str:
    """One cell's XML ("" for None); raises UnwritableCellError naming the cell."""
    if value is None:
        return ""
    try:
        if isinstance(value, str):
            return _text(ref, text_style, value, text_cell)
        return (_RENDERERS.get(type(value)) or _renderer_of(value))(ref, value)
    except (TypeError, ValueError) as error:
        raise UnwritableCellError(f"cell {ref}: {error}") from error


def render_row(
    line: int, values: Iterable[CellValue], text_cell: TextCell, text_style: str = ""
) -> str:
    """One ``<row>``; line is the 1-based Excel row number."""
    listed = values if isinstance(values, list | tuple) else list(values)
    if len(listed) > MAX_COLUMNS:
        raise SheetFullError(
            f"row {line}: {len(listed):,} values, a sheet has {MAX_COLUMNS:,} columns"
        )
    number = str(line)
    cells = [
        render_cell(column + number, value, text_cell, text_style)
        for column, value in zip(_column_names(len(listed)), listed, strict=True)
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'

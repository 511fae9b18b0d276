"""Step 4: the cells of one column become values of its type, whatever kinds of cells they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from import_targets.converted import Converted, by_tag, nonblank, trimmed, wrong_kind
from import_targets.to_booleans import to_booleans
from import_targets.to_moments import (
    iso_to_dates,
    iso_to_timestamps,
    serials_to_dates,
    serials_to_timestamps,
)
from import_targets.to_numbers import to_decimals, to_doubles, to_integers
from import_targets.to_texts import to_texts
from import_targets.written_moments import iso_of_formats, without_ambiguous
from import_targets.written_numbers import written_numbers
from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    import pyarrow as pa

    from import_targets.coalesced_cells import Tags
    from import_targets.column_types import ColumnType
    from import_targets.definition import TargetColumn

_PLAIN: Final = frozenset({CellTag.TEXT, CellTag.NUMBER})
_FORMAT_AS_DATE: Final = "a date: format the column as a date"


def convert_column(
    column: TargetColumn,
    texts: pa.StringArray,
    tags: Tags,
    *,
    date_1904: bool,
    decimal: str | None = None,
) -> Converted:
    """Convert the cells that feed a column.

    Args:
        column: its `trim` concerns text columns, the others always take blanks off.
        texts: of the cells.
        tags: their kinds.
        date_1904: whether serials count from 1904.
        decimal: the decimal mark of a text file; None for a sheet.
    """
    kind = column.column_type

    def convert(tag: CellTag, part: pa.StringArray) -> Converted:
        if tag is not CellTag.TEXT:
            return _of_kind(kind, tag, part, date_1904=date_1904)
        trim = column.trim or kind.kind != "text"
        part = nonblank(trimmed(part) if trim else part)
        written = _as_written(column, part, decimal)
        if decimal is not None and kind.kind == "boolean":
            return to_booleans(part, in_text_file=True)
        read = _of_kind(kind, tag, written.values, date_1904=date_1904)
        return Converted(read.values, (*written.faults, *read.faults))

    return by_tag(texts, tags, kind.arrow, convert)


def _as_written(column: TargetColumn, texts: pa.StringArray, decimal: str | None) -> Converted:
    """Return texts in the one spelling that the conversions know; `decimal`: of a text file."""
    kind = column.column_type
    if kind.is_moment:
        texts = iso_of_formats(texts, column.formats)
        return Converted(texts) if decimal is None else without_ambiguous(texts)
    if kind.is_number and decimal is not None:
        return written_numbers(kind, texts, decimal)
    return Converted(texts)


def _of_kind(
    kind: ColumnType, tag: CellTag, texts: pa.StringArray, *, date_1904: bool
) -> Converted:
    if kind.kind == "text":
        return to_texts(tag, texts, date_1904=date_1904)
    if kind.is_number:
        return _number(kind, tag, texts)
    if kind.kind == "boolean":
        return _boolean(kind, tag, texts)
    return _moment(kind, tag, texts, date_1904=date_1904)


def _number(kind: ColumnType, tag: CellTag, texts: pa.StringArray) -> Converted:
    if tag not in _PLAIN:
        return wrong_kind(texts, kind.arrow, "NOT_A_NUMBER", "")
    if kind.is_integer:
        return to_integers(kind, tag, texts)
    return to_doubles(texts) if kind.kind == "double" else to_decimals(kind, tag, texts)


def _boolean(kind: ColumnType, tag: CellTag, texts: pa.StringArray) -> Converted:
    if tag in _PLAIN or tag is CellTag.BOOL:
        return to_booleans(texts)
    return wrong_kind(texts, kind.arrow, "NOT_A_BOOLEAN", "")


def _moment(kind: ColumnType, tag: CellTag, texts: pa.StringArray, *, date_1904: bool) -> Converted:
    is_date = kind.kind == "date"
    match tag:
        case CellTag.DATE | CellTag.DATETIME if is_date:
            has_time = tag is CellTag.DATETIME
            return serials_to_dates(texts, date_1904=date_1904, has_time=has_time)
        case CellTag.DATE | CellTag.DATETIME:
            return serials_to_timestamps(texts, date_1904=date_1904)
        case CellTag.TEXT | CellTag.ISO_DATE:
            code = "NOT_A_DATE" if tag is CellTag.TEXT else "DATE_INVALID"
            return iso_to_dates(texts, code) if is_date else iso_to_timestamps(texts, code)
        case CellTag.NUMBER:
            return wrong_kind(texts, kind.arrow, "NOT_A_DATE", _FORMAT_AS_DATE)
        case _:
            return wrong_kind(texts, kind.arrow, "NOT_A_DATE", "")

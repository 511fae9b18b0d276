"""Step 4: the cells of one column become values of its type, whatever kinds of cells they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, by_tag, nonblank, wrong_kind
from import_targets.to_booleans import to_booleans
from import_targets.to_moments import (
    iso_to_dates,
    iso_to_timestamps,
    serials_to_dates,
    serials_to_timestamps,
)
from import_targets.to_numbers import to_decimals, to_doubles, to_integers
from import_targets.to_texts import to_texts
from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from import_targets.coalesced_cells import Tags
    from import_targets.column_types import ColumnType

_PLAIN: Final = frozenset({CellTag.TEXT, CellTag.NUMBER})
_FORMAT_AS_DATE: Final = "a date: format the column as a date"


def convert_column(
    kind: ColumnType, texts: pa.StringArray, tags: Tags, *, trim: bool, date_1904: bool
) -> Converted:
    """Convert a column; `trim` concerns text columns, the others always take blanks off."""

    def convert(tag: CellTag, part: pa.StringArray) -> Converted:
        if tag is CellTag.TEXT:
            is_text = kind.kind == "text"
            part = nonblank(pc.utf8_trim_whitespace(part) if trim or not is_text else part)
        if kind.kind == "text":
            return to_texts(tag, part, date_1904=date_1904)
        if kind.is_number:
            return _number(kind, tag, part)
        if kind.kind == "boolean":
            return _boolean(kind, tag, part)
        return _moment(kind, tag, part, date_1904=date_1904)

    return by_tag(texts, tags, kind.arrow, convert)


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

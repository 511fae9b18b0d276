"""What a person reads of a bad cell: what was found, and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from import_targets.column_types import INTEGER_LIMITS, ColumnType
from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from import_targets.definition import TargetColumn

_SHOWN: Final = 60
_LISTED: Final = 20
"""So many values of a list are named in a message, which a million rows may have."""
_KINDS: Final = {
    CellTag.BOOL: "the boolean cell ",
    CellTag.DATE: "the date cell ",
    CellTag.DATETIME: "the date and time cell ",
    CellTag.TIME: "the time cell ",
    CellTag.DURATION: "the duration cell ",
    CellTag.ERROR: "the error ",
}
_WHOLE_STORIES: Final = {
    "CELL_TOO_LONG": "the cell holds more than 32,767 characters, the most that Excel takes; "
    "shorten it",
    "FORMULA_NO_VALUE": "the formula has no stored value; "
    "open the workbook, let it calculate, save it and upload it again",
    "NUL_NOT_ALLOWED": "found a NUL or half of a surrogate pair, "
    "which cannot be stored; remove it from the cell",
    "TOO_MANY_CELLS": "no header stands above this cell; put quotes around each cell "
    "of the row that holds the delimiter, or give the column a header",
    "BOM_INSIDE": "the row begins with an invisible byte order mark, as where two files were "
    "joined; remove it, and the second header if there is one",
    "DATE_1900_02_29": "found the day 1900-02-29, which never was; correct the date",
}
_NAMES: Final = {"boolean": "TRUE or FALSE", "timestamp": "a date and time"}


def message_of(name: str, code: str, expected: str, text: str | None, tag: CellTag) -> str:
    """Return `name: found …, expected …`."""
    if code in _WHOLE_STORIES:
        return f"{name or 'row'}: {_WHOLE_STORIES[code]}"
    if code == "REQUIRED":
        return f"{name}: the cell is empty, expected {expected}"
    return f"{name}: found {_found(code, text or '', tag)}, expected {expected}"


def _found(code: str, text: str, tag: CellTag) -> str:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    phrase = f"{_KINDS.get(tag, '')}'{shown}'"
    if code in {"TOO_LONG", "TOO_SHORT"}:
        return f"{phrase} ({len(text):,} character{'' if len(text) == 1 else 's'})"
    return phrase


def expectation(column: TargetColumn | None, code: str) -> str:
    """Return what a column takes, in words; `code` tells which part of it matters."""
    if column is None:
        return "a value of its kind"
    kind = column.column_type
    if kind.kind == "text":
        return _text(column, code)
    if code == "TOO_MANY_DECIMALS":
        return f"a number with at most {kind.scale} decimals"
    return _what(kind) + _range(column, code)


def _what(kind: ColumnType) -> str:
    if kind.is_integer:
        return "a whole number"
    if kind.kind == "date":
        return "a date such as 2024-05-31"
    return _NAMES.get(kind.kind, "a number")


def _range(column: TargetColumn, code: str) -> str:
    kind = column.column_type
    low, high = column.minimum, column.maximum
    if kind.is_integer and code == "OUT_OF_RANGE":
        limits = INTEGER_LIMITS[kind.kind]
        low, high = low or str(limits[0]), high or str(limits[1])
    if kind.is_moment:
        return _period(low, high)
    if low is not None and high is not None:
        return f" between {_grouped(kind, low)} and {_grouped(kind, high)}"
    if low is not None:
        return f" of at least {_grouped(kind, low)}{_digits(kind, code)}"
    if high is not None:
        return f" of at most {_grouped(kind, high)}{_digits(kind, code)}"
    return _digits(kind, code)


def _period(first: str | None, last: str | None) -> str:
    told = "" if first is None else f", not before {first}"
    return told if last is None else f"{told}, not after {last}"


def _digits(kind: ColumnType, code: str) -> str:
    if kind.kind != "numeric" or code != "OUT_OF_RANGE":
        return ""
    return f" with at most {kind.precision - kind.scale} digits before the point"


def _grouped(kind: ColumnType, text: str) -> str:
    return f"{int(text):,}" if kind.is_integer else text


def _listed(values: tuple[str, ...]) -> str:
    more = len(values) - _LISTED
    return ", ".join(values) if more <= 0 else f"{', '.join(values[:_LISTED])} and {more:,} more"


def _text(column: TargetColumn, code: str) -> str:
    if column.pattern is not None and code == "PATTERN":
        return f"a text of the form {column.pattern}"
    if column.enum and code not in {"TOO_LONG", "TOO_SHORT"}:
        return f"one of {_listed(column.enum)}"
    if column.min_length and column.max_length is not None:
        return f"a text of {column.min_length:,} to {column.max_length:,} characters"
    if column.max_length is not None:
        return f"a text of at most {column.max_length:,} characters"
    if column.min_length:
        return f"a text of at least {column.min_length:,} characters"
    return "a text"

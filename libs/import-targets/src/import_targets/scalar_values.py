"""The values that a target file spells out (bounds and defaults), each in its column's type."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from import_targets.column_types import INTEGER_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from import_targets.column_types import ColumnType

Scalar = str | bool | int | float | Decimal | date | datetime

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})


def scalar_of(kind: ColumnType, text: str) -> Scalar:
    """Return a value of the type.

    Raises:
        ValueError: the text is no such value; the message starts with the text.
    """
    if kind.is_integer:
        return _integer(kind, text)
    return _READERS[kind.kind](kind, text)


def _integer(kind: ColumnType, text: str) -> int:
    low, high = INTEGER_LIMITS[kind.kind]
    if _INTEGER.fullmatch(text) is None or not low <= int(text) <= high:
        raise ValueError(f"'{text}' is no {kind.kind}; write a whole number from {low} to {high}")
    return int(text)


def _numeric(kind: ColumnType, text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"'{text}' is no number; write one such as 12.50")
    value = Decimal(text)
    if value != round(value, kind.scale) or abs(value) >= 10 ** (kind.precision - kind.scale):
        raise ValueError(f"'{text}' does not fit {kind.postgres}; use fewer digits")
    return round(value, kind.scale)


def _double(_kind: ColumnType, text: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"'{text}' is no number; write one such as 12.5")
    return float(text)


def _boolean(_kind: ColumnType, text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError(f"'{text}' is no boolean; write true or false")
    return text.lower() in _TRUE


def _date(_kind: ColumnType, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no date; write one such as 2024-05-31") from None


def _timestamp(_kind: ColumnType, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no moment; write one such as 2024-05-31T10:00:00") from None
    if moment.tzinfo is not None:
        raise ValueError(f"'{text}' has a time zone; leave it out, sheets have none")
    return moment


_READERS: Final[dict[str, Callable[[ColumnType, str], Scalar]]] = {
    "text": lambda _kind, text: text,
    "numeric": _numeric,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}

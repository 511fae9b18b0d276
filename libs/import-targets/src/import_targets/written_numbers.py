"""Numbers as people write them in a text file become numbers as every cast reads them.

A text file has no number cells, so a `1,234` in it may be a thousand or a fraction. What stands
between units and tenths is known for the whole file (it was told at upload, or shown there); a
number that could also be meant the other way is refused, never guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, holds, is_any, without

if TYPE_CHECKING:
    from import_targets.column_types import ColumnType

_GROUPED: Final = r"\A[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})\z"
"""Thousands are marked, and what is marked cannot be a fraction: `1,234.50`, `1,234,567`."""
_ODD: Final = r"\A[+-]?[0-9.]*,[0-9.,]*\z"
_THREE_DECIMALS: Final = r"\A[+-]?[0-9]{1,3}\.[0-9]{3}\z"
_MOST_DECIMALS: Final = 3
"""A column with fewer expects no `1.234`: that is a thousand, or one of another column."""
_EXPECTED: Final = {
    ".": "a number with a decimal point and no mark between thousands, such as 1234.5; "
    "if the file writes decimal commas, upload it with decimal=comma",
    ",": "a number with a decimal comma and no mark between thousands, such as 1234,5; "
    "if the file writes decimal points, upload it with decimal=point",
}


def written_numbers(kind: ColumnType, texts: pa.StringArray, decimal: str) -> Converted:
    """Return the texts of a column with a decimal point and no other mark.

    Args:
        kind: the column's type; of a number.
        texts: trimmed.
        decimal: the decimal mark of the file.
    """
    if not _may_be_odd(texts):
        return Converted(texts)
    plain = _swapped(texts) if decimal == "," else texts
    grouped = holds(pc.match_substring_regex(plain, _GROUPED))
    ambiguous = pc.and_not(holds(pc.match_substring_regex(plain, _ODD)), grouped)
    if kind.kind != "double" and kind.scale < _MOST_DECIMALS:
        three = holds(pc.match_substring_regex(plain, _THREE_DECIMALS))
        ambiguous = pc.or_(ambiguous, three)
    if is_any(grouped):
        plain = pc.if_else(grouped, pc.replace_substring(plain, ",", ""), plain)
    fault = Fault("NUMBER_AMBIGUOUS", ambiguous, _EXPECTED[decimal])
    return Converted(without(plain, ambiguous), found(fault))


def _may_be_odd(texts: pa.StringArray) -> bool:
    data = texts.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()
    return b"," in raw or b"." in raw


def _swapped(texts: pa.StringArray) -> pa.StringArray:
    """Exchange points and commas; no text holds a NUL, for that cannot be stored."""
    texts = pc.replace_substring(texts, ".", "\0")
    return pc.replace_substring(pc.replace_substring(texts, ",", "."), "\0", ",")

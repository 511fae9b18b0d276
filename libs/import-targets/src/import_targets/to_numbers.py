"""Number cells, and texts that spell a number, become integers, decimals or doubles."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.column_types import INTEGER_LIMITS
from import_targets.converted import Converted, Fault, found, holds, only, without
from import_targets.exact_decimals import NUMBER, WIDE, exact_decimals
from import_targets.whole_columns import byte_range, longest
from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from import_targets.column_types import ColumnType

_PLAIN_INTEGER: Final = r"\A-?[0-9]{1,18}\z"
_SHOWN_DIGITS: Final = 15
_WIDE_DIGITS: Final = 38


def to_integers(kind: ColumnType, tag: CellTag, texts: pa.StringArray) -> Converted:
    """Return int64; `5.0` and `1E3` are whole numbers, `5.5` is none."""
    try:
        values = texts.cast(pa.int64())
        if not byte_range(texts).has_no_letter:
            texts.cast(pa.float64())  # refuses the 0x10 that the cast to integers takes
    except pa.ArrowInvalid:
        return _integers_of_any_spelling(kind, tag, texts)
    low, high = INTEGER_LIMITS[kind.kind]
    seen = pc.min_max(values).as_py()
    if seen["min"] is None or (low <= seen["min"] and seen["max"] <= high):
        return Converted(values)
    outside = holds(pc.or_(pc.less(values, low), pc.greater(values, high)))
    return Converted(without(values, outside), (Fault("OUT_OF_RANGE", outside),))


def _integers_of_any_spelling(kind: ColumnType, tag: CellTag, texts: pa.StringArray) -> Converted:
    texts = pc.utf8_trim_whitespace(texts)
    plain = pc.match_substring_regex(texts, _PLAIN_INTEGER)
    values = only(holds(plain), texts).cast(pa.int64())
    low, high = INTEGER_LIMITS[kind.kind]
    outside = holds(pc.or_(pc.less(values, low), pc.greater(values, high)))
    others = holds(pc.invert(plain))
    rest, faults = _exact(kind, tag, texts.filter(others))
    values = pc.replace_with_mask(without(values, outside), others, rest)
    return Converted(values, _merged(_spread(faults, others), Fault("OUT_OF_RANGE", outside)))


def to_decimals(kind: ColumnType, tag: CellTag, texts: pa.StringArray) -> Converted:
    """Return decimal128(p,s), exactly; more than s decimals are a fault, never rounded away.

    Only a number cell's digits past the 15th, which Excel does not show, are rounded.
    """
    # With so few digits there is nothing to round, so both ways give the same answer.
    most = longest(texts)
    is_short = kind.precision <= _SHOWN_DIGITS or most <= _SHOWN_DIGITS + 1
    # Arrow casts 88.9 to a numeric(38,38) of 0.42…: what passes 128 bits it takes without a word.
    is_held = most + kind.scale <= _WIDE_DIGITS
    # Arrow casts 5e-324 to 0.00
    if is_held and (is_short or tag is CellTag.TEXT) and byte_range(texts).has_no_letter:
        try:
            return Converted(texts.cast(kind.arrow))
        except pa.ArrowInvalid:
            pass
    return _decimals_of_any_spelling(kind, tag, pc.utf8_trim_whitespace(texts))


def _decimals_of_any_spelling(kind: ColumnType, tag: CellTag, texts: pa.StringArray) -> Converted:
    plain = _plain_decimal(kind, texts)
    values = only(plain, texts).cast(kind.arrow)
    others = pc.and_not(texts.is_valid(), plain)
    rest, faults = _exact(kind, tag, texts.filter(others))
    return Converted(pc.replace_with_mask(values, others, rest), _spread(faults, others))


def _plain_decimal(kind: ColumnType, texts: pa.StringArray) -> pa.BooleanArray:
    """Return which texts fit the type as they stand, with no digit that would be rounded."""
    whole = kind.precision - kind.scale
    fraction = rf"\.[0-9]{{1,{kind.scale}}}" if kind.scale else ""
    number = rf"[0-9]{{1,{whole}}}(?:{fraction})?" if whole else rf"0(?:{fraction})?|{fraction}"
    pattern = rf"\A-?(?:{number})\z"
    short = pc.less_equal(pc.binary_length(texts), _SHOWN_DIGITS + 1)
    return holds(pc.and_(pc.match_substring_regex(texts, pattern), short))


def to_doubles(texts: pa.StringArray) -> Converted:
    """Return float64, as PostgreSQL would read the text."""
    texts = pc.utf8_trim_whitespace(texts)
    is_number = pc.match_substring_regex(texts, NUMBER)
    values = only(holds(is_number), texts).cast(pa.float64())
    infinite = holds(pc.is_inf(values))
    faults = found(
        Fault("NOT_A_NUMBER", holds(pc.invert(is_number))), Fault("OUT_OF_RANGE", infinite)
    )
    return Converted(without(values, infinite), faults)


def _exact(
    kind: ColumnType, tag: CellTag, texts: pa.StringArray
) -> tuple[pa.Array, tuple[Fault, ...]]:
    texts = pc.utf8_trim_whitespace(texts)
    exact = exact_decimals(texts, stored_as_binary=tag is CellTag.NUMBER)
    outside = pc.or_(exact.too_big, _outside(kind, exact.values))
    rounded = pc.round(exact.values, kind.scale)
    fraction = pc.or_(exact.too_fine, holds(pc.not_equal(rounded, exact.values)))
    fraction = pc.and_not(fraction, outside)
    code = "NOT_AN_INTEGER" if kind.is_integer else "TOO_MANY_DECIMALS"
    faults = (
        Fault("NOT_A_NUMBER", exact.not_a_number),
        Fault("OUT_OF_RANGE", outside),
        Fault(code, fraction),
    )
    return without(rounded, outside, fraction).cast(kind.arrow), faults


def _outside(kind: ColumnType, values: pa.Array) -> pa.BooleanArray:
    if kind.is_integer:
        low, high = (pa.scalar(Decimal(n), WIDE) for n in INTEGER_LIMITS[kind.kind])
        return holds(pc.or_(pc.less(values, low), pc.greater(values, high)))
    whole = kind.precision - kind.scale
    if whole == _WIDE_DIGITS:
        return pc.and_not(values.is_null(), values.is_null())
    limit = pa.scalar(Decimal(10) ** whole, WIDE)
    return holds(pc.greater_equal(pc.abs(values), limit))


def _spread(faults: tuple[Fault, ...], rows: pa.BooleanArray) -> tuple[Fault, ...]:
    """Return the faults of the chosen rows as faults of all rows."""
    nowhere = pa.repeat(False, len(rows))
    return tuple(
        Fault(fault.code, pc.replace_with_mask(nowhere, rows, fault.mask))
        for fault in found(*faults)
    )


def _merged(faults: tuple[Fault, ...], more: Fault) -> tuple[Fault, ...]:
    return (*faults, *found(more))

"""The long way from any spelling of a number to an exact decimal, for cells that casts refuse.

Excel computes in binary fractions and shows 15 significant digits, but writes 17: 19.99 may be
stored as 19.989999999999998. So the number cells are rounded to 15 significant digits first; the
digits left of the decimal point are never touched, since they may be an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import holds, only, without

NUMBER: Final = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\z"
WIDE: Final = pa.decimal256(76, 38)
"""38 digits on either side: every numeric(p,s) that a target can have fits."""

_PARTS: Final = (
    r"\A[+-]?0*(?P<whole>[0-9]*)(?:\.(?P<zeros>0*)(?P<rest>[0-9]*))?"
    r"(?:[eE](?P<exponent>[+-]?[0-9]{1,3}))?\z"
)
_SIDE: Final = 38
_SHOWN_DIGITS: Final = 15
_MAX_TEXT: Final = 84
"""Sign, point, exponent and the 76 digits that a wide decimal has."""


@dataclass(frozen=True, slots=True)
class ExactDecimals:
    """Wide decimals, null where the text is none or too long for one; the masks say why."""

    values: pa.Array
    not_a_number: pa.BooleanArray
    too_big: pa.BooleanArray
    too_fine: pa.BooleanArray


@dataclass(frozen=True, slots=True)
class _Shape:
    magnitude: pa.Int32Array
    """Digits left of the point; below zero: zeros right of it."""
    decimals: pa.Int32Array
    written: pa.Int32Array
    """Decimals as written, before the exponent moves the point."""


def exact_decimals(texts: pa.StringArray, *, stored_as_binary: bool) -> ExactDecimals:
    """Read trimmed texts as decimals; `stored_as_binary` is true of number cells."""
    is_number = pc.match_substring_regex(texts, NUMBER)
    numbers = only(holds(is_number), texts)
    shape, is_zero = _shape(numbers)
    numbers = pc.if_else(is_zero, pa.scalar("0"), _shortened(numbers))
    too_big = holds(pc.greater(shape.magnitude, _SIDE))
    vanishing = pc.less_equal(shape.magnitude, -_SIDE)
    too_fine = holds(pc.or_(vanishing, pc.greater(shape.decimals, _SIDE)))
    if not stored_as_binary:
        too_fine = pc.or_(too_fine, holds(pc.greater(shape.written, _SIDE)))
    too_fine = pc.and_not(pc.and_not(too_fine, too_big), is_zero)
    too_big = pc.or_(too_big, holds(pc.greater(pc.binary_length(numbers), _MAX_TEXT)))
    values = without(numbers, too_big, too_fine).cast(WIDE)
    if stored_as_binary:
        kept = pc.subtract(pa.scalar(_SHOWN_DIGITS, pa.int32()), shape.magnitude)
        kept = pc.min_element_wise(pc.max_element_wise(kept, 0), _SIDE).cast(pa.int32())
        values = pc.round_binary(values, kept, round_mode="half_towards_infinity")
    return ExactDecimals(values, holds(pc.invert(is_number)), too_big, too_fine)


def _shape(numbers: pa.StringArray) -> tuple[_Shape, pa.BooleanArray]:
    parts = pc.extract_regex(numbers, _PARTS)
    whole, zeros, rest, exponent = (
        pc.struct_field(parts, name) for name in ("whole", "zeros", "rest", "exponent")
    )
    power = pc.ascii_ltrim(exponent, "+")
    power = pc.if_else(pc.equal(power, ""), pa.scalar("0"), power).cast(pa.int32())
    rest_digits = pc.binary_length(pc.ascii_rtrim(rest, "0"))
    whole_digits, zero_digits = pc.binary_length(whole), pc.binary_length(zeros)
    has_rest = pc.greater(rest_digits, 0)
    has_whole = pc.greater(whole_digits, 0)
    before = pc.if_else(has_whole, whole_digits, pc.negate(zero_digits))
    written = pc.if_else(has_rest, pc.add(zero_digits, rest_digits), pa.scalar(0, pa.int32()))
    is_zero = holds(pc.invert(pc.or_(has_whole, has_rest)))
    none = pa.scalar(0, pa.int32())
    shape = _Shape(
        magnitude=pc.if_else(is_zero, none, pc.add(before, power)),
        decimals=pc.if_else(is_zero, none, pc.subtract(pc.min_element_wise(written, _SIDE), power)),
        written=written,
    )
    return shape, is_zero


def _shortened(numbers: pa.StringArray) -> pa.StringArray:
    """Drop what no wide decimal holds: leading zeros, and decimals past the 38th."""
    longest = pc.max(pc.binary_length(numbers)).as_py() or 0
    if longest <= _SIDE:
        return numbers
    numbers = pc.replace_substring_regex(numbers, r"^([+-]?)0+([0-9])", r"\1\2")
    return pc.replace_substring_regex(numbers, rf"(\.[0-9]{{{_SIDE}}})[0-9]+", r"\1")

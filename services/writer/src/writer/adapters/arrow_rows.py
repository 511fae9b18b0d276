"""Rows of a binary COPY by Arrow's own kernels, column by column and never cell by cell.

Each column is made a column of its fields' bytes, and one join puts the columns behind each other,
row by row. It is what runs without the compiled encoder, and what that one is held to.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

_EPOCH_DAY: Final = 10_957
"""2000-01-01, where PostgreSQL counts from, in days of Unix."""
_EPOCH_US: Final = _EPOCH_DAY * 86_400_000_000
_NULL: Final = b"\xff\xff\xff\xff"
_NO_BYTES: Final = pa.scalar(b"", pa.binary())
_INTEGERS: Final[Mapping[str, tuple[pa.DataType, str]]] = {
    "smallint": (pa.int16(), "h"),
    "integer": (pa.int32(), "i"),
    "bigint": (pa.int64(), "q"),
}
_BASE: Final = 10_000
_BASE_DIGITS: Final = 4
_WORD_DIGITS: Final = 4
"""Digits of base 10,000 that one 64-bit word holds."""
_WORD_PRECISION: Final = 18
"""Decimals of no more digits are whole numbers of 64 bits."""

_offsets: dict[int, array[int]] = {}


def arrow_rows(columns: Iterable[tuple[pa.Array, str]], job_id: UUID | None) -> pa.Buffer:
    """Return the rows as `binary_rows` does."""
    parts: list[pa.Array | bytes] = []
    fields = 0
    for values, table_type in columns:
        fields += 1
        parts += _field(values, table_type)
    head = (fields + (job_id is not None)).to_bytes(2, "big")
    if job_id is not None:
        head += _length(16) + job_id.bytes
    joined = pc.binary_join_element_wise(*_merged([head, *parts]), _NO_BYTES)
    _, offsets, data = joined.buffers()
    end = int.from_bytes(offsets.slice(4 * len(joined), 4).to_pybytes(), "little")
    return data.slice(0, end)


def _merged(parts: Iterable[pa.Array | bytes]) -> list[pa.Array | pa.Scalar]:
    """Return the parts, those that are the same in each row as few as they can be."""
    merged: list[pa.Array | pa.Scalar] = []
    same = b""
    for part in parts:
        if isinstance(part, bytes):
            same += part
            continue
        if same:
            merged.append(pa.scalar(same, pa.binary()))
            same = b""
        merged.append(part)
    return [*merged, pa.scalar(same, pa.binary())] if same else merged


def _field(values: pa.Array, table_type: str) -> list[pa.Array | bytes]:
    """Return what a column adds to each row: lengths and values."""
    if pa.types.is_string(values.type):
        return _texts(values, b"\1" if table_type == "jsonb" else b"")
    parts = _fixed(values, table_type)
    size = sum(len(part) if isinstance(part, bytes) else _width(part) for part in parts)
    parts.insert(0, _length(size))
    if values.null_count == 0:
        return parts
    whole = pc.binary_join_element_wise(*_merged(parts), _NO_BYTES)
    return [pc.if_else(values.is_valid(), whole, pa.scalar(_NULL, pa.binary()))]


def _texts(values: pa.StringArray, before: bytes) -> list[pa.Array | bytes]:
    lengths = pc.binary_length(values)
    if before:
        lengths = pc.add(lengths, pa.scalar(len(before), pa.int32()))
    raw = values.cast(pa.binary())
    if values.null_count == 0:
        return [_swapped(lengths, "i"), before, raw] if before else [_swapped(lengths, "i"), raw]
    if before:
        raw = pc.binary_join_element_wise(pa.scalar(before, pa.binary()), raw, _NO_BYTES)
    return [_swapped(lengths.fill_null(-1), "i"), raw.fill_null(b"")]


def _fixed(values: pa.Array, table_type: str) -> list[pa.Array | bytes]:
    """Return the bytes of values of one size; what stands in the place of a null is anything."""
    if pa.types.is_integer(values.type):
        arrow_type, code = _INTEGERS[table_type]
        return [_swapped(values.cast(arrow_type), code)]
    if pa.types.is_decimal128(values.type):
        return _decimals(values)
    if pa.types.is_boolean(values.type):
        return [_of_size(values.cast(pa.uint8()), 1, "B")]
    if pa.types.is_date32(values.type):
        epoch_day = pa.scalar(_EPOCH_DAY, pa.int32())
        return [_swapped(pc.subtract_checked(values.cast(pa.int32()), epoch_day), "i")]
    if pa.types.is_timestamp(values.type):
        return [_swapped(pc.subtract_checked(values.cast(pa.int64()), _EPOCH_US), "q")]
    return [_swapped(values, "d")]


def _decimals(values: pa.Decimal128Array) -> list[pa.Array | bytes]:
    """Return numerics, all of as many digits of base 10,000; the server drops zeros at both ends.

    Digits, the weight of the first one, the sign, the decimals that are shown, then the digits.
    """
    scale = values.type.scale
    if values.type.precision > _WORD_PRECISION:
        values = values.cast(pa.decimal128(_WORD_PRECISION, scale))
    unscaled = _low_words(values)
    fraction_digits = -(-scale // _BASE_DIGITS)
    whole_digits = -(-max(0, values.type.precision - scale) // _BASE_DIGITS)
    words = max(1, -(-(fraction_digits + whole_digits) // _WORD_DIGITS))
    rest, factor = pc.abs(unscaled), 10 ** (fraction_digits * _BASE_DIGITS - scale)
    digits: list[pa.Array] = []
    if factor > 1:
        # Apart, since the product of a whole value and this factor may pass 64 bits
        above = pc.divide(rest, _BASE // factor)
        digits.append(pc.multiply(_modulo(rest, above, _BASE // factor), factor))
        rest = above
    while len(digits) < words * _WORD_DIGITS:
        above = pc.divide(rest, _BASE)
        digits.append(_modulo(rest, above, _BASE))
        rest = above
    digits.reverse()
    count, weight = len(digits), len(digits) - fraction_digits - 1
    head = count.to_bytes(2, "big") + weight.to_bytes(2, "big", signed=True)
    sign = _signs(unscaled)
    packed = [
        _swapped(_packed(digits[start : start + _WORD_DIGITS]), "q")
        for start in range(0, count, _WORD_DIGITS)
    ]
    return [head, sign, scale.to_bytes(2, "big"), *packed]


def _low_words(values: pa.Decimal128Array) -> pa.Int64Array:
    count = len(values)
    words = array("q")
    words.frombytes(values.buffers()[1].slice(16 * values.offset, 16 * count))
    low = pa.py_buffer(words[::2])
    return pa.Array.from_buffers(pa.int64(), count, [None, low])


def _modulo(values: pa.Array, quotient: pa.Array, divisor: int) -> pa.Array:
    return pc.subtract(values, pc.multiply(quotient, divisor))


def _packed(digits: list[pa.Array]) -> pa.Array:
    word = digits[0]
    for digit in digits[1:]:
        word = pc.add(pc.multiply(word, 1 << 16), digit)
    return word


def _signs(unscaled: pa.Int64Array) -> pa.Array | bytes:
    negative = pc.less(unscaled, 0)
    if not pc.any(negative).as_py():
        return b"\0\0"
    flags = pc.if_else(negative, pa.scalar(0x4000, pa.int16()), pa.scalar(0, pa.int16()))
    return _swapped(flags, "h")


def _swapped(values: pa.Array, code: str) -> pa.Array:
    """Return each value's bytes, the most significant first."""
    return _of_size(values, array(code).itemsize, code)


def _of_size(values: pa.Array, width: int, code: str) -> pa.Array:
    count = len(values)
    raw = array(code)
    raw.frombytes(values.buffers()[1].slice(width * values.offset, width * count))
    if width > 1:
        raw.byteswap()
    return pa.Array.from_buffers(
        pa.binary(), count, [None, _offsets_of(count, width), pa.py_buffer(raw)]
    )


def _offsets_of(count: int, width: int) -> pa.Buffer:
    """Return where values of one width begin, from a list that only grows: it is dear to make."""
    known = _offsets.get(width)
    if known is None or len(known) <= count:
        known = _offsets[width] = array("i", range(0, (count + 1) * width, width))
    return pa.py_buffer(known)


def _width(part: pa.Array) -> int:
    """Return how long each value of a part of one size is."""
    return next(width for width in (8, 4, 2, 1) if part.buffers()[2].size == width * len(part))


def _length(size: int) -> bytes:
    return size.to_bytes(4, "big", signed=True)

"""Step 4: what the bytes of a column prove of all its texts, without a look at each of them.

A proof that fails says nothing: the texts are looked at one by one then. It reads the buffer whole,
so a slice, or bytes that lie below a null, can make it fail but never succeed wrongly.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

_BLANK: Final = 0x20
"""No ASCII character above it is taken off by trimming."""
_FIRST_LETTER: Final = ord("A")
_FIRST_NO_ASCII: Final = 0x80


class ByteRange(NamedTuple):
    """The lowest and the highest byte of a column's texts."""

    lowest: int
    highest: int

    @property
    def is_ascii(self) -> bool:
        return self.highest < _FIRST_NO_ASCII

    @property
    def has_no_nul(self) -> bool:
        return self.lowest > 0

    @property
    def has_no_blank(self) -> bool:
        """There is nothing that trimming takes off, for every white space is blank or no ASCII."""
        return self.lowest > _BLANK and self.is_ascii

    @property
    def has_no_letter(self) -> bool:
        """Neither 0x10 nor 1e5 can be among the texts."""
        return self.highest < _FIRST_LETTER

    @property
    def has_only_0_and_1(self) -> bool:
        return ord("0") <= self.lowest and self.highest <= ord("1")


_NOTHING: Final = ByteRange(ord("0"), ord("0"))
"""Of a column without a byte all proofs hold."""


def byte_range(texts: pa.StringArray) -> ByteRange:
    """Return the range of all bytes of the column: some 20 bytes a nanosecond."""
    data = texts.buffers()[2]
    if data is None or not data.size:
        return _NOTHING
    found = pc.min_max(pa.Array.from_buffers(pa.uint8(), data.size, [None, data]))
    return ByteRange(found["min"].as_py(), found["max"].as_py())


def byte_lengths(texts: pa.StringArray) -> pa.Int32Array:
    """Return the length of each text: Arrow's own kernel takes seven times as long beside nulls."""
    validity, offsets, _ = texts.buffers()
    if texts.offset or not len(texts) or offsets is None:
        return pc.binary_length(texts)
    ends = pa.Array.from_buffers(pa.int32(), len(texts) + 1, [None, offsets])
    lengths = pc.subtract(ends[1:], ends[:-1])
    return pa.Array.from_buffers(pa.int32(), len(texts), [validity, lengths.buffers()[1]])


def shortest(texts: pa.StringArray) -> int | None:
    """Return the fewest bytes of any text, None where there is none."""
    fewest: int | None = pc.min(byte_lengths(texts)).as_py()
    return fewest


def longest(texts: pa.StringArray) -> int:
    """Return the most bytes of any text, 0 where there is none."""
    return pc.max(byte_lengths(texts)).as_py() or 0

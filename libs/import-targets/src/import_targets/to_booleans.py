"""Boolean cells, and texts and numbers that mean yes or no, become booleans."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, trimmed
from import_targets.whole_columns import byte_range, longest, shortest

_WORDS: Final = pa.array(["true", "false", "yes", "no", "1", "0"])
"""By turns what means true and what means false."""
_WRITTEN: Final = pa.array([*_WORDS.to_pylist(), "t", "f", "y", "n"])
"""PostgreSQL's own export writes t and f."""


def to_booleans(texts: pa.StringArray, *, in_text_file: bool = False) -> Converted:
    """Return booleans of TRUE, FALSE, yes, no, 1 and 0, in any case; in a text file of t and y."""
    if _are_flags(texts):
        return Converted(pc.equal(texts, "1"))
    words = _WRITTEN if in_text_file else _WORDS
    index = pc.index_in(pc.utf8_lower(trimmed(texts)), value_set=words)
    values = pc.equal(pc.bit_wise_and(index, 1), 0)
    unknown = pc.and_not(texts.is_valid(), index.is_valid())
    return Converted(values, found(Fault("NOT_A_BOOLEAN", unknown)))


def _are_flags(texts: pa.StringArray) -> bool:
    """Return whether each text is 0 or 1, as in every cell that a workbook calls boolean."""
    return byte_range(texts).has_only_0_and_1 and shortest(texts) == longest(texts) == 1

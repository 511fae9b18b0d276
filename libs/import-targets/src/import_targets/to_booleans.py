"""Boolean cells, and texts and numbers that mean yes or no, become booleans."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found

_WORDS: Final = pa.array(["true", "false", "yes", "no", "1", "0"])
"""By turns what means true and what means false."""
_WRITTEN: Final = pa.array([*_WORDS.to_pylist(), "t", "f", "y", "n"])
"""PostgreSQL's own export writes t and f."""


def to_booleans(texts: pa.StringArray, *, in_text_file: bool = False) -> Converted:
    """Return booleans of TRUE, FALSE, yes, no, 1 and 0, in any case; in a text file of t and y."""
    words = _WRITTEN if in_text_file else _WORDS
    index = pc.index_in(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), value_set=words)
    values = pc.equal(pc.bit_wise_and(index, 1), 0)
    unknown = pc.and_not(texts.is_valid(), index.is_valid())
    return Converted(values, found(Fault("NOT_A_BOOLEAN", unknown)))

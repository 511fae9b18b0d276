"""Step 4: whether all texts of a column match a pattern, asked of them joined, one on each line.

More than half of what a short text costs is the call for it, so that one call for a column is worth
the joining. The answer is the same while no text has a line's end and the pattern matches none:
then the lines are the texts, and no match reaches from one into another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.whole_columns import byte_range

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_END: Final = "\n"
_PART: Final = re.compile(
    r"""[^\\\[\]()^$\x00-\x1f]              # a character, any character, repeats, alternatives
      | \( (?:\?: | (?!\?)) | \)            # groups, but none with flags
      | \\[!-/:-@\[-`{-~dwS]                # escaped punctuation, classes without a line's end
      | \[ (?!-) (?:[^\\\[\]^\x00-\x1f] | \\[!-/:-@\[-`{-~dw])+ \]
      | \[\^ (?!-) (?:[^\\\[\]^\x00-\x1f] | \\[!-/:-@\[-`{-~dws])+ \]""",
    re.VERBOSE,
)
"""The parts of patterns whose matches are known here; `[^…]` alone matches a line's end."""


def all_match(pattern: str, texts: pa.StringArray) -> bool:
    """Return True when each text that there is surely matches as a whole, else False."""
    line = _within_line(pattern)
    if line is None or byte_range(texts).lowest <= ord(_LINE_END):
        return False
    texts = texts.drop_null()
    together = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    joined = pc.binary_join(together, _LINE_END)
    try:
        matches = pc.match_substring_regex(joined, rf"\A(?:{line})(?:\n(?:{line}))*\z")
    except pa.ArrowInvalid:  # twice the pattern is more than RE2 takes
        return False
    return not len(texts) or bool(matches[0].as_py())


@lru_cache(maxsize=256)
def _within_line(pattern: str) -> str | None:
    """Return a pattern of the same texts that matches no line's end; None: none is known."""
    parts = list(_parts(pattern))
    if "".join(parts) != pattern or not _is_closed(parts):
        return None
    return "".join(rf"[^\n{part[2:]}" if part.startswith("[^") else part for part in parts)


def _parts(pattern: str) -> Iterator[str]:
    """Yield the parts up to the first that is not known."""
    at = 0
    while found := _PART.match(pattern, at):
        yield found[0]
        at = found.end()


def _is_closed(parts: list[str]) -> bool:
    """Return whether no bracket of the pattern closes one that was opened around it."""
    depth = 0
    for part in parts:
        depth += part.startswith("(") - (part == ")")
        if depth < 0:
            return False
    return True

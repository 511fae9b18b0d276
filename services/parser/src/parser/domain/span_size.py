"""Step 2: what some rows weigh, so that it can be told how large they are once encoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CELL_OVERHEAD_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSize:
    """The size of consecutive rows; of a span and the one behind it, the sum.

    `width` ends with the last column that holds anything in these rows, however wide the run is
    that they came in.
    """

    rows: int = 0
    width: int = 0
    filled: int = 0
    text: int = 0

    def __add__(self, other: SpanSize) -> SpanSize:
        return SpanSize(
            rows=self.rows + other.rows,
            width=max(self.width, other.width),
            filled=self.filled + other.filled,
            text=self.text + other.text,
        )

    @property
    def cell_bytes(self) -> int:
        """The UTF-8 bytes of the text, and 8 for each filled cell."""
        return self.text + CELL_OVERHEAD_BYTES * self.filled

    @property
    def empty(self) -> int:
        """How many cells hold nothing and are encoded all the same, since columns are whole."""
        return self.rows * self.width - self.filled

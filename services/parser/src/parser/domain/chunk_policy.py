"""Step 2: where a chunk ends, by the version of the rules that a job was begun under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from parser.domain.span_size import SpanSize

CHUNKER_VERSION: Final = 2
"""Raised by any change that cuts differently; a job keeps the version of its first parse."""
KNOWN_VERSIONS: Final = (1, 2)
"""Jobs of any other version are left to a parser that has it."""
_MOST_ROWS: Final = {1: 1000, 2: 8000}
"""Of a chunk, where no setting says another number: what it was when the version came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPolicy:
    """Where a chunk ends: at so many rows, or before its cells pass so many bytes.

    A filled cell counts its UTF-8 bytes plus 8; an empty one left of the chunk's last filled column
    counts `empty_bytes`, what Arrow writes for it: 4 of offset and 1 of tag. A single row above
    `bytes` is a chunk of its own, one whose filled cells are above `row_bytes` is sent as a mark
    that becomes a row error: 1,000 rows of the largest cells would be 31 MB, and the brokers take
    2 MiB.

    The first chunks of a sheet are smaller: so the first progress comes early, and the chunks of a
    small file are spread over the partitions.
    """

    rows: int = 8000
    bytes: int = 1024 * 1024
    row_bytes: int = 768 * 1024
    small_chunks: int = 8
    small_rows: int = 1000
    empty_bytes: int = 5

    def rows_of(self, chunk_no: int) -> int:
        """Return how many rows that chunk has at most."""
        return min(self.rows, self.small_rows) if chunk_no < self.small_chunks else self.rows

    def bytes_of(self, size: SpanSize) -> int:
        """Return what rows count; never less with a row more, so an end is found by halves."""
        return size.cell_bytes + self.empty_bytes * size.empty


def rows_by_version(setting: int | None) -> dict[int, int]:
    """Return how many rows a chunk has at most, by version, for jobs that say nothing of it.

    A job keeps the number that it was begun with, so a setting counts for those begun under it, of
    whatever version.
    """
    return {version: setting or rows for version, rows in _MOST_ROWS.items()}


def policy_of(version: int, most_rows: int | None) -> ChunkPolicy:
    """Return the rules of a version; `most_rows` is what is kept of the rows of a chunk, if it is.

    Raises:
        ValueError: no such version.
    """
    if version not in KNOWN_VERSIONS:
        raise ValueError(f"version {version} of the chunker is unknown")
    rows = most_rows or _MOST_ROWS[version]
    if version == 1:
        return ChunkPolicy(rows=rows, bytes=512 * 1024, small_chunks=0, empty_bytes=0)
    return ChunkPolicy(rows=rows)

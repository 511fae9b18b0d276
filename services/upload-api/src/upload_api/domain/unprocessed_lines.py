"""The lines of a job that no written chunk covers, and why each is among them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from upload_api.domain.line_ranges import LineRanges

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadChunk:
    """A chunk that could not be written, and the code of the reason."""

    first_line: int
    last_line: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprocessedLines:
    """What is to be read again of a file."""

    wanted: LineRanges
    dead: tuple[DeadChunk, ...]
    """By rising lines."""
    otherwise: str
    """Why the other lines were not processed."""

    def why(self, line: int) -> str:
        at = bisect_right(self.dead, line, key=lambda chunk: chunk.first_line) - 1
        if at >= 0 and line <= self.dead[at].last_line:
            return f"Not processed: this part could not be written ({self.dead[at].code})."
        return self.otherwise


def unprocessed_lines(
    header_line: int,
    written: Iterable[tuple[int, int]],
    dead: Iterable[DeadChunk],
    otherwise: str,
) -> UnprocessedLines:
    """Return the lines behind the header that are in no written chunk.

    Lines between two chunks are blank and come back as no rows.
    """
    return UnprocessedLines(
        wanted=LineRanges.of_ranges(written).rest(header_line + 1),
        dead=tuple(dead),
        otherwise=otherwise,
    )

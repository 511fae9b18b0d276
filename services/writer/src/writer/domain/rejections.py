"""A rejected row as it is stored: one value for each error, the row's texts beside the first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DUPLICATE_KEY = "DUPLICATE_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One error of one line. `chunk_no` is the chunk whose ledger entry counts the line."""

    sheet_line: int
    chunk_no: int
    code: str
    message: str
    error_no: int = 0
    column_letter: str | None = None
    field: str | None = None
    value: str | None = None
    other_line: int | None = None
    cells: tuple[str | None, ...] | None = None
    root_line: int | None = None
    """In a correction: the line of the root that the line names."""
    displaced_by: int | None = None
    """The line that took this one's place, of a row that was in the table."""

    @property
    def sentence(self) -> str:
        """Return the error as people read it."""
        return f"Row {self.sheet_line}: {self.message}"


def rejected_lines(rejections: Iterable[Rejection]) -> list[tuple[int, int]]:
    """Return (sheet line, chunk no) of each rejected line once, by rising line."""
    return sorted({r.sheet_line: r.chunk_no for r in rejections}.items())


def count_errors(rejections: Iterable[Rejection]) -> Counter[tuple[int, str, str, str]]:
    """Return how many errors there are by (chunk no, column letter, field, code).

    Of all of them, stored or not; "" stands for the row as a whole.
    """
    return Counter((r.chunk_no, r.column_letter or "", r.field or "", r.code) for r in rejections)


def first_by_chunk(rejections: Iterable[Rejection], limit: int) -> dict[int, list[Rejection]]:
    """Return the first errors counted in each chunk, one for each line, in sheet order."""
    firsts: dict[int, dict[int, Rejection]] = {}
    for rejection in sorted(rejections, key=lambda r: (r.sheet_line, r.error_no)):
        of_chunk = firsts.setdefault(rejection.chunk_no, {})
        if len(of_chunk) < limit:
            of_chunk.setdefault(rejection.sheet_line, rejection)
    return {chunk_no: list(of_chunk.values()) for chunk_no, of_chunk in firsts.items()}


def within_cap(rejections: Sequence[Rejection], room: int) -> Sequence[Rejection]:
    """Return what may still be stored with values; whole lines are never torn."""
    if len(rejections) <= room:
        return rejections
    kept = list(rejections[:room])
    if kept and rejections[room].sheet_line == kept[-1].sheet_line:
        torn = kept[-1].sheet_line
        kept = [r for r in kept if r.sheet_line != torn]
    return kept

"""Step 2: cuts a sheet's rows into chunks; the same file always gives the same chunks."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parser.domain.sheet_run import (
    SheetRun,
    Span,
    joined_columns,
    joined_lines,
    joined_tags,
    sheet_run,
)
from parser.domain.span_size import SpanSize
from sluice.events.rows_chunked import ChunkCells, cells_of_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parser.domain.chunk_policy import ChunkPolicy
    from xlsx_reader import RowRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One chunk: its cells and its share of the inflated sheet, in bytes."""

    chunk_no: int
    cells: ChunkCells
    covered_bytes: int


class Chunker:
    """Takes runs of rows in sheet order, gives chunks; how the runs are cut does not matter."""

    def __init__(self, policy: ChunkPolicy, start_offset: int = 0) -> None:
        self._policy = policy
        self._held: list[Span] = []
        self._held_size = SpanSize()
        self._cut_to = self._read_to = start_offset
        self.rows = 0
        self.chunks = 0

    def add(self, run: RowRun, from_row: int = 0) -> Iterator[Cut]:
        """Take the rows of a run from `from_row` on; give the chunks that are complete now."""
        rows = sheet_run(run)
        end_of = _interpolated(self._read_to, run.end_offset, from_row, len(rows))
        start = from_row
        for large in rows.rows_above(self._policy.row_bytes, from_row, len(rows)):
            yield from self._take(rows, start, large, end_of)
            yield from self._take(rows.as_mark(large), 0, 1, _fixed(end_of(large + 1)))
            start = large + 1
        yield from self._take(rows, start, len(rows), end_of)
        self._read_to = run.end_offset

    def room(self) -> tuple[int, int]:
        """Return how many rows and bytes the next run should have, so that runs become chunks.

        That is what is left of the chunk; of the next one when a row more would hardly fit.
        """
        held = self._policy.bytes_of(self._held_size)
        left = self._policy.bytes - held
        if left * self._held_size.rows < held:
            return self._policy.rows_of(self.chunks + 1), self._policy.bytes
        return self._row_room(), left

    def finish(self) -> Iterator[Cut]:
        """Give the last chunk, if rows are left."""
        if self._held:
            yield self._emit()

    def _take(
        self, run: SheetRun, start: int, stop: int, end_of: Callable[[int], int]
    ) -> Iterator[Cut]:
        """Take rows none of which is too large to send."""
        while start < stop:
            # Asked anew each time: where a chunk ends moves every end after it.
            most = min(stop, start + self._row_room())
            end = self._end_by_bytes(run, start, most)
            if end > start:
                self._hold(Span(run, start, end, end_of(end)), run.size_of(start, end))
                start = end
            if end < most or not self._row_room():
                yield self._emit()

    def _end_by_bytes(self, run: SheetRun, start: int, most: int) -> int:
        def counted(end: int) -> int:
            return self._policy.bytes_of(self._held_size + run.size_of(start, end))

        if counted(most) <= self._policy.bytes:
            return most
        end = start + bisect_right(range(start + 1, most + 1), self._policy.bytes, key=counted)
        is_alone = end == start and not self._held
        return start + 1 if is_alone else end

    def _row_room(self) -> int:
        return self._policy.rows_of(self.chunks) - self._held_size.rows

    def _hold(self, span: Span, size: SpanSize) -> None:
        self._held.append(span)
        self._held_size += size

    def _emit(self) -> Cut:
        held, end = self._held, self._held[-1].end_offset
        cut = Cut(
            chunk_no=self.chunks,
            cells=cells_of_arrays(joined_lines(held), joined_columns(held), joined_tags(held)),
            covered_bytes=max(0, end - self._cut_to),
        )
        self.rows += self._held_size.rows
        self.chunks += 1
        self._held, self._held_size, self._cut_to = [], SpanSize(), end
        return cut


def _interpolated(begin: int, end: int, from_row: int, rows: int) -> Callable[[int], int]:
    """Offsets inside a run are not known: take every row for equally long."""
    count = max(rows - from_row, 1)
    return lambda row: begin + (end - begin) * (row - from_row) // count


def _fixed(end: int) -> Callable[[int], int]:
    return lambda _: end

"""Step 2: cuts a sheet's rows into chunks; the same file always gives the same chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkCells, cells_of_arrays
from xlsx_reader import BufferedRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsx_reader import ArrowBuffers, RowRun

CHUNKER_VERSION = 1
"""Raised by any change that cuts differently; a job keeps the version of its first parse."""

CELL_OVERHEAD_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPolicy:
    """Where a chunk ends: at so many rows, or before its cells pass so many bytes.

    A cell counts its UTF-8 bytes plus 8. A single row above `bytes` is a chunk of its own, one
    above `row_bytes` is sent as a mark that becomes a row error: 1,000 rows of the largest cells
    would be 31 MB, and the brokers take 2 MiB.
    """

    rows: int = 1000
    bytes: int = 512 * 1024
    row_bytes: int = 768 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One chunk: its cells and its share of the inflated sheet, in bytes."""

    chunk_no: int
    cells: ChunkCells
    covered_bytes: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Consecutive rows of one run, as slices of its Arrow columns."""

    lines: pa.Int32Array
    columns: tuple[pa.StringArray, ...]
    tags: tuple[bytes, ...]
    end_offset: int

    def __len__(self) -> int:
        return len(self.lines)

    def size_bytes(self) -> int:
        return sum(_column_bytes(column) for column in self.columns)

    def row_sizes(self) -> list[int]:
        """Return what each row counts, in bytes."""
        total = pa.array([0] * len(self), pa.int64())
        for column in self.columns:
            cell = pc.add(pc.cast(pc.binary_length(column), pa.int64()), CELL_OVERHEAD_BYTES)
            total = pc.add(total, pc.fill_null(cell, 0))
        return [int(size) for size in total.to_pylist()]

    def slice(self, start: int, stop: int, end_offset: int) -> _Piece:
        return _Piece(
            lines=self.lines.slice(start, stop - start),
            columns=tuple(column.slice(start, stop - start) for column in self.columns),
            tags=tuple(tags[start:stop] for tags in self.tags),
            end_offset=end_offset,
        )


def _whole(run: RowRun) -> _Piece:
    """Return a run as Arrow; one that came in Arrow's own layout is not copied."""
    if isinstance(run, BufferedRun):
        line_buffer = pa.py_buffer(run.lines)
        lines = pa.Int32Array.from_buffers(pa.int32(), len(run.lines), [None, line_buffer])
        columns = tuple(_from_buffers(len(lines), column) for column in run.arrow_buffers())
    else:
        lines = pa.array(run.lines, pa.int32())
        columns = tuple(pa.array(column, pa.string()) for column in run.columns)
    return _Piece(lines, columns, tuple(run.tags), run.end_offset)


def _from_buffers(rows: int, column: ArrowBuffers) -> pa.StringArray:
    return pa.StringArray.from_buffers(
        rows,
        pa.py_buffer(column.offsets),
        pa.py_buffer(column.text),
        None if column.validity is None else pa.py_buffer(column.validity),
        column.null_count,
    )


def _column_bytes(column: pa.StringArray) -> int:
    offsets = column.buffers()[1]
    if offsets is None:
        return 0
    width = 4
    first, last = (
        int.from_bytes(offsets.slice(width * at, width).to_pybytes(), "little")
        for at in (column.offset, column.offset + len(column))
    )
    return last - first + CELL_OVERHEAD_BYTES * (len(column) - int(column.null_count))


class Chunker:
    """Takes runs of rows in sheet order, gives chunks; how the runs are cut does not matter."""

    def __init__(self, policy: ChunkPolicy, start_offset: int = 0) -> None:
        self._policy = policy
        self._held: list[_Piece] = []
        self._held_rows = 0
        self._held_bytes = 0
        self._offset = start_offset
        self.rows = 0
        self.chunks = 0

    def add(self, run: RowRun, from_row: int = 0) -> Iterator[Cut]:
        """Take the rows of a run from `from_row` on; give the chunks that are complete now."""
        whole = _whole(run)
        begin = self._held[-1].end_offset if self._held else self._offset
        ends = _interpolate(begin, run.end_offset, len(whole) - from_row)
        start = from_row
        while start < len(whole):
            # Asked anew each time: a chunk that ended by its bytes moves every end after it.
            stop = min(start + self._room(), len(whole))
            yield from self._take(whole.slice(start, stop, ends(stop - from_row)))
            start = stop

    def finish(self) -> Iterator[Cut]:
        """Give the last chunk, if rows are left."""
        if self._held:
            yield self._emit()

    def _room(self) -> int:
        return self._policy.rows - self._held_rows

    def _take(self, piece: _Piece) -> Iterator[Cut]:
        size = piece.size_bytes()
        if self._held_bytes + size <= self._policy.bytes:
            yield from self._hold(piece, size)
            return
        yield from self._take_row_by_row(piece)

    def _take_row_by_row(self, piece: _Piece) -> Iterator[Cut]:
        begin = self._held[-1].end_offset if self._held else self._offset
        ends = _interpolate(begin, piece.end_offset, len(piece))
        for row, size in enumerate(piece.row_sizes()):
            part = piece.slice(row, row + 1, ends(row + 1))
            if size > self._policy.row_bytes:
                part, size = _mark_too_large(part, size), CELL_OVERHEAD_BYTES  # noqa: PLW2901
            if self._held and self._held_bytes + size > self._policy.bytes:
                yield self._emit()
            yield from self._hold(part, size)

    def _hold(self, piece: _Piece, size: int) -> Iterator[Cut]:
        self._held.append(piece)
        self._held_rows += len(piece)
        self._held_bytes += size
        if self._held_rows >= self._policy.rows:
            yield self._emit()

    def _emit(self) -> Cut:
        pieces, end = self._held, self._held[-1].end_offset
        width = max(len(piece.columns) for piece in pieces)
        columns = [_joined_column(pieces, number) for number in range(width)]
        tags = [_joined_tags(pieces, number) for number in range(width)]
        lines = pa.concat_arrays([piece.lines for piece in pieces])
        cut = Cut(
            chunk_no=self.chunks,
            cells=cells_of_arrays(lines, columns, tags),
            covered_bytes=max(0, end - self._offset),
        )
        self.rows += self._held_rows
        self.chunks += 1
        self._held, self._held_rows, self._held_bytes, self._offset = [], 0, 0, end
        return cut


class _interpolate:  # noqa: N801 - reads as the function it is
    """Offsets inside a run are not known: take every row for equally long."""

    def __init__(self, begin: int, end: int, rows: int) -> None:
        self._begin, self._end, self._rows = begin, end, max(rows, 1)

    def __call__(self, row: int) -> int:
        return self._begin + (self._end - self._begin) * row // self._rows


def _joined_column(pieces: Sequence[_Piece], number: int) -> pa.StringArray:
    parts = [
        piece.columns[number] if number < len(piece.columns) else pa.nulls(len(piece), pa.string())
        for piece in pieces
    ]
    return pa.concat_arrays(parts)


def _joined_tags(pieces: Sequence[_Piece], number: int) -> bytes:
    return b"".join(
        piece.tags[number] if number < len(piece.tags) else bytes(len(piece)) for piece in pieces
    )


def _mark_too_large(row: _Piece, size: int) -> _Piece:
    return _Piece(
        lines=row.lines,
        columns=(pa.array([str(size)], pa.string()),),
        tags=(bytes([CellTag.ROW_TOO_LARGE]),),
        end_offset=row.end_offset,
    )

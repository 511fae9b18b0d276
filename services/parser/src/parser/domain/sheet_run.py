"""Step 2: a run of rows as Arrow columns, which says what any span of its rows counts in bytes."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from parser.domain.span_size import SpanSize
from sluice.events.cell_tags import CellTag
from xlsx_reader import BufferedRun, Utf8Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsx_reader import ArrowBuffers, RowRun


@dataclass(frozen=True, slots=True)
class SheetRun:
    """Consecutive rows, by column.

    What a span counts comes from the offsets at its two ends: no row is looked at by itself.
    """

    lines: pa.Int32Array
    columns: tuple[pa.StringArray, ...]
    tags: tuple[bytes, ...]
    offsets: tuple[memoryview, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def size_of(self, start: int, stop: int) -> SpanSize:
        """Return the size of rows `start` to `stop`."""
        rows, filled, width = stop - start, 0, 0
        for number, column in enumerate(self.columns, start=1):
            empty = column.slice(start, rows).null_count if column.null_count else 0
            if empty < rows:
                filled, width = filled + rows - empty, number
        text: int = sum(offsets[stop] - offsets[start] for offsets in self.offsets)
        return SpanSize(rows=rows, width=width, filled=filled, text=text)

    def rows_above(self, most_bytes: int, start: int, stop: int) -> Iterator[int]:
        """Find the rows whose cells have more, by halves: a span that has less holds none."""
        if start >= stop or self.size_of(start, stop).cell_bytes <= most_bytes:
            return
        if stop - start == 1:
            yield start
            return
        middle = (start + stop) // 2
        yield from self.rows_above(most_bytes, start, middle)
        yield from self.rows_above(most_bytes, middle, stop)

    def as_mark(self, row: int) -> SheetRun:
        """Return the one row that stands for a row which is too large; its text counts nothing.

        Its arrays are its own, since it may be a whole chunk: hashing reads them from their start.
        """
        size = str(self.size_of(row, row + 1).cell_bytes)
        tags = (bytes([CellTag.ROW_TOO_LARGE]),)
        line = pa.array([self.lines[row].as_py()], pa.int32())
        return SheetRun(line, (pa.array([size], pa.string()),), tags, ())


def sheet_run(run: RowRun) -> SheetRun:
    """Return a run as Arrow; one that came in Arrow's own layout is not copied."""
    lines = _line_array(run)
    if isinstance(run, BufferedRun):
        columns = tuple(_from_buffers(len(lines), column) for column in run.arrow_buffers())
    elif isinstance(run, Utf8Run):
        columns = tuple(map(_from_utf8, run.utf8_columns))
    else:
        columns = tuple(pa.array(column, pa.string()) for column in run.columns)
    offsets = tuple(memoryview(column.buffers()[1]).cast("b").cast("i") for column in columns)
    return SheetRun(lines, columns, tuple(run.tags), offsets)


def _line_array(run: RowRun) -> pa.Int32Array:
    lines = run.lines if isinstance(run, BufferedRun) else array("i", run.lines)
    return pa.Int32Array.from_buffers(pa.int32(), len(lines), [None, pa.py_buffer(lines)])


def _from_utf8(texts: Sequence[bytes | None]) -> pa.StringArray:
    """Return texts that are known to be UTF-8: Arrow need not look at each again."""
    column = pa.array(texts, pa.binary())
    validity, offsets, text = column.buffers()
    return pa.StringArray.from_buffers(len(column), offsets, text, validity, column.null_count)


def _from_buffers(rows: int, column: ArrowBuffers) -> pa.StringArray:
    return pa.StringArray.from_buffers(
        rows,
        pa.py_buffer(column.offsets),
        pa.py_buffer(column.text),
        None if column.validity is None else pa.py_buffer(column.validity),
        column.null_count,
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Some rows of a run, and where the last of them ends in the sheet."""

    run: SheetRun
    start: int
    stop: int
    end_offset: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def is_whole_run(self) -> bool:
        return len(self) == len(self.run)

    def lines(self) -> pa.Int32Array:
        return self.run.lines.slice(self.start, len(self))

    def column(self, number: int) -> pa.StringArray:
        if number >= len(self.run.columns):
            return pa.nulls(len(self), pa.string())
        return self.run.columns[number].slice(self.start, len(self))

    def tags(self, number: int) -> bytes:
        if number >= len(self.run.tags):
            return bytes(len(self))
        return self.run.tags[number][self.start : self.stop]


def joined_lines(spans: Sequence[Span]) -> pa.Int32Array:
    return _whole([span.lines() for span in spans], is_whole=_is_one_run(spans))


def joined_columns(spans: Sequence[Span]) -> list[pa.StringArray]:
    """Return whole columns, whose offsets begin at 0; a chunk that is one run is not copied."""
    width, is_whole = max(len(span.run.columns) for span in spans), _is_one_run(spans)
    return [
        _whole([span.column(number) for span in spans], is_whole=is_whole)
        for number in range(width)
    ]


def joined_tags(spans: Sequence[Span]) -> list[bytes]:
    width = max(len(span.run.tags) for span in spans)
    return [b"".join(span.tags(number) for span in spans) for number in range(width)]


def _is_one_run(spans: Sequence[Span]) -> bool:
    return len(spans) == 1 and spans[0].is_whole_run


def _whole(parts: list[pa.Array], *, is_whole: bool) -> pa.Array:
    return parts[0] if is_whole else pa.concat_arrays(parts)

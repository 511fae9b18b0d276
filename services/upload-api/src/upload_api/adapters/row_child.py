"""In a child process: reads lines of a stored file again, and hands their texts over by a pipe.

The file is as untrusted as on its first reading; the child gives up what it does not need, and
blocks on the pipe while whoever downloads the rows is slow.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from csv_reader import CsvError, Dialect, open_table
from import_targets import CoalescedCells, shown_rows
from sluice.confinement.child import confine_reader
from sluice.confinement.layers import allow_cpu_for
from xlsx_reader import BufferedRun, WorkbookError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from sluice.confinement.reader_limits import ReaderLimits
    from sluice.storage import ReadableFile
    from upload_api.domain.line_ranges import LineRanges
    from xlsx_reader import ArrowBuffers, RowRun

OPENED, ROWS, ENDED, FAILED, CRASHED = b"O", b"R", b"E", b"F", b"X"
FRAME_ROWS: Final = 200
MAX_ROW_CHARACTERS: Final = 768 * 1024
"""What is longer is no row of any job: its error says so, and its texts are not given back."""

Row = tuple[int, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOrder:
    """Which lines of which file; it is pickled on its way."""

    file: ReadableFile
    sheet: str
    dialect: Dialect | None
    wanted: LineRanges
    spill_dir: str
    limits: ReaderLimits


def read_rows(order: RowsOrder, pipe: Connection) -> None:
    """Run in the child: send OPENED, ROWS, then ENDED, FAILED or CRASHED."""
    confine_reader(order.limits, order.file, order.spill_dir, pipe)
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        _send_all(order, pipe)
    except (WorkbookError, CsvError) as error:
        _send(pipe, FAILED, [error.code, str(error)])
    except (BrokenPipeError, ConnectionResetError):
        return  # nobody wants them any more
    except Exception as error:  # noqa: BLE001 - a bug, or a limit; a message might quote a cell
        _send(pipe, CRASHED, type(error).__name__)
    finally:
        pipe.close()


def _send_all(order: RowsOrder, pipe: Connection) -> None:
    with open_table(
        order.file.path, sheet=order.sheet, dialect=order.dialect, spill_dir=order.spill_dir
    ) as table:
        allow_cpu_for(order.limits, table.size_bytes)
        _send(pipe, OPENED, None)
        for run in table.runs:
            positions = _wanted_positions(run, order.wanted)
            if positions:
                for rows in _frames(_rows(run, positions, date_1904=table.date_1904)):
                    _send(pipe, ROWS, rows)
            if run.lines[-1] >= order.wanted.last:
                break
        _send(pipe, ENDED, None)


def _wanted_positions(run: RowRun, wanted: LineRanges) -> list[int]:
    positions: list[int] = []
    for first, last in wanted.within(run.lines[0], run.lines[-1]):
        positions += range(bisect_left(run.lines, first), bisect_right(run.lines, last))
    return positions


def _rows(run: RowRun, positions: list[int], *, date_1904: bool) -> Iterator[Row]:
    tags = [pa.py_buffer(tags) for tags in run.tags]
    rows = len(run.lines)
    cells = CoalescedCells(
        lines=pa.array(run.lines, pa.int32()),
        columns=_columns(run),
        tags=tuple(pa.UInt8Array.from_buffers(pa.uint8(), rows, [None, t]) for t in tags),
    )
    for at in range(0, len(positions), FRAME_ROWS):
        block = positions[at : at + FRAME_ROWS]
        shown = shown_rows(cells, block, date_1904=date_1904)
        for position, texts in zip(block, shown, strict=True):
            yield run.lines[position], _bounded(texts)


def _columns(run: RowRun) -> tuple[pa.StringArray, ...]:
    if isinstance(run, BufferedRun):
        rows = len(run.lines)
        return tuple(_from_buffers(rows, column) for column in run.arrow_buffers())
    return tuple(pa.array(column, pa.string()) for column in run.columns)


def _from_buffers(rows: int, column: ArrowBuffers) -> pa.StringArray:
    validity = None if column.validity is None else pa.py_buffer(column.validity)
    buffers = (pa.py_buffer(column.offsets), pa.py_buffer(column.text), validity)
    return pa.StringArray.from_buffers(rows, *buffers, column.null_count)


def _bounded(texts: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return texts if _characters(texts) <= MAX_ROW_CHARACTERS else ()


def _characters(texts: tuple[str | None, ...]) -> int:
    return sum(len(text) for text in texts if text)


def _frames(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield the rows in parts that fit a frame."""
    part: list[Row] = []
    size = 0
    for row in rows:
        characters = _characters(row[1])
        if len(part) == FRAME_ROWS or (part and size + characters > MAX_ROW_CHARACTERS):
            yield part
            part, size = [], 0
        part.append(row)
        size += characters
    if part:
        yield part


def _send(pipe: Connection, kind: bytes, body: Any) -> None:
    pipe.send_bytes(kind + json.dumps(body).encode())

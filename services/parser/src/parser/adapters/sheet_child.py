"""Step 2, in a child process: reads one sheet and hands encoded chunks to the parser by a pipe.

Untrusted files are read here, and nowhere else, so that none can take the service down: the child
first gives up whatever it does not need (`sluice.confinement`). It blocks on the pipe while the
parser's window is full, and ends when the pipe's other end is gone.
"""

from __future__ import annotations

import encodings.cp437  # noqa: F401 - for zip; as pyarrow.compute
import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute  # once, before the fork: each child spent 40 ms on it

from csv_reader import CsvError, open_table
from parser.adapters.read_order import (
    CHUNK,
    CHUNK_TOO_LARGE,
    CRASHED,
    ENDED,
    FAILED,
    HEADER,
    OPENED,
)
from parser.domain.chunk_policy import policy_of
from parser.domain.chunker import Chunker, Cut
from sluice.confinement.child import confine_reader, send_body
from sluice.confinement.layers import allow_cpu_for
from sluice.errors import Critical
from sluice.events.chunk_records import MAX_VALUE_BYTES
from sluice.events.rows_chunked import ChunkMeta, content_sha256, encoded
from xlsx_reader import WorkbookError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from parser.adapters.read_order import ReadOrder
    from xlsx_reader import RowRun


def read_sheet(order: ReadOrder, pipe: Connection) -> None:
    """Run in the child: send OPENED, the chunks, then ENDED, FAILED or CRASHED."""
    confine_reader(order.limits, order.file, order.spill_dir, pipe)
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        _send_all(order, pipe)
    except (WorkbookError, CsvError, Critical) as error:
        _send(pipe, FAILED, {"code": error.code, "message": str(error)})
    except (BrokenPipeError, ConnectionResetError):
        return  # the parser is gone, or has ended this epoch
    except Exception as error:  # noqa: BLE001 - a bug, or a limit: the parser counts it
        _send(pipe, CRASHED, {"why": _place_of(error)})
    finally:
        pipe.close()


def _place_of(error: Exception) -> str:
    """Return kind and place without the message, which may quote a cell."""
    frame = traceback.extract_tb(error.__traceback__, -1)[0]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _send_all(order: ReadOrder, pipe: Connection) -> None:
    chunker = Chunker(policy_of(order.chunker_version, order.chunk_rows))
    with open_table(
        order.file.path,
        sheet=order.sheet,
        dialect=order.dialect,
        spill_dir=order.spill_dir,
        room=chunker.room,
    ) as table:
        allow_cpu_for(order.limits, table.size_bytes)
        _send(pipe, OPENED, {"bytesTotal": table.size_bytes})
        for cut in _cuts(table.runs, order.header_line, chunker):
            if cut.chunk_no not in order.written:
                _send_chunk(pipe, order, cut, date_1904=table.date_1904)
        totals = {
            "totalRows": chunker.rows,
            "totalChunks": chunker.chunks,
            "bytesTotal": table.size_bytes,
        }
        _send(pipe, ENDED, totals)


def _cuts(runs: Iterator[RowRun], header_line: int, chunker: Chunker) -> Iterator[Cut]:
    for run in runs:
        first = rows_above(run, header_line)
        if first < len(run.lines):
            yield from chunker.add(run, first)
    yield from chunker.finish()


def rows_above(run: RowRun, header_line: int) -> int:
    """Return how many rows of a run are not behind the header."""
    if run.lines[0] > header_line:
        return 0
    return sum(line <= header_line for line in run.lines)


def _send_chunk(pipe: Connection, order: ReadOrder, cut: Cut, *, date_1904: bool) -> None:
    lines = cut.cells.lines
    meta = ChunkMeta(
        job_id=order.job_id,
        run=order.run,
        chunk_no=cut.chunk_no,
        rows=len(lines),
        first_line=lines[0].as_py(),
        last_line=lines[-1].as_py(),
        covered_bytes=cut.covered_bytes,
        sha256=content_sha256(cut.cells),
        chunker_version=order.chunker_version,
        date_1904=date_1904,
    )
    value = encoded(meta, cut.cells)
    if len(value) > MAX_VALUE_BYTES:
        raise _too_large(meta)
    pipe.send_bytes(HEADER.pack(CHUNK, cut.chunk_no, meta.rows, len(value)))
    send_body(pipe, value)


def _too_large(meta: ChunkMeta) -> Critical:
    """Version 1 counted nothing for empty cells; a new job is cut by rules that do."""
    where = f"rows {meta.first_line:,} to {meta.last_line:,}"
    why = "are too large to be sent together; upload the file again, so that fewer are sent at once"
    return Critical(CHUNK_TOO_LARGE, f"{where} {why}")


def _send(pipe: Connection, kind: bytes, body: dict[str, Any]) -> None:
    pipe.send_bytes(HEADER.pack(kind, 0, 0, 0) + json.dumps(body).encode())

"""Step 2: what a reading child is told, and the kinds of frames that it answers with.

Here is what both sides need; what only the child needs (pyarrow) the parser does not import.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from uuid import UUID

    from csv_reader import Dialect
    from sluice.confinement.reader_limits import ReaderLimits
    from sluice.storage import ReadableFile

OPENED, CHUNK, ENDED, FAILED, CRASHED = b"O", b"C", b"E", b"F", b"X"
HEADER = struct.Struct("<cIII")
"""The kind of a frame; of a chunk its number, its rows and the size of the value that follows."""
CHUNK_TOO_LARGE = "CHUNK_TOO_LARGE"
"""The code of a job with rows that brokers would not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """What a child is to read; it is pickled on its way."""

    job_id: UUID
    run: int
    file: ReadableFile
    sheet: str
    header_line: int
    written: frozenset[int]
    """Chunks that are in the ledger: cut, but not sent."""
    chunk_rows: int | None
    chunker_version: int
    spill_dir: str
    limits: ReaderLimits
    dialect: Dialect | None = None
    """How a text file is read; None for a workbook."""


def read_as_told(order: ReadOrder, pipe: Connection) -> None:
    """Run in the child, which was forked from a process that has imported all of this."""
    from parser.adapters.sheet_child import read_sheet  # noqa: PLC0415 - 30 MB, in the child alone

    read_sheet(order, pipe)

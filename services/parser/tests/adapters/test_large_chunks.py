"""A job of version 1 whose chunks are larger than what brokers take."""

from __future__ import annotations

from multiprocessing.connection import wait
from pathlib import Path
from uuid import UUID

from csv_reader import Dialect
from parser.adapters.read_order import ReadOrder
from parser.adapters.sheet_reader import ChunkRead, Ended, Failed, Frame, SheetReader
from sluice.confinement.child import prepare_forkserver
from sluice.confinement.reader_limits import ReaderLimits
from sluice.events.chunk_records import MAX_VALUE_BYTES
from sluice.storage import ReadableFile

ROWS, COLUMNS, WITHIN_S = 1_000, 500, 60


def frames_of(folder: Path, version: int) -> list[Frame]:
    """Read a table each of whose rows has one filled cell, in another column than the next."""
    prepare_forkserver("parser.adapters.sheet_child")
    header = ",".join(f"c{number}" for number in range(COLUMNS))
    cells = [["x" if n == row % COLUMNS else "" for n in range(COLUMNS)] for row in range(ROWS)]
    path = folder / "a.csv"
    path.write_text("\n".join([header, *map(",".join, cells)]))
    order = ReadOrder(
        job_id=UUID(int=1),
        run=1,
        file=ReadableFile(str(path)),
        sheet="",
        header_line=1,
        written=frozenset(),
        chunk_rows=None,
        chunker_version=version,
        spill_dir=str(folder),
        limits=ReaderLimits(),
        dialect=Dialect(encoding="utf-8", delimiter=","),
    )
    reader, frames = SheetReader(order), list[Frame]()
    try:
        while not frames or not isinstance(frames[-1], Ended | Failed):
            assert wait([reader.pipe], WITHIN_S), "the reader says nothing"
            frames.append(reader.next_frame())
    finally:
        reader.kill()
    return frames


def test_rows_too_large_to_be_sent_are_named(tmp_path: Path) -> None:
    failed = frames_of(tmp_path, version=1)[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "CHUNK_TOO_LARGE"
    assert "rows 2 to 1,001 are too large" in failed.message
    assert "upload the file again" in failed.message


def test_uploaded_again_they_are_cut_smaller(tmp_path: Path) -> None:
    *frames, ended = frames_of(tmp_path, version=2)
    assert isinstance(ended, Ended)
    assert ended.total_rows == ROWS
    sizes = [len(frame.value) for frame in frames if isinstance(frame, ChunkRead)]
    assert len(sizes) > 1
    assert max(sizes) < MAX_VALUE_BYTES

"""Rows of a stored file, read again by a confined child."""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final

from csv_reader import Dialect
from sluice.confinement.child import ReadingChild
from sluice.confinement.reader_limits import ReaderLimits
from upload_api.adapters.row_child import ENDED, FAILED, OPENED, ROWS, RowsOrder, read_rows
from upload_api.domain.unwritten_rows import RowsUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sluice.job_layout import JobLayout
    from sluice.storage import ReadableFile
    from upload_api.adapters.row_child import Row
    from upload_api.domain.line_ranges import LineRanges

MAX_READERS: Final = 2
"""Of one process: a child takes 75 MB, and as long as whoever downloads its rows."""


class ReadersBusy(Exception):
    """As many files are being read again as may be."""


class RowReaders:
    """Lends reading children, a few at a time."""

    def __init__(self, limits: ReaderLimits | None = None) -> None:
        self._limits = limits or ReaderLimits()
        self._free = threading.BoundedSemaphore(MAX_READERS)

    @contextmanager
    def reading(
        self, lend: Callable[[], ReadableFile], layout: JobLayout, wanted: LineRanges
    ) -> Iterator[Iterator[Row]]:
        """Lend the wanted rows that are not blank, by rising line; the file is open by then.

        The file is asked for once a child is free: one that comes from afar takes room here.

        Raises:
            ReadersBusy: all children are taken.
            RowsUnreadable: the file cannot be opened; the rows raise it too.
        """
        if not self._free.acquire(blocking=False):
            raise ReadersBusy("all readers are taken")
        try:
            child = self._child(lend(), layout, wanted)
            try:
                frames = _frames(child)
                if next(frames)[0] != OPENED:
                    raise RowsUnreadable("the reader sent rows before it opened the file")
                yield _rows(frames)
            finally:
                child.kill()
        finally:
            self._free.release()

    def _child(self, file: ReadableFile, layout: JobLayout, wanted: LineRanges) -> ReadingChild:
        order = RowsOrder(
            file=file,
            sheet=layout.sheet,
            dialect=_dialect_of(layout),
            wanted=wanted,
            spill_dir=tempfile.gettempdir(),
            limits=self._limits,
        )
        try:
            return ReadingChild(order, read_rows)
        finally:
            file.close()  # the child has it


def _rows(frames: Iterator[tuple[bytes, list[Row]]]) -> Iterator[Row]:
    for kind, rows in frames:
        if kind == ENDED:
            return
        yield from rows


def _frames(child: ReadingChild) -> Iterator[tuple[bytes, list[Row]]]:
    while True:
        if not wait([child.pipe], child.limits.wait_s):
            raise RowsUnreadable("the reader says nothing any more")
        try:
            frame = child.receive()
            kind, body = frame[:1], json.loads(frame[1:])
        except (EOFError, ConnectionResetError):
            raise RowsUnreadable(f"the reader ended with exit code {child.exit_code()}") from None
        except (OSError, ValueError) as error:
            raise RowsUnreadable("the reader sent a frame that is none") from error
        if kind == FAILED:
            raise RowsUnreadable(f"{body[0]}: {body[1]}")
        if kind not in (OPENED, ROWS, ENDED):
            raise RowsUnreadable(f"the reader failed: {body}")
        yield kind, [(line, tuple(texts)) for line, texts in body or ()]


def _dialect_of(layout: JobLayout) -> Dialect | None:
    told = layout.dialect
    if told is None:
        return None
    return Dialect(**told.model_dump(exclude={"line_basis", "encoding_is_guess"}))

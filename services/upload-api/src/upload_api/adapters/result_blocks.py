"""Result rows as the bytes of a workbook or of a text file, block by block in constant memory."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from upload_api.domain.result_rows import ResultRow
from xlsx_writer import MAX_ROWS, SheetLayout, StreamingWorkbook, UnwritableCellError, WorkbookError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from upload_api.domain.result_rows import ResultLayout

MAX_SHEET_ROWS: Final = MAX_ROWS - 1
"""Behind the header."""
BLOCK_BYTES: Final = 64 * 1024
_BLOCK_ROWS: Final = 500
_CUT_TO: Final = 16_000
_CUT: Final = "A text of this row is too long for a workbook and was cut: take the CSV file."
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel reads UTF-8 as the machine's old code page."""


def workbook_blocks(
    layout: ResultLayout, rows: Iterable[ResultRow], sheet_name: str
) -> Generator[bytes, None, None]:
    """Yield a workbook of one sheet; all its cells but the lines are texts."""
    sink = _Sink()
    header = SheetLayout(header=layout.header(), freeze_header=True)
    with _workbook(sink, sheet_name, header) as book:
        for row in rows:
            _write_row(book, layout, row)
            if sink.size >= BLOCK_BYTES:
                yield sink.take()
    yield sink.take()


def text_blocks(
    layout: ResultLayout, rows: Iterable[ResultRow], delimiter: str
) -> Generator[bytes, None, None]:
    """Yield a text file in UTF-8, as spreadsheet programs write it."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(layout.header())
    for number, row in enumerate(rows, start=1):
        writer.writerow(layout.cells(row))
        if number % _BLOCK_ROWS == 0:
            yield _taken(text)
    yield _taken(text)


class _Sink:
    """Takes what a workbook writes until somebody fetches it."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._blocks.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._blocks)
        self._blocks.clear()
        self.size = 0
        return taken


def _workbook(sink: _Sink, sheet_name: str, header: SheetLayout) -> StreamingWorkbook:
    stream: Any = sink
    try:
        return StreamingWorkbook(stream, sheet_name=sheet_name, layout=header, compresslevel=1)
    except WorkbookError:  # a name that some other program gave, or none
        return StreamingWorkbook(stream, layout=header, compresslevel=1)


def _write_row(book: StreamingWorkbook, layout: ResultLayout, row: ResultRow) -> None:
    try:
        book.write_row(layout.cells(row))
    except UnwritableCellError:
        texts = [text and text[:_CUT_TO] for text in row.texts]
        why = f"{row.why[:_CUT_TO]} {_CUT}"
        book.write_row(layout.cells(ResultRow(row.line, texts, why)))


def _taken(text: io.StringIO) -> bytes:
    taken = text.getvalue().encode(errors="replace")
    text.seek(0)
    text.truncate()
    return taken

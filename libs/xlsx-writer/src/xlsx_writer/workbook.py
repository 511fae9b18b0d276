"""A workbook of one sheet, written row by row in constant memory."""

import os
import zipfile
from collections.abc import Iterable
from types import TracebackType
from typing import IO, Literal, Self

from xlsx_writer.cells import (
    HEADER_STYLE,
    MAX_ROWS,
    CellValue,
    TextCell,
    inline_text_cell,
    render_row,
)
from xlsx_writer.errors import SheetFullError, WorkbookError
from xlsx_writer.output import WholeOrNothingOutput
from xlsx_writer.parts import (
    SHARED_STRINGS_PART,
    SHEET_CLOSING,
    SHEET_PART,
    SheetLayout,
    check_sheet_name,
    fixed_parts,
    sheet_opening,
)
from xlsx_writer.shared_strings import SharedStrings

Strings = Literal["inline", "shared"]

_FLUSH_ROWS = 500
# zipfile raises only after the fact, at 2 GiB - 1, when the entry was not opened for ZIP64.
# A little room is left for what is not counted: the shared strings not yet spooled, the closing.
_MAX_PART_BYTES = (1 << 31) - (1 << 28)


class StreamingWorkbook:
    r"""A context manager that writes one sheet; leaving it with an error leaves no workbook.

    Args:
        target: a path (the file appears under it when whole) or a binary stream, which need not
            be seekable and is left open.
        sheet_name: as Excel allows it: at most 31 characters, none of ``[]:*?/\``.
        strings: texts in the sheet itself, or in a shared table (as Excel writes them).
        compresslevel: zlib's, 1 (fast) to 9 (small).
        layout: header row, widths, frozen header.
        zip64: needed for more than 1.75 GiB of sheet XML; Excel may offer to repair such a file,
            so it is off by default.

    """

    def __init__(
        self,
        target: str | os.PathLike[str] | IO[bytes],
        *,
        sheet_name: str = "Sheet1",
        strings: Strings = "inline",
        compresslevel: int = 6,
        layout: SheetLayout | None = None,
        zip64: bool = False,
    ) -> None:
        check_sheet_name(sheet_name)
        layout = layout or SheetLayout()
        opening = sheet_opening(layout)  # raises before a file exists
        self._zip64 = zip64
        self._rows = 0
        self._sheet_bytes = 0
        self._pending: list[str] = []
        self._open = True
        self._shared = SharedStrings() if strings == "shared" else None
        self._text_cell: TextCell = self._shared_text_cell if self._shared else inline_text_cell
        self._output = WholeOrNothingOutput(target)
        self._zip = zipfile.ZipFile(
            self._output,
            "w",
            zipfile.ZIP_DEFLATED,
            compresslevel=compresslevel,
        )
        self._write_fixed_parts(sheet_name)
        self._sheet = self._zip.open(SHEET_PART, "w", force_zip64=zip64)
        self._put(opening)
        if layout.header is not None:
            self._write_header(layout.header)

    @property
    def rows_written(self) -> int:
        """Rows so far, the header included: the last row's 1-based sheet line."""
        return self._rows

    @property
    def shared_strings(self) -> SharedStrings:
        """The string table, for callers that render rows; raises WorkbookError when inline."""
        if self._shared is None:
            raise WorkbookError('the workbook has no shared strings: open it with strings="shared"')
        return self._shared

    def write_row(self, values: Iterable[CellValue]) -> int:
        """Add one row; returns its 1-based sheet line.

        Raises UnwritableCellError (the row is then not in the sheet and writing may go on) and
        SheetFullError.
        """
        line = self._rows + 1
        if line > MAX_ROWS:
            self._refuse_rows()
        pending = self._pending
        pending.append(render_row(line, values, self._text_cell))
        self._rows = line
        if len(pending) >= _FLUSH_ROWS:
            self._flush()
        return line

    def render_row(self, line: int, values: Iterable[CellValue]) -> str:
        """A row's XML for ``write_rendered_rows``, with this workbook's way of writing texts."""
        return render_row(line, values, self._text_cell)

    def write_rendered_rows(self, xml: str | bytes, rows: int) -> int:
        """Add rows the caller rendered: whole ``<row r="…">`` elements, escaped, and how many.

        They are numbered from ``rows_written + 1`` on; returns the last one's sheet line. Blocks
        of a few hundred KB are the fastest. Raises SheetFullError.
        """
        if self._rows + rows > MAX_ROWS:
            self._refuse_rows()
        self._flush()
        self._put(xml)
        self._rows += rows
        return self._rows

    def close(self) -> None:
        """Finish the workbook; closing twice does nothing the second time."""
        if not self._open:
            return
        try:
            self._finish()
        except BaseException:
            self.abandon()
            raise
        self._open = False
        self._output.close()

    def abandon(self) -> None:
        """Leave no workbook."""
        if not self._open:
            return
        self._open = False
        try:
            self._output.abandon()
        finally:
            self._sheet.close()
            self._zip.close()
            if self._shared is not None:
                self._shared.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def _write_fixed_parts(self, sheet_name: str) -> None:
        for name, xml in fixed_parts(sheet_name, shared=self._shared is not None).items():
            with self._zip.open(name, "w") as part:
                part.write(xml.encode())

    def _write_header(self, header: Iterable[CellValue]) -> None:
        try:
            self._pending.append(render_row(1, header, self._text_cell, HEADER_STYLE))
        except WorkbookError:
            self.abandon()
            raise
        self._rows = 1

    def _finish(self) -> None:
        self._flush()
        self._put(SHEET_CLOSING)
        self._sheet.close()
        if self._shared is not None:
            self._check_part_size(self._shared.size_bytes)
            with self._zip.open(SHARED_STRINGS_PART, "w", force_zip64=self._zip64) as part:
                self._shared.copy_to(part)
            self._shared.close()
        self._zip.close()

    def _flush(self) -> None:
        if self._pending:
            self._put("".join(self._pending))
            self._pending.clear()

    def _put(self, xml: str | bytes) -> None:
        data = xml.encode() if isinstance(xml, str) else xml
        self._sheet_bytes += len(data)
        self._check_part_size(self._sheet_bytes)
        self._sheet.write(data)

    def _check_part_size(self, size_bytes: int) -> None:
        if size_bytes > _MAX_PART_BYTES and not self._zip64:
            raise SheetFullError(
                f"a part passes 1.75 GiB of XML at row {self._rows:,}: split the file or write it"
                " with zip64=True"
            )

    def _shared_text_cell(self, ref: str, style: str, text: str) -> str:
        return f'<c r="{ref}"{style} t="s"><v>{self.shared_strings.refer(text)}</v></c>'

    def _refuse_rows(self) -> None:
        raise SheetFullError(
            f"a sheet holds {MAX_ROWS:,} rows and has {self._rows:,}: split the file"
        )

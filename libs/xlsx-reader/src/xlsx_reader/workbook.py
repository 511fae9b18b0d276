"""Open a workbook and stream its sheets, in constant memory."""

import logging
import os
from bisect import bisect_right
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from xlsx_reader.block_rows import BlockRows
from xlsx_reader.cells import RowRun, SheetInfo
from xlsx_reader.compiled import IS_COMPILED, Fault, native
from xlsx_reader.compiled_rows import CompiledRows, CompiledTokenizer
from xlsx_reader.compiled_strings import CompiledStrings
from xlsx_reader.errors import WorkbookError
from xlsx_reader.fast_tokenizer import FastTokenizer
from xlsx_reader.inflate import ZlibInflater
from xlsx_reader.limits import Limits
from xlsx_reader.number_formats import NumberStyles, read_number_styles
from xlsx_reader.part_stream import PartStream
from xlsx_reader.shared_strings import NoSharedStrings, SharedStrings
from xlsx_reader.strict_rows import StrictTokenizer
from xlsx_reader.tokenizer import RunRoom, SheetContext, SheetTokenizer, Tokenizer
from xlsx_reader.workbook_layout import read_layout
from xlsx_reader.zip_directory import ZipDirectory

_log = logging.getLogger(__name__)
DEFAULT_BLOCK_BYTES = 256 * 1024
_SHOWN_SHEETS, _SHOWN_CHARS = 20, 80


class Workbook:
    """An open workbook: a context manager that owns the file and the shared strings."""

    def __init__(
        self,
        directory: ZipDirectory,
        limits: Limits,
        spill_dir: str | None,
        tokenizer: Tokenizer,
        block_bytes: int,
    ) -> None:
        layout = read_layout(directory, limits)
        self.sheets: tuple[SheetInfo, ...] = layout.sheets
        self.date_1904: bool = layout.date_1904
        self._directory = directory
        self._limits = limits
        self._tokenizer = tokenizer
        self._block_bytes = block_bytes
        self._spill_dir = spill_dir
        self._strings_part = layout.strings_part
        self._styles = NumberStyles()
        if layout.styles_part:
            styles = directory.stream(layout.styles_part, block_bytes)
            self._styles = read_number_styles(styles, limits)
        self._strings = self._open_strings()
        self._read_first_strings()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        limits: Limits = Limits(),  # noqa: B008  frozen
        spill_dir: str | None = None,
        tokenizer: Tokenizer = Tokenizer.AUTO,
        block_bytes: int = DEFAULT_BLOCK_BYTES,
    ) -> Self:
        """Open the file and read its small parts.

        `spill_dir` takes the shared strings of a workbook that has many (the system's own folder
        for temporary files by default; better a real disk than memory). Raises WorkbookError for
        what is no workbook or beyond the limits, OSError when the file cannot be opened.
        """
        directory = ZipDirectory(path, limits)
        try:
            return cls(directory, limits, spill_dir, tokenizer, block_bytes)
        except BaseException:
            directory.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if not isinstance(self._strings, NoSharedStrings):
            self._strings.close()
        self._directory.close()

    @property
    def strings_are_spilled(self) -> bool:
        """Whether the shared strings read so far went to disk."""
        return not isinstance(self._strings, NoSharedStrings) and self._strings.is_spilled

    def default_sheet(self) -> SheetInfo:
        """The first visible sheet; raises WorkbookError with SHEET_MISSING when all are hidden."""
        for sheet in self.sheets:
            if sheet.visible:
                return sheet
        raise WorkbookError(
            "SHEET_MISSING",
            "All sheets are hidden. Make one visible, or choose one by name.",
            "xl/workbook.xml",
        )

    def sheet_named(self, name: str) -> SheetInfo:
        """The sheet of that name; raises WorkbookError SHEET_UNKNOWN, naming those there are."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        names = ", ".join(repr(sheet.name[:_SHOWN_CHARS]) for sheet in self.sheets[:_SHOWN_SHEETS])
        more = ", …" if len(self.sheets) > _SHOWN_SHEETS else ""
        raise WorkbookError(
            "SHEET_UNKNOWN",
            f"There is no sheet {name[:_SHOWN_CHARS]!r}. Choose one of {names}{more}.",
            "xl/workbook.xml",
        )

    def runs(self, sheet: SheetInfo, room: RunRoom | None = None) -> Iterator[RowRun]:
        """The sheet's rows from the top, in runs of some hundred; raises WorkbookError.

        `room` says for each run how large it should be, where the compiled reader runs.
        """
        for _, run in self.head_runs(sheet, sheet.size_bytes + 1, room):
            yield run

    def head_runs(
        self, sheet: SheetInfo, head_bytes: int, room: RunRoom | None = None
    ) -> Iterator[tuple[int, RowRun]]:
        """The runs within the first bytes of the sheet, each with the bytes inflated so far."""
        last_line = 0
        try:
            for inflated, run in self._read_runs(sheet, head_bytes, room):
                yield inflated, run
                last_line = run.lines[-1]
        except Fault:
            self._go_without_compiled()
            for inflated, run in self._read_runs(sheet, head_bytes, room):
                if rest := rows_behind(run, last_line):
                    yield inflated, rest

    def _read_runs(
        self, sheet: SheetInfo, head_bytes: int, room: RunRoom | None
    ) -> Iterator[tuple[int, RowRun]]:
        tokenizer = self._sheet_tokenizer(sheet, room)
        stream = self._stream(self._part_of(sheet))
        inflated = 0
        while block := stream.read():
            inflated += len(block)
            for run in tokenizer.feed(block):
                yield inflated, run
            if inflated >= head_bytes:
                return
        for run in tokenizer.finish():
            yield inflated, run

    def _part_of(self, sheet: SheetInfo) -> str:
        part = self._directory.find(sheet.part)
        if part is None:
            raise WorkbookError(
                "SHEET_MISSING",
                "The file lacks the cells of this sheet. Save it again with Excel.",
                f"sheet {sheet.name!r}",
            )
        return part

    def _stream(self, part: str) -> PartStream:
        inflater = native.Inflater if self._is_compiled else ZlibInflater
        return self._directory.stream(part, self._block_bytes, inflater)

    def _open_strings(self) -> SharedStrings | NoSharedStrings | CompiledStrings:
        part = self._strings_part
        stream = self._stream(part) if part else None
        if self._is_compiled:
            return CompiledStrings(stream, self._limits, self._spill_dir)
        return SharedStrings(stream, self._limits, self._spill_dir) if stream else NoSharedStrings()

    def _read_first_strings(self) -> None:
        """Tell a part that cannot be read at once."""
        try:
            if not isinstance(self._strings, NoSharedStrings):
                self._strings.read_to(0)
        except Fault:
            self._go_without_compiled()

    @property
    def _is_compiled(self) -> bool:
        return IS_COMPILED and self._tokenizer is Tokenizer.AUTO

    def _go_without_compiled(self) -> None:
        """Compiled code has a fault: nothing that it holds is used any more."""
        _log.error("the compiled reader has a fault, the sheet is read without it")
        self._tokenizer = Tokenizer.PYTHON
        self._strings = self._open_strings()

    def _sheet_tokenizer(self, sheet: SheetInfo, room: RunRoom | None) -> SheetTokenizer:
        context = SheetContext(sheet.name, self._strings, self._styles, self._limits)
        if self._tokenizer is Tokenizer.STRICT:
            return StrictTokenizer(context)
        if isinstance(self._strings, CompiledStrings):
            return CompiledTokenizer(context, CompiledRows(context, self._strings, room))
        return FastTokenizer(context, BlockRows(context, self._tokenizer))


def rows_behind(run: RowRun, line: int) -> RowRun | None:
    """The rows of a run below a line of the sheet; None when there are none."""
    first = bisect_right(run.lines, line)
    if first == len(run.lines):
        return None
    return RowRun(
        run.lines[first:],
        [column[first:] for column in run.columns],
        [tags[first:] for tags in run.tags],
        run.end_offset,
    )

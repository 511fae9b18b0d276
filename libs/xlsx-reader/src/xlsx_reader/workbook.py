"""Open a workbook and stream its sheets, in constant memory."""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from xlsx_reader.block_rows import BlockRows
from xlsx_reader.cells import RowRun, SheetInfo
from xlsx_reader.errors import WorkbookError
from xlsx_reader.fast_tokenizer import FastTokenizer
from xlsx_reader.limits import Limits
from xlsx_reader.number_formats import read_style_tags
from xlsx_reader.shared_strings import NoSharedStrings, SharedStrings
from xlsx_reader.strict_rows import StrictTokenizer
from xlsx_reader.tokenizer import SheetContext, SheetTokenizer, Tokenizer
from xlsx_reader.workbook_layout import read_layout
from xlsx_reader.zip_directory import ZipDirectory

DEFAULT_BLOCK_BYTES = 256 * 1024


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
        self._style_tags = b""
        if layout.styles_part:
            styles = directory.stream(layout.styles_part, block_bytes)
            self._style_tags = read_style_tags(styles, limits)
        self._strings: SharedStrings | NoSharedStrings = NoSharedStrings()
        if layout.strings_part:
            strings = directory.stream(layout.strings_part, block_bytes)
            self._strings = SharedStrings(strings, limits, spill_dir)

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
        if isinstance(self._strings, SharedStrings):
            self._strings.close()
        self._directory.close()

    @property
    def strings_are_spilled(self) -> bool:
        """Whether the shared strings read so far went to disk."""
        return isinstance(self._strings, SharedStrings) and self._strings.is_spilled

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
        names = ", ".join(repr(sheet.name) for sheet in self.sheets)
        raise WorkbookError(
            "SHEET_UNKNOWN",
            f"There is no sheet {name!r}. Choose one of {names}.",
            "xl/workbook.xml",
        )

    def runs(self, sheet: SheetInfo) -> Iterator[RowRun]:
        """The sheet's rows from the top, in runs of some hundred; raises WorkbookError."""
        for _, run in self.head_runs(sheet, sheet.size_bytes + 1):
            yield run

    def head_runs(self, sheet: SheetInfo, head_bytes: int) -> Iterator[tuple[int, RowRun]]:
        """The runs within the first bytes of the sheet, each with the bytes inflated so far."""
        tokenizer = self._sheet_tokenizer(sheet)
        stream = self._directory.stream(self._part_of(sheet), self._block_bytes)
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

    def _sheet_tokenizer(self, sheet: SheetInfo) -> SheetTokenizer:
        context = SheetContext(sheet.name, self._strings, self._style_tags, self._limits)
        if self._tokenizer is Tokenizer.STRICT:
            return StrictTokenizer(context)
        return FastTokenizer(context, BlockRows(context, self._tokenizer))

"""A streaming reader for .xlsx sheets: exact, fast, in constant memory, on the standard library."""

from xlsx_reader.buffered_run import ArrowBuffers, BufferedRun
from xlsx_reader.cells import CellTag, RowRun, SheetInfo
from xlsx_reader.compiled import READER_NAME
from xlsx_reader.errors import WorkbookError, WorkbookErrorCode
from xlsx_reader.limits import Limits
from xlsx_reader.sheet_head import HeadRow, SheetHead, peek
from xlsx_reader.tokenizer import RunRoom, Tokenizer
from xlsx_reader.utf8_run import Utf8Run
from xlsx_reader.workbook import DEFAULT_BLOCK_BYTES, Workbook

__all__ = [
    "DEFAULT_BLOCK_BYTES",
    "READER_NAME",
    "ArrowBuffers",
    "BufferedRun",
    "CellTag",
    "HeadRow",
    "Limits",
    "RowRun",
    "RunRoom",
    "SheetHead",
    "SheetInfo",
    "Tokenizer",
    "Utf8Run",
    "Workbook",
    "WorkbookError",
    "WorkbookErrorCode",
    "peek",
]

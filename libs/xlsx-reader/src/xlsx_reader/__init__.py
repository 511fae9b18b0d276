"""A streaming reader for .xlsx sheets: exact, fast, in constant memory, on the standard library."""

from xlsx_reader.cells import READER_NAME, CellTag, RowRun, SheetInfo
from xlsx_reader.errors import WorkbookError, WorkbookErrorCode
from xlsx_reader.limits import Limits
from xlsx_reader.sheet_head import HeadRow, SheetHead, peek
from xlsx_reader.tokenizer import Tokenizer
from xlsx_reader.workbook import DEFAULT_BLOCK_BYTES, Workbook

__all__ = [
    "DEFAULT_BLOCK_BYTES",
    "READER_NAME",
    "CellTag",
    "HeadRow",
    "Limits",
    "RowRun",
    "SheetHead",
    "SheetInfo",
    "Tokenizer",
    "Workbook",
    "WorkbookError",
    "WorkbookErrorCode",
    "peek",
]

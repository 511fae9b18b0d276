"""A constant-memory streaming writer for .xlsx sheets: sample workbooks and result files."""

from xlsx_writer.cells import MAX_ROWS, CellValue, column_name, date_serial
from xlsx_writer.errors import SheetFullError, UnwritableCellError, WorkbookError
from xlsx_writer.parts import SheetLayout
from xlsx_writer.shared_strings import SharedStrings
from xlsx_writer.text_escapes import escape_text
from xlsx_writer.workbook import StreamingWorkbook, Strings

__all__ = [
    "MAX_ROWS",
    "CellValue",
    "SharedStrings",
    "SheetFullError",
    "SheetLayout",
    "StreamingWorkbook",
    "Strings",
    "UnwritableCellError",
    "WorkbookError",
    "column_name",
    "date_serial",
    "escape_text",
]

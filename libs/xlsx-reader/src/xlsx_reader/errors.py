"""What a workbook can be refused for: one exception with a stable code."""

from __future__ import annotations

from typing import Literal

WorkbookErrorCode = Literal[
    "BOMB_RATIO",  # a part inflates to an implausible multiple of its compressed size
    "BOMB_SIZE",  # a part inflates beyond the limit, or beyond what the zip declares
    "CELL_ORDER",  # the cells of a row do not ascend
    "CELL_REF_INVALID",  # "ZZZZ2", "A0", or a cell that names another row than its own
    "CELL_TOO_LONG",  # too many characters to be held at all; up to there it is a row error
    "CELL_TYPE_UNKNOWN",  # a t="…" that the format does not know
    "ENCRYPTED",  # a workbook or zip entry behind a password
    "LEGACY_XLS",  # the binary format of Excel 97
    "MACRO_FILE",  # .xlsm, under whatever name
    "NOT_XLSX",  # anything else
    "ODS_FILE",
    "ROW_ORDER",  # the rows do not ascend
    "ROW_TOO_LONG",  # one row is larger than what is held at once
    "SHARED_STRING_MISSING",  # a cell points behind the end of the table
    "SHEET_MISSING",  # the workbook lists a sheet that the zip does not hold
    "SHEET_UNKNOWN",  # the caller asked for a sheet that the workbook does not list
    "TOO_MANY_COLUMNS",
    "TOO_MANY_ROWS",
    "TOO_MANY_SHEETS",
    "TOO_MANY_STYLES",
    "XLSB_FILE",
    "XML_DTD_FORBIDDEN",
    "XML_ENCODING",
    "XML_MALFORMED",
    "XML_TOKEN_TOO_LONG",  # a tag or a comment, which a parser holds until it ends
    "XML_TOO_DEEP",
    "ZIP_DAMAGED",  # the bytes do not match their checksum or their directory
    "ZIP_ENTRY_NAME",  # absolute, with "..", with a backslash, a link, or twice
    "ZIP_METHOD",  # a compression other than stored and deflate
    "ZIP_OVERLAP",  # two entries share their bytes
    "ZIP_TOO_MANY",
    "ZIP_TRUNCATED",
]


class WorkbookError(Exception):
    """The workbook cannot be read: a stable code, the place of the fault and what to do."""

    def __init__(self, code: WorkbookErrorCode, message: str, place: str = "") -> None:
        super().__init__(code, message, place)
        self.code: WorkbookErrorCode = code
        self.message = message
        self.place = place

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.code}: {self.message}{where}"

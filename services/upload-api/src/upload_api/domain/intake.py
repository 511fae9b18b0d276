"""Step 1: what a file's head says about the job it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_targets import find_header
from sluice.job_layout import JobLayout

if TYPE_CHECKING:
    from import_targets import HeaderMapping, TargetDefinition
    from sluice.job_layout import TextDialect
    from xlsx_reader import SheetHead

_NOT_A_WORKBOOK = frozenset(
    {"NOT_XLSX", "LEGACY_XLS", "ENCRYPTED", "MACRO_FILE", "XLSB_FILE", "ODS_FILE", "CSV_FILE"}
    | {"NOT_TEXT"}
)


class Refused(Exception):
    """The workbook cannot become a job of this target; the message says why and what to do."""

    def __init__(self, code: str, message: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.faults = faults


def status_of_workbook_error(code: str) -> int:
    """Return 415 for what is no such workbook at all, 422 for one that is faulty."""
    return 415 if code in _NOT_A_WORKBOOK else 422


def layout_of(
    head: SheetHead,
    definition: TargetDefinition,
    dialect: TextDialect | None,
    mapping: HeaderMapping,
) -> JobLayout:
    """Return what is to be read of the sheet, or with a dialect of the text file.

    What stands before the header is no data.

    Raises:
        Refused: `EMPTY`, or `HEADER_DUPLICATE`, `HEADER_INVALID` or `MAPPING_INVALID` with every
            fault of the header and the mapping.
    """
    sheet = head.sheet.name
    rows = [(row.line, [text for text, _ in row.cells]) for row in head.rows]
    header = find_header(definition, rows, mapping)
    if header is None:
        message = f"There is no header: {_table(sheet)} is empty. Put one above the data."
        raise Refused("EMPTY", message)
    if faults := header.match.faults:
        told = " ".join(faults)
        message = f"The header in row {header.line} of {_table(sheet)} does not fit: {told}"
        raise Refused(header.match.code, message, faults)
    return JobLayout(
        sheet=sheet,
        header_line=header.line,
        estimated_rows=rows_behind(head, header.line),
        columns=header.match.columns,
        dialect=dialect,
    )


def rows_behind(head: SheetHead, header_line: int) -> int:
    """Return about how many rows stand behind the header."""
    before_data = sum(1 for row in head.rows if row.line <= header_line)
    return max(0, head.estimated_rows - before_data)


def _table(sheet: str) -> str:
    return f"the sheet {sheet!r}" if sheet else "the file"

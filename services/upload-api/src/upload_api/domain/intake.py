"""Step 1: what a file's head says about the job it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_targets import match_headers
from sluice.job_layout import JobLayout

if TYPE_CHECKING:
    from import_targets import HeaderMatch, TargetDefinition
    from sluice.job_layout import TextDialect
    from xlsx_reader import HeadRow, SheetHead

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
    head: SheetHead, definition: TargetDefinition, dialect: TextDialect | None = None
) -> JobLayout:
    """Return what is to be read of the sheet, or with a dialect of the text file.

    The header is the first row that is not blank; what stands before it is no data.

    Raises:
        Refused: `EMPTY_SHEET`, or `HEADER_INVALID` with every fault of the header.
    """
    header, sheet = header_row(head), head.sheet.name
    if header is None:
        raise Refused("EMPTY_SHEET", f"There is no header: {_table(sheet)} is empty.")
    match = match_headers(definition, [(n, text or "") for n, (text, _) in enumerate(header.cells)])
    if faults := faults_of(match):
        told = "; ".join(faults)
        message = f"The header in row {header.line} of {_table(sheet)} does not fit: {told}."
        raise Refused("HEADER_INVALID", message, faults)
    before_data = sum(1 for row in head.rows if row.line <= header.line)
    return JobLayout(
        sheet=sheet,
        header_line=header.line,
        estimated_rows=max(0, head.estimated_rows - before_data),
        columns=tuple(match.columns),
        dialect=dialect,
    )


def _table(sheet: str) -> str:
    return f"the sheet {sheet!r}" if sheet else "the file"


def header_row(head: SheetHead) -> HeadRow | None:
    """Return the first row with text in it."""
    return next(
        (row for row in head.rows if any((text or "").strip() for text, _ in row.cells)), None
    )


def faults_of(match: HeaderMatch) -> tuple[str, ...]:
    """Return all that is wrong with a header, as sentences."""
    return tuple(map(str, match.faults))

"""Step 1: what a file's head says about the job it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_targets import find_header
from sluice.job_layout import JobLayout

if TYPE_CHECKING:
    from import_targets import HeaderMapping, TargetDefinition
    from import_targets.header_search import HeadRows
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
    header_line: int | None = None,
) -> JobLayout:
    """Return what is to be read of the sheet, or with a dialect of the text file.

    What stands before the header is no data. Without a `header_line` the header is looked for.

    Raises:
        Refused: `EMPTY`, `HEADER_LINE_UNKNOWN`, or with every fault of the header and the mapping
            `HEADER_DUPLICATE`, `HEADER_INVALID` or `MAPPING_INVALID`.
    """
    sheet = head.sheet.name
    rows = header_rows(head, header_line)
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


def header_rows(head: SheetHead, header_line: int | None, most: int | None = None) -> HeadRows:
    """Return the rows that the header is looked for in: the first ones, or the one that is said.

    Raises:
        Refused: `HEADER_LINE_UNKNOWN`, the line that is said holds nothing or is none of them.
    """
    rows = [(row.line, [text for text, _ in row.cells]) for row in head.rows[:most]]
    if header_line is None:
        return rows
    said = [(line, texts) for line, texts in rows if line == header_line]
    if any((text or "").strip() for _, texts in said for text in texts):
        return said
    message = (
        f"Row {header_line} cannot be the header: it is empty, or not among the first "
        f"{len(rows)} rows that hold anything."
    )
    raise Refused("HEADER_LINE_UNKNOWN", message)


def rows_behind(head: SheetHead, header_line: int) -> int:
    """Return about how many rows stand behind the header."""
    before_data = sum(1 for row in head.rows if row.line <= header_line)
    return max(0, head.estimated_rows - before_data)


def _table(sheet: str) -> str:
    return f"the sheet {sheet!r}" if sheet else "the file"

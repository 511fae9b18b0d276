"""Reads and validates a whole file as an import would, with no server and in constant memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import csv_reader
import xlsx_reader
from csv_reader import Dialect, Wish, open_table
from import_targets import CoalescedCells, find_header, validate
from sluice.events.rows_chunked import cells_of
from sluice.job_layout import JobLayout, TextDialect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from import_targets import RowError, TargetDefinition
    from xlsx_reader import RowRun, SheetHead


class HeaderRefused(Exception):
    """The file cannot be imported as it was asked; the message says why, with every fault."""

    def __init__(self, message: str, code: str = "HEADER_INVALID", place: str = "header") -> None:
        super().__init__(message)
        self.code = code
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    """What became of some rows that follow each other."""

    rows: int
    good_rows: int
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The first rows of a file, and for a text file how it is read."""

    sheet: SheetHead
    dialect: TextDialect | None = None


def layout_of(
    path: Path, sheet_name: str | None, definition: TargetDefinition, wish: Wish
) -> JobLayout:
    """Return what is to be read of a workbook or a text file, as at an upload.

    Raises:
        WorkbookError, CsvError: the file cannot be read.
        HeaderRefused: the sheet is empty, or its header does not fit the target.
    """
    found = _head_of(path, sheet_name, wish)
    head = found.sheet
    named = f"the sheet {head.sheet.name!r}" if head.sheet.name else "the file"
    rows = [(row.line, [text for text, _ in row.cells]) for row in head.rows]
    header = find_header(definition, rows)
    if header is None:
        raise HeaderRefused(f"{named} is empty: it has no header row", "EMPTY", named)
    if faults := header.match.faults:
        told = "\n  ".join(faults)
        message = f"the header in row {header.line} does not fit:\n  {told}"
        raise HeaderRefused(message, header.match.code, f"{named}, line {header.line}")
    before_data = sum(1 for row in head.rows if row.line <= header.line)
    return JobLayout(
        sheet=head.sheet.name,
        header_line=header.line,
        estimated_rows=max(0, head.estimated_rows - before_data),
        columns=header.match.columns,
        dialect=found.dialect,
    )


def _head_of(path: Path, sheet_name: str | None, wish: Wish) -> _Head:
    with path.open("rb") as file:
        kind = csv_reader.kind_of_file(file.read(csv_reader.KIND_HEAD_BYTES), path.name)
    if kind is csv_reader.FileKind.WORKBOOK:
        head = xlsx_reader.peek(path, sheet_name)
        if wish != Wish():
            raise HeaderRefused("encoding, delimiter and decimal are of text files: leave them out")
        return _Head(sheet=head)
    if sheet_name:
        raise HeaderRefused("a text file holds one table and no sheets: leave --sheet out")
    text = csv_reader.peek(path, path.name, wish)
    return _Head(
        sheet=text.sheet,
        dialect=TextDialect(**asdict(text.dialect), encoding_is_guess=text.encoding_is_guess),
    )


def dialect_of(layout: JobLayout) -> Dialect | None:
    """Return how a text file is read, None for a workbook."""
    told = layout.dialect
    return (
        Dialect(**told.model_dump(exclude={"line_basis", "encoding_is_guess"}))
        if told is not None
        else None
    )


def checked_rows(
    path: Path, layout: JobLayout, definition: TargetDefinition
) -> Iterator[CheckedRows]:
    """Yield what became of the rows behind the header; raises what `layout_of` raises."""
    with open_table(path, sheet=layout.sheet, dialect=dialect_of(layout)) as table:
        for run in table.runs:
            cells = _behind_header(run, layout.header_line)
            if not cells.rows:
                continue
            found = validate(definition, layout, cells, table.date_1904)
            yield CheckedRows(rows=cells.rows, good_rows=found.rows.num_rows, errors=found.errors)


def _behind_header(run: RowRun, header_line: int) -> CoalescedCells:
    skipped = 0
    if run.lines and run.lines[0] <= header_line:
        skipped = sum(line <= header_line for line in run.lines)
    cells = cells_of(
        run.lines[skipped:],
        [column[skipped:] for column in run.columns],
        [tags[skipped:] for tags in run.tags],
    )
    return CoalescedCells(lines=cells.lines, columns=cells.columns, tags=cells.tags)

"""Reads and validates a whole sheet as an import would, with no server and in constant memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from import_targets import CoalescedCells, match_headers, validate
from sluice.events.rows_chunked import cells_of
from sluice.job_layout import JobLayout
from xlsx_reader import Workbook, peek

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from import_targets import RowError, TargetDefinition
    from xlsx_reader import RowRun


class HeaderRefused(Exception):
    """The sheet cannot be imported at all; the message names every fault of its header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    """What became of some rows that follow each other."""

    rows: int
    good_rows: int
    errors: tuple[RowError, ...]


def layout_of(path: Path, sheet_name: str | None, definition: TargetDefinition) -> JobLayout:
    """Return what is to be read of a workbook, as at an upload.

    Raises:
        WorkbookError: the workbook cannot be read.
        HeaderRefused: the sheet is empty, or its header does not fit the target.
    """
    head = peek(path, sheet_name)
    filled = (row for row in head.rows if any((text or "").strip() for text, _ in row.cells))
    header = next(filled, None)
    if header is None:
        raise HeaderRefused(f"the sheet {head.sheet.name!r} is empty: it has no header row")
    match = match_headers(definition, [(n, text or "") for n, (text, _) in enumerate(header.cells)])
    if match.faults:
        told = "\n  ".join(match.faults)
        raise HeaderRefused(f"the header in row {header.line} does not fit:\n  {told}")
    return JobLayout(
        sheet=head.sheet.name,
        header_line=header.line,
        estimated_rows=max(0, head.estimated_rows - 1),
        columns=tuple(match.columns),
    )


def checked_rows(
    path: Path, layout: JobLayout, definition: TargetDefinition
) -> Iterator[CheckedRows]:
    """Yield what became of the rows behind the header; raises WorkbookError."""
    with Workbook.open(path) as workbook:
        for run in workbook.runs(workbook.sheet_named(layout.sheet)):
            cells = _behind_header(run, layout.header_line)
            if not cells.rows:
                continue
            found = validate(definition, layout, cells, workbook.date_1904)
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

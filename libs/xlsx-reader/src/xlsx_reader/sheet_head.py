"""Look at the head of a sheet only: for the preview and the checks at upload."""

import os
from dataclasses import dataclass

from xlsx_reader.cells import CellTag, RowRun, SheetInfo
from xlsx_reader.limits import Limits
from xlsx_reader.workbook import Workbook

_HEAD_BYTES = 1024 * 1024
_HEAD_BLOCK_BYTES = 64 * 1024

HeadCell = tuple[str | None, CellTag]


@dataclass(frozen=True, slots=True)
class HeadRow:
    """One row: its Excel row number and its cells from column A on."""

    line: int
    cells: tuple[HeadCell, ...]


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The first rows with a filled cell, and about how many rows (header included) there are."""

    sheets: tuple[SheetInfo, ...]
    sheet: SheetInfo
    date_1904: bool
    rows: tuple[HeadRow, ...]
    estimated_rows: int


def peek(
    path: str | os.PathLike[str],
    sheet_name: str | None = None,
    max_rows: int = 20,
    limits: Limits = Limits(),  # noqa: B008  frozen
) -> SheetHead:
    """Read at most the first 1 MiB of a sheet (inflated), the default sheet without a name.

    `estimated_rows` counts rows with a filled cell: exact when the whole sheet lies within the
    head, else the rows seen times the declared size over the bytes seen. Raises WorkbookError.
    """
    rows: list[HeadRow] = []
    with Workbook.open(path, limits=limits, block_bytes=_HEAD_BLOCK_BYTES) as workbook:
        sheet = workbook.sheet_named(sheet_name) if sheet_name else workbook.default_sheet()
        seen_rows = 0
        end_offset = bytes_seen = 0
        for inflated, run in workbook.head_runs(sheet, _HEAD_BYTES):
            if len(rows) < max_rows:
                rows.extend(_head_rows(run, max_rows - len(rows)))
            seen_rows += len(run.lines)
            end_offset, bytes_seen = run.end_offset, inflated
        return SheetHead(
            sheets=workbook.sheets,
            sheet=sheet,
            date_1904=workbook.date_1904,
            rows=tuple(rows),
            estimated_rows=_estimated(seen_rows, end_offset, bytes_seen, sheet.size_bytes),
        )


def _head_rows(run: RowRun, most: int) -> list[HeadRow]:
    return [
        HeadRow(
            line,
            tuple(
                (column[row], CellTag(tags[row]))
                for column, tags in zip(run.columns, run.tags, strict=True)
            ),
        )
        for row, line in enumerate(run.lines[:most])
    ]


def _estimated(seen_rows: int, end_offset: int, inflated: int, size_bytes: int) -> int:
    if not end_offset or inflated >= size_bytes:
        return seen_rows
    return round(seen_rows * size_bytes / end_offset)

"""A file of rows that were not written: the original columns, then line and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.corrections import ERRORS_HEADER, ROW_HEADER, neutralised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sluice.job_layout import JobLayout

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A line of the sheet that was not written, its texts from column A on, and why.

    `line` is None for what is to be said of no single line.
    """

    line: int | None
    texts: Sequence[str | None]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLayout:
    """Which columns of the sheet stand where in the file.

    `columns` are the sheet's 0-based ones in the file's order. In the file of a correction, whose
    sheet has line and reason already, the lines stay those of the root: `line_column` tells them.
    """

    headers: tuple[str, ...]
    columns: tuple[int, ...]
    line_column: int | None = None

    def header(self) -> list[Cell]:
        return [*(neutralised(text) or None for text in self.headers), ROW_HEADER, ERRORS_HEADER]

    def cells(self, row: ResultRow) -> list[Cell]:
        """Return the cells of a row; what stands right of all columns is kept behind the reason."""
        texts = row.texts
        known = [_safe(texts[at]) if at < len(texts) else None for at in self.columns]
        beyond = [] if self.line_column is not None else texts[len(self.columns) :]
        while beyond and not beyond[-1]:
            beyond = beyond[:-1]
        return [*known, self._line_of(row), neutralised(row.why), *map(_safe, beyond)]

    def _line_of(self, row: ResultRow) -> Cell:
        if self.line_column is None:
            return row.line
        told = row.texts[self.line_column] if self.line_column < len(row.texts) else None
        return int(told) if told and told.isascii() and told.isdigit() else _safe(told)


def result_layout(layout: JobLayout, widest: int) -> ResultLayout:
    """Return the layout of a job's result files; `widest`: of the rows that are known so far.

    Every column keeps its letter, also those that no header names.
    """
    headers = {column.index: column.header for column in layout.columns}
    width = max(widest, max(headers, default=-1) + 1)
    columns = tuple(at for at in range(width) if not _is_ours(at, headers.get(at, ""), layout))
    return ResultLayout(
        headers=tuple(headers.get(at, "") for at in columns),
        columns=columns,
        line_column=layout.line_column,
    )


def _is_ours(at: int, header: str, layout: JobLayout) -> bool:
    if layout.line_column is None:
        return False
    return at == layout.line_column or header.strip() == ERRORS_HEADER


def _safe(text: str | None) -> str | None:
    return neutralised(text) if text else None

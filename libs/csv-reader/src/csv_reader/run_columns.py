"""Turn rows into a run by column, blank rows left out."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from xlsx_reader import CellTag, RowRun

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = bytes([CellTag.TEXT])


def run_of(rows: list[list[str]], first: int, end_offset: int) -> RowRun | None:
    """Return the run of rows numbered from `first` on; None when all are blank.

    Short rows are filled up with empty cells. That a cell is empty and that it is an empty text
    in quotes is one thing to us, as it is to a spreadsheet.
    """
    lines: Sequence[int] = range(first, first + len(rows))
    # No row of any width is blank when the first cell of each is filled: the usual case
    if not all(map(_first_cell, rows)):
        kept = [(line, row) for line, row in zip(lines, rows, strict=True) if any(row)]
        lines, rows = [line for line, _ in kept], [row for _, row in kept]
    if not rows:
        return None
    columns: list[Sequence[str | None]] = []
    tags: list[bytes] = []
    for texts in zip_longest(*rows, fillvalue=""):
        if "" in texts:
            columns.append([text or None for text in texts])
            # An empty cell's tag is 0, and a text's 1: what bool makes of each
            tags.append(bytes(map(bool, texts)))
        else:
            columns.append(texts)
            tags.append(_TEXT * len(texts))
    return RowRun(lines, columns, tags, end_offset)


def _first_cell(row: list[str]) -> str:
    return row[0] if row else ""

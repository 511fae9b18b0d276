"""Step 2: the facts a sheet is read into: cell tags, sheets and runs of rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class CellTag(IntEnum):
    """What Excel stored in a cell; the values are part of the wire format, never renumber."""

    EMPTY = 0
    TEXT = 1
    NUMBER = 2
    BOOL = 3
    DATE = 4
    DATETIME = 5
    TIME = 6
    DURATION = 7
    ISO_DATE = 8
    ERROR = 9
    FORMULA_NO_VALUE = 10
    CELL_TOO_LONG = 11


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One worksheet of the workbook; `size_bytes` is the inflated size the zip declares."""

    name: str
    index: int
    visible: bool
    part: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RowRun:
    """Some consecutive rows that hold anything, as columns.

    `lines` are Excel's own row numbers, strictly ascending over the whole sheet. `columns[c][k]` is
    the text of the cell in column c (0 = A) of `lines[k]`, None when EMPTY (so is a cell whose
    text is empty) and "" when FORMULA_NO_VALUE; `tags[c][k]` is its `CellTag`. Dates are the raw
    serial number; the text of a CELL_TOO_LONG is cut to what Excel can hold. `end_offset` counts
    the inflated bytes of the sheet part up to the end of the last row that was read, blank ones
    included.
    """

    lines: Sequence[int]
    columns: Sequence[Sequence[str | None]]
    tags: Sequence[bytes]
    end_offset: int

"""What kind of thing a cell holds, as one byte on the wire; the text beside it is raw."""

from __future__ import annotations

from enum import IntEnum


class CellTag(IntEnum):
    """Values are part of the wire format: never renumber.

    Numbers keep the text that the file stores; dates, times and durations keep the serial number
    (days since the workbook's epoch), and whoever consumes them converts.
    """

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
    """More characters than Excel itself can hold (32,767); the text is cut to so many."""
    ROW_TOO_LARGE = 255
    """In column 0 of a row that was too large to send; the text is its size in bytes."""

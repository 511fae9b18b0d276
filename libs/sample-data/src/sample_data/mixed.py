"""Workbooks of any shape for the target ``records``: columns of every type, with gaps."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sample_data.orders import DEFAULT_SEED, check_rows
from xlsx_writer import CellValue, SheetLayout, StreamingWorkbook, Strings

_MASK = (1 << 64) - 1
# One cell in sixteen is empty, but in the first column: no row is blank.
_GAP_EVERY = 16
_WORDS = (
    "alpha", "bêta", "gamma & delta", "<epsilon>", "  zêta", "eta\ntheta",
    "Đà Nẵng", "Łódź", "東京", "naïve 😀", '"quoted", comma', "=1+1",
)  # fmt: skip


def _changing(draw: int) -> CellValue:
    return (draw % 1000, f"text {draw % 97}", draw % 2 == 0, Decimal(draw % 10_000) / 100)[draw % 4]


# The name of a column's type and what a draw becomes; column c has type c modulo their number.
_KINDS: tuple[tuple[str, Callable[[int], CellValue]], ...] = (
    ("integer", lambda draw: draw % 2_000_001 - 1_000_000),
    ("text", lambda draw: f"{_WORDS[draw % len(_WORDS)]} {draw % 5_003}"),
    ("decimal", lambda draw: Decimal(draw % 10_000_000).scaleb(-3)),
    ("date", lambda draw: date(1990, 1, 1) + timedelta(days=draw % 16_000)),
    ("flag", lambda draw: draw % 2 == 1),
    ("moment", lambda draw: datetime(2020, 1, 1) + timedelta(seconds=draw % 190_000_000)),  # noqa: DTZ001 - a cell has no zone
    ("code", lambda draw: f"{draw % 100_000:08d}"),
    ("changing", _changing),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedExpected:
    """The figures of a mixed workbook: data rows, columns, and cells that are not empty."""

    rows: int
    columns: int
    filled_cells: int


def mixed_header(columns: int) -> list[CellValue]:
    """The first row: ``line`` and then ``text 2``, ``decimal 3``, …, each name once."""
    return ["line", *(f"{_KINDS[at % len(_KINDS)][0]} {at + 1}" for at in range(1, columns))]


def mixed_cell(seed: int, row: int, column: int) -> CellValue:
    """The value of data row ``row`` (from 0) in ``column`` (from 0): a pure function of the three.

    The first column counts the rows from 1.
    """
    if column == 0:
        return row + 1
    # The finalizer of SplitMix64 over a sum of odd multiples (Steele, Lea, Flood 2014).
    draw = (row * 0x9E3779B97F4A7C15 + column * 0xD1342543DE82EF95 + seed) & _MASK
    draw = (draw ^ (draw >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    draw = (draw ^ (draw >> 27)) * 0x94D049BB133111EB & _MASK
    draw ^= draw >> 31
    if draw % _GAP_EVERY == 0:
        return None
    return _KINDS[column % len(_KINDS)][1](draw // _GAP_EVERY)


def generate_mixed(
    path: str | os.PathLike[str],
    rows: int,
    columns: int,
    *,
    seed: int = DEFAULT_SEED,
    strings: Strings = "inline",
) -> MixedExpected:
    """Write a header and ``rows`` rows of ``columns`` columns (at least 1) in constant memory.

    Raises ValueError for a shape Excel cannot hold.
    """
    check_rows(rows)
    if columns < 1:
        raise ValueError(f"{columns} columns: give at least 1")
    filled = 0
    with StreamingWorkbook(
        Path(path),
        sheet_name="mixed",
        strings=strings,
        compresslevel=1,
        layout=SheetLayout(header=mixed_header(columns), freeze_header=True),
    ) as workbook:
        for row in range(rows):
            cells = [mixed_cell(seed, row, column) for column in range(columns)]
            filled += columns - cells.count(None)
            workbook.write_row(cells)
    return MixedExpected(rows=rows, columns=columns, filled_cells=filled)

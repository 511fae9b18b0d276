"""A script's correction of failed orders: what the generator spoiled is made good again."""

from __future__ import annotations

from dataclasses import astuple
from itertools import islice
from typing import TYPE_CHECKING

from openpyxl import Workbook, load_workbook

from sample_data import DEFAULT_SEED, iter_orders

if TYPE_CHECKING:
    from pathlib import Path


def correct_orders(failed_rows: Path, corrected: Path, rows: int) -> list[int]:
    """Write a failed-rows workbook again with the orders as they were meant; return its lines.

    One pass over both, in constant memory: `rows` may be a million.
    """
    source = load_workbook(failed_rows, read_only=True)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("corrected")
    wrong = source.worksheets[0].iter_rows(values_only=True)
    header = next(wrong)
    sheet.append(header)
    at = header.index("_row")
    good = enumerate(islice(iter_orders(DEFAULT_SEED), rows), start=2)
    lines: list[int] = []
    for row in wrong:
        line = row[at]
        assert isinstance(line, int)
        order = next(order for number, order in good if number == line)
        sheet.append([*astuple(order), line, "corrected"])
        lines.append(line)
    book.save(corrected)
    source.close()
    return lines

"""Mixed sheets hold what the pure function says, in any shape."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from sample_data import generate_mixed, mixed_cell, mixed_header
from xlsx_writer import CellValue, Strings

SEED = 3


def rows_of(path: Path) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return list(book["mixed"].iter_rows(values_only=True))
    finally:
        book.close()


def as_read(value: CellValue) -> object:
    """What openpyxl makes of a value: floats of decimals, moments of days."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell has no zone
    return value


@pytest.mark.parametrize("strings", ["inline", "shared"])
@pytest.mark.parametrize(("rows", "columns"), [(300, 17), (40, 120), (20, 1)])
def test_every_cell_is_what_the_pure_function_says(
    tmp_path: Path, rows: int, columns: int, strings: Strings
) -> None:
    path = tmp_path / "m.xlsx"
    expected = generate_mixed(path, rows, columns, seed=SEED, strings=strings)
    header, *read = rows_of(path)
    assert list(header) == mixed_header(columns)
    assert len(set(header)) == columns
    assert (expected.rows, expected.columns) == (rows, columns)
    for row, cells in enumerate(read):
        wanted = [as_read(mixed_cell(SEED, row, column)) for column in range(columns)]
        # A row whose last cells are empty is read back shorter.
        assert [*cells, *[None] * (columns - len(cells))] == wanted
    assert expected.filled_cells == sum(cell is not None for cells in read for cell in cells)
    assert len(read) == rows


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate_mixed(tmp_path / name, 50, 9, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


@pytest.mark.parametrize(("rows", "columns"), [(1, 0), (1, 16_385), (-1, 3), (1_048_576, 3)])
def test_a_shape_no_sheet_has_is_refused(tmp_path: Path, rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match=r"columns|rows"):
        generate_mixed(tmp_path / "m.xlsx", rows, columns)
    assert list(tmp_path.iterdir()) == []

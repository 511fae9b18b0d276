import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sample_data import ORDER_COLUMNS, generate_orders, generate_orders_csv


def test_the_text_file_has_the_workbooks_rows_and_figures(tmp_path: Path) -> None:
    text, book = tmp_path / "o.csv", tmp_path / "o.xlsx"
    expected = generate_orders_csv(text, 2_500, bad_share=0.1)
    assert expected == generate_orders(book, 2_500, bad_share=0.1)
    assert expected.bad_rows > 100
    with text.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    sheet = load_workbook(book).active
    assert sheet is not None
    width = len(ORDER_COLUMNS)
    in_book = [
        [spelled(cell) for cell in row] + [""] * (width - len(row))
        for row in sheet.iter_rows(values_only=True)
    ]
    assert tuple(rows[0]) == ORDER_COLUMNS
    assert [[same_number(cell) for cell in row] for row in rows] == in_book


def spelled(cell: object) -> str:
    """What stands in the text for a value of the workbook."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.2f}".rstrip("0").rstrip(".")
    return str(cell).removesuffix(" 00:00:00")


def same_number(cell: str) -> str:
    is_price = cell.replace(".", "", 1).isdigit() and "." in cell
    return cell.rstrip("0").rstrip(".") if is_price else cell


def test_more_rows_than_can_be_numbered_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2,147,483,646"):
        generate_orders_csv(tmp_path / "o.csv", 2_147_483_647)

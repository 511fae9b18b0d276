"""The hard sheets are what they say: unique strings, and no two shapes of row in a row."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from sample_data.hard_sheets import generate_alternating_types, generate_unique_strings


def test_every_unique_string_is_in_the_table_once(tmp_path: Path) -> None:
    path = tmp_path / "unique.xlsx"
    assert generate_unique_strings(path, 1_000) == 2_100
    rows = list(openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True))  # type: ignore[union-attr]
    texts = [value for row in rows for value in row if isinstance(value, str)]
    assert len(rows) == 1_000
    assert len(texts) == len(set(texts)) == 2_100
    assert all(len([v for v in row if v is not None]) in {9, 10} for row in rows)


def test_the_types_of_a_column_alternate_without_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "alternating.xlsx"
    generate_alternating_types(path, 500)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True))  # type: ignore[union-attr]
    shapes = [tuple(type(value).__name__ for value in row) for row in rows]
    assert len(shapes) == 500
    assert all(len(shape) == 16 for shape in shapes)
    assert len(set(shapes)) > 490
    for column in range(16):
        assert {shape[column] for shape in shapes} == {"int", "str", "bool", "datetime"}

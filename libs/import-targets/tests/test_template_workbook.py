"""The template of a target is an empty sheet that fits it, and filled in it imports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from import_targets import (
    RECORDS,
    RowError,
    TargetColumn,
    TargetDefinition,
    TargetError,
    ValidatedRows,
    coalesce,
    find_header,
    load_target,
    validate,
)
from import_targets.template_workbook import template_workbook
from sluice.events.rows_chunked import ChunkMeta, RowsChunked, cells_of
from sluice.job_layout import JobLayout
from xlsx_reader import peek

ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")
GOOD = [7, "Anna", "a@b.de", "SKU-1", 3, 9.99, "EUR", date(2026, 5, 31), True, "=1+1"]


def opened(definition: TargetDefinition = ORDERS) -> Workbook:
    return load_workbook(BytesIO(template_workbook(definition)))


def test_the_template_has_the_headers_frozen_and_no_row() -> None:
    sheet = opened().worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.name for column in ORDERS.columns]
    assert (sheet.title, sheet.freeze_panes, sheet.max_row) == ("orders", "A2", 1)


def test_headers_tell_what_the_column_takes() -> None:
    sheet = opened().worksheets[0]
    notes = {cell.value: cell.comment.text.splitlines() for cell in sheet[1] if cell.comment}
    assert notes["quantity"] == [
        "Required.",
        "A whole number between 1 and 1,000,000.",
        "The header may also be qty, amount ordered, pieces.",
    ]
    assert notes["order_id"][2] == "The key: it tells rows apart."
    assert notes["note"][:2] == ["Optional.", "A text of at most 2,000 characters."]
    assert "Its form is [A-Z0-9-]+ (a regular expression)." in notes["sku"]


def test_other_rules_are_told_too() -> None:
    definition = TargetDefinition(
        name="t",
        kind="typed",
        table="t",
        key=("a", "b"),
        columns=(
            TargetColumn(name="a", type="text", required=True, enum=("x", "yy"), max_length=2),
            TargetColumn(name="b", type="date", required=True, formats=("DD.MM.YYYY",)),
            TargetColumn(name="c", type="text", unique=True, default="new"),
            TargetColumn(name="d", type="bigint", references="customers.id"),
        ),
    )
    notes = {
        cell.value: cell.comment.text
        for cell in opened(definition).worksheets[0][1]
        if cell.comment
    }
    assert "One of x, yy.\nA text of at most 2 characters." in notes["a"]
    assert "The key, together with b:" in notes["a"]
    assert "As text also DD.MM.YYYY." in notes["b"]
    assert "an empty cell means 'new'" in notes["c"]
    assert "No two rows may have the same value." in notes["c"]
    assert "It names a value of customers.id." in notes["d"]


def test_columns_are_formatted_and_offer_their_values() -> None:
    book = opened()
    sheet = book.worksheets[0]
    formats = [sheet.column_dimensions[letter].number_format for letter in "ABFHI"]
    assert formats == ["0", "@", "0.00", "yyyy-mm-dd", "General"]
    choices = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert choices == {
        "G2:G1048576": "'allowed values'!$G$1:$G$5",
        "I2:I1048576": '"TRUE,FALSE"',
    }
    lists = book["allowed values"]
    assert lists.sheet_state == "hidden"
    assert [lists.cell(k, 7).value for k in range(1, 6)] == ["USD", "EUR", "GBP", "VND", "JPY"]


def test_a_target_without_lists_has_one_sheet_and_records_have_no_template() -> None:
    plain = TargetDefinition(
        name="t" * 63, kind="typed", table="t", columns=(TargetColumn(name="a", type="text"),)
    )
    assert opened(plain).sheetnames == ["t" * 31]
    with pytest.raises(TargetError, match="takes any headers"):
        template_workbook(RECORDS)


def imported(path: Path) -> tuple[ValidatedRows, tuple[RowError, ...]]:
    """Read a small workbook on the road of an import: its head, its header, its rows."""
    head = peek(path, None, 20)
    found = find_header(ORDERS, [(row.line, [text for text, _ in row.cells]) for row in head.rows])
    assert found is not None
    assert found.match.faults == ()
    columns = found.match.columns
    layout = JobLayout(sheet="", header_line=found.line, estimated_rows=0, columns=columns)
    rows = [row for row in head.rows if row.line > found.line]
    wide = [[*row.cells, *[(None, 0)] * (len(columns) - len(row.cells))] for row in rows]
    by_column = list(zip(*wide, strict=True))
    meta = ChunkMeta(
        **dict.fromkeys(("run", "rows", "first_line", "last_line"), 1),
        **dict.fromkeys(("chunk_no", "covered_bytes"), 0),
        job_id=None,  # type: ignore[arg-type]
        sha256="",
        chunker_version=1,
        date_1904=False,
    )
    cells = cells_of(
        [row.line for row in rows],
        [[text for text, _ in column] for column in by_column],
        [bytes(int(tag) for _, tag in column) for column in by_column],
    )
    got = validate(ORDERS, layout, coalesce([RowsChunked(meta=meta, cells=cells)]), False)
    return got, got.errors


def test_a_template_that_is_filled_in_imports(tmp_path: Path) -> None:
    book = opened()
    book.worksheets[0].append(GOOD)
    book.worksheets[0].append([8, "Bo", "a@b.de", "SKU-2", 0, 9.99, "CHF", date(2026, 5, 31), True])
    book.worksheets[0]["J2"].data_type = "s"
    path = tmp_path / "filled.xlsx"
    book.save(path)
    got, errors = imported(path)
    assert [(e.sheet_line, e.field, e.code) for e in errors] == [
        (3, "quantity", "OUT_OF_RANGE"),
        (3, "currency", "NOT_IN_LIST"),
    ]
    (row,) = got.rows.to_pylist()
    expected = [*GOOD[:5], Decimal("9.99"), *GOOD[6:]]
    assert list(row.values()) == [*expected, 2]

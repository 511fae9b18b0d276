"""Cells of a text file: numbers, dates and booleans as people write them, or refused by name."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from import_targets import RECORDS, TargetColumn, TargetDefinition, validate
from sluice.events.cell_tags import CellTag
from sluice.job_layout import JobLayout, MappedColumn, TextDialect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from import_targets import CoalescedCells, ValidatedRows


def _column(type_: str, **rules: Any) -> TargetColumn:
    return TargetColumn(name="field", type=type_, **rules)


INTEGER = _column("integer")
PRICE = _column("numeric(12,2)")
WEIGHT = _column("numeric(12,3)")
DOUBLE = _column("double")
DATE = _column("date")
FLAG = _column("boolean")
TEXT = _column("text")
BRITISH = _column("date", formats=("DD/MM/YYYY", "DD.MM.YYYY"))
AMERICAN = _column("timestamp", formats=("MM/DD/YYYY",))
AMBIGUOUS = ["NUMBER_AMBIGUOUS"]

CASES: list[tuple[TargetColumn, str, str, Any]] = [
    (INTEGER, "12", ".", 12),
    (INTEGER, "+12", ".", 12),
    (INTEGER, "007", ".", 7),
    (INTEGER, "12.0", ".", 12),
    (INTEGER, "1.000", ".", AMBIGUOUS),
    (INTEGER, "1,000", ".", AMBIGUOUS),
    (INTEGER, "1,000,000", ".", 1_000_000),
    (INTEGER, "1,000.00", ".", 1000),
    (INTEGER, "1.5", ".", ["NOT_AN_INTEGER"]),
    (INTEGER, "1,00,000", ".", AMBIGUOUS),
    (INTEGER, "a,b", ".", ["NOT_A_NUMBER"]),
    (INTEGER, "1 000", ".", ["NOT_A_NUMBER"]),
    (PRICE, "1234.50", ".", Decimal("1234.50")),
    (PRICE, "12,50", ".", AMBIGUOUS),
    (PRICE, "1.234,50", ".", AMBIGUOUS),
    (PRICE, "1,234.50", ".", Decimal("1234.50")),
    (PRICE, "1.230", ".", AMBIGUOUS),
    (PRICE, "1234.500", ".", Decimal("1234.50")),
    (PRICE, "12,50", ",", Decimal("12.50")),
    (PRICE, "-1.234,50", ",", Decimal("-1234.50")),
    (PRICE, "1.234.567", ",", Decimal("1234567.00")),
    (PRICE, "12.50", ",", AMBIGUOUS),
    (PRICE, "1.234", ",", AMBIGUOUS),
    (PRICE, "1,234", ",", AMBIGUOUS),
    (PRICE, "12", ",", Decimal("12.00")),
    (PRICE, "0,005", ",", AMBIGUOUS),
    (PRICE, "0,0051", ",", ["TOO_MANY_DECIMALS"]),
    (WEIGHT, "1.234", ".", Decimal("1.234")),
    (WEIGHT, "1,234", ",", Decimal("1.234")),
    (WEIGHT, "1,234", ".", AMBIGUOUS),
    (DOUBLE, "1.234", ".", 1.234),
    (DOUBLE, "1.5e3", ".", 1500.0),
    (DOUBLE, "1,5e3", ",", 1500.0),
    (DATE, "2024-05-31", ".", date(2024, 5, 31)),
    (DATE, "2024-02-30", ".", ["NOT_A_DATE"]),
    (DATE, "03/04/2026", ".", ["DATE_AMBIGUOUS"]),
    (DATE, "31.05.2024", ".", ["DATE_AMBIGUOUS"]),
    (DATE, "5/31/24", ".", ["DATE_AMBIGUOUS"]),
    (DATE, "45443", ".", ["NOT_A_DATE"]),
    (BRITISH, "03/04/2026", ".", date(2026, 4, 3)),
    (BRITISH, "3.4.2026", ".", date(2026, 4, 3)),
    (BRITISH, "2026-04-03", ".", date(2026, 4, 3)),
    (BRITISH, "04/13/2026", ".", ["NOT_A_DATE"]),
    (BRITISH, "29/02/2023", ".", ["NOT_A_DATE"]),
    (BRITISH, "03-04-2026", ".", ["DATE_AMBIGUOUS"]),
    (AMERICAN, "03/04/2026", ".", datetime.fromisoformat("2026-03-04")),
    (AMERICAN, "3/4/2026 09:30", ".", datetime.fromisoformat("2026-03-04T09:30")),
    (FLAG, "t", ".", True),
    (FLAG, "N", ".", False),
    (FLAG, "Yes", ".", True),
    (FLAG, "maybe", ".", ["NOT_A_BOOLEAN"]),
    (TEXT, "00012", ".", "00012"),
    (TEXT, "1,234", ".", "1,234"),
    (TEXT, "#N/A", ".", "#N/A"),
]


def _layout(headers: Sequence[str], decimal: str = ".") -> JobLayout:
    dialect = TextDialect(encoding="utf-8", delimiter=",", decimal=decimal)  # type: ignore[arg-type]  # one of two
    columns = [MappedColumn(index=k, header=h, field=h) for k, h in enumerate(headers)]
    return JobLayout(
        sheet="", header_line=1, estimated_rows=1, columns=tuple(columns), dialect=dialect
    )


def _answer(got: ValidatedRows) -> Any:
    if got.errors:
        return [error.code for error in got.errors]
    return got.rows.column("field")[0].as_py()


def _text(cell: str | None) -> tuple[str | None, CellTag]:
    return cell, CellTag.EMPTY if cell is None else CellTag.TEXT


@pytest.mark.parametrize(("column", "text", "decimal", "expected"), CASES)
def test_a_cell_of_a_text_file_is_what_its_file_and_its_target_say(
    batch: Callable[..., CoalescedCells],
    column: TargetColumn,
    text: str,
    decimal: str,
    expected: Any,
) -> None:
    definition = TargetDefinition(name="t", kind="typed", table="t", columns=(column,))
    # A plain neighbour, so that no cell is alone with what it is
    cells = batch([[_text(text)], [_text(None)]])
    got = validate(definition, _layout(["field"], decimal), cells, False)
    assert _answer(got) == expected


def test_an_ambiguous_cell_says_what_to_write_and_what_to_say(
    batch: Callable[..., CoalescedCells],
) -> None:
    definition = TargetDefinition(
        name="t",
        kind="typed",
        table="t",
        columns=(
            TargetColumn(name="price", type="numeric(12,2)"),
            TargetColumn(name="day", type="date"),
        ),
    )
    cells = batch([[_text("12,50"), _text("03/04/2026")]])
    got = validate(definition, _layout(["price", "day"]), cells, False)
    assert [error.message for error in got.errors] == [
        (
            "price: found '12,50', expected a number with a decimal point and no mark between "
            "thousands, such as 1234.5; if the file writes decimal commas, upload it with "
            "decimal=comma"
        ),
        (
            "day: found '03/04/2026', expected a date such as 2024-05-31, for day and month cannot "
            "be told apart; or name the format in the target, as in formats: [DD/MM/YYYY]"
        ),
    ]


@pytest.mark.parametrize("typed", [True, False])
def test_a_cell_beyond_the_header_rejects_its_row_and_no_other(
    batch: Callable[..., CoalescedCells], typed: bool
) -> None:
    columns = (TargetColumn(name="a", type="text"), TargetColumn(name="b", type="text"))
    target = TargetDefinition(name="t", kind="typed", table="t", columns=columns)
    rows: list[list[str | None]] = [
        ["1", "2", None, None],
        ["1", "2", "3", "4"],
        ["1", None, None, "4"],
    ]
    cells = batch([[_text(cell) for cell in row] for row in rows])
    got = validate(target if typed else RECORDS, _layout(["a", "b"]), cells, False)
    assert [(e.sheet_line, e.column_letter, e.field, e.code, e.value) for e in got.errors] == [
        (3, "C", None, "TOO_MANY_CELLS", "3"),
        (4, "D", None, "TOO_MANY_CELLS", "4"),
    ]
    assert got.errors[0].message.startswith("row: no header stands above this cell;")
    assert got.rows.num_rows == 1


def test_a_header_that_ends_with_delimiters_has_no_more_columns(
    batch: Callable[..., CoalescedCells],
) -> None:
    cells = batch([[_text("1"), _text("2")], [_text("1"), _text(None)]])
    got = validate(RECORDS, _layout(["a", ""]), cells, False)
    assert [error.code for error in got.errors] == ["TOO_MANY_CELLS"]


def test_a_byte_order_mark_in_front_of_a_row_is_told(
    batch: Callable[..., CoalescedCells],
) -> None:
    cells = batch([[_text("1")], [_text("\ufeff2")], [_text("a\ufeffb")]])
    got = validate(RECORDS, _layout(["a"]), cells, False)
    assert [(error.sheet_line, error.code) for error in got.errors] == [(3, "BOM_INSIDE")]
    assert got.rows.num_rows == 2


def test_a_sheet_keeps_its_own_rules(batch: Callable[..., CoalescedCells]) -> None:
    layout = _layout(["field"]).model_copy(update={"dialect": None})
    definition = TargetDefinition(name="t", kind="typed", table="t", columns=(INTEGER,))
    cells = batch([[_text("1.000"), _text("a note")]])
    assert _answer(validate(definition, layout, cells, False)) == 1

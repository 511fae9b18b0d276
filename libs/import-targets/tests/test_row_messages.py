"""Every error of a row is reported, and each says what was found and what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_targets import (
    CoalescedCells,
    RowError,
    TargetColumn,
    TargetDefinition,
    load_target,
    validate,
)
from sluice.events.cell_tags import CellTag as T
from sluice.job_layout import JobLayout

Cell = tuple[str | None, T]
BatchOf = Callable[[Sequence[Sequence[Cell]]], CoalescedCells]
LayoutOf = Callable[[Sequence[str | None]], JobLayout]

ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")
FIELDS = [column.name for column in ORDERS.columns]
GOOD: list[Cell] = [
    ("7", T.NUMBER),
    ("Anna", T.TEXT),
    ("a@example.com", T.TEXT),
    ("SKU-1", T.TEXT),
    ("3", T.NUMBER),
    ("19.99", T.NUMBER),
    ("EUR", T.TEXT),
    ("45443", T.DATE),
    ("1", T.BOOL),
    (None, T.EMPTY),
]
BAD: list[Cell] = [
    (None, T.EMPTY),
    ("x y z", T.TEXT),
    ("-1", T.NUMBER),
    ("1.555", T.NUMBER),
    ("1e30", T.NUMBER),
    ("#REF!", T.ERROR),
    ("1", T.FORMULA_NO_VALUE),
    ("a\0", T.TEXT),
    ("45443.5", T.DATETIME),
    ("x" * 400, T.TEXT),
    ("0.5", T.TIME),
]
SENTENCE = re.compile(
    r"(\w+): (the cell is empty, expected .+|found .+, expected .+"
    r"|(found|the) .+(open the workbook|remove it|correct the date|shorten it).*)",
    re.DOTALL,
)
TEXT = TargetColumn(
    name="a",
    type="text",
    min_length=2,
    max_length=3,
    pattern="[a-z]+",
    enum=tuple(f"k{chr(97 + k)}" for k in range(26)),
)
DAY = TargetColumn(name="a", type="date", minimum="2024-01-01", maximum="2024-12-31")
LISTED = ", ".join(f"k{chr(97 + k)}" for k in range(20))


def told(column: TargetColumn, cell: Cell, batch: BatchOf, layout: LayoutOf) -> list[RowError]:
    definition = TargetDefinition(name="t", kind="typed", table="t", columns=(column,))
    return list(validate(definition, layout(["a"]), batch([[cell]]), False).errors)


def test_each_rule_that_one_cell_breaks_is_told(batch: BatchOf, layout: LayoutOf) -> None:
    errors = told(TEXT, ("ABCDE", T.TEXT), batch, layout)
    assert [(error.error_no, error.code, error.message) for error in errors] == [
        (0, "TOO_LONG", "a: found 'ABCDE' (5 characters), expected a text of 2 to 3 characters"),
        (1, "PATTERN", "a: found 'ABCDE', expected a text of the form [a-z]+"),
        (2, "NOT_IN_LIST", f"a: found 'ABCDE', expected one of {LISTED} and 6 more"),
    ]
    (error, *_) = told(TEXT, ("Q", T.TEXT), batch, layout)
    assert "'Q' (1 character), expected" in error.message


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (("1", T.DATE), "the date cell '1900-01-01'"),
        (("9999999", T.DATE), "the date cell '9999999'"),
        (("36526.25", T.DATETIME), "the date and time cell '2000-01-01T06:00:00'"),
        (("0.5", T.TIME), "the time cell '12:00:00'"),
        (("1", T.BOOL), "the boolean cell 'TRUE'"),
        (("0.30000000000000004", T.NUMBER), "'0.3'"),
        (("31/12/2020", T.TEXT), "'31/12/2020'"),
    ],
)
def test_what_was_found_is_what_people_see_in_the_sheet(
    cell: Cell, found: str, batch: BatchOf, layout: LayoutOf
) -> None:
    (error,) = told(DAY, cell, batch, layout)
    assert f"a: found {found}, expected" in error.message
    assert error.value == found.rpartition(" ")[2].strip("'")


def test_a_period_is_expected_in_words(batch: BatchOf, layout: LayoutOf) -> None:
    (error,) = told(DAY, ("2023-12-31", T.TEXT), batch, layout)
    assert error.message == (
        "a: found '2023-12-31', expected a date such as 2024-05-31, "
        "not before 2024-01-01, not after 2024-12-31"
    )


def _errors(rows: Sequence[Sequence[Cell]], batch: BatchOf, layout: LayoutOf) -> list[RowError]:
    return list(validate(ORDERS, layout(FIELDS), batch(rows), False).errors)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(st.integers(0, 9), st.sampled_from(BAD)), min_size=1, max_size=6))
def test_the_errors_of_a_row_are_those_of_each_of_its_cells_alone(
    batch: BatchOf, layout: LayoutOf, faults: list[dict[int, Cell]]
) -> None:
    rows = [[fault.get(k, cell) for k, cell in enumerate(GOOD)] for fault in faults]
    expected = [
        (position, error.column_letter, error.field, error.code, error.message, error.value)
        for position, fault in enumerate(faults)
        for column in sorted(fault)
        for error in _errors(
            [[fault[column] if k == column else cell for k, cell in enumerate(GOOD)]], batch, layout
        )
    ]
    errors = _errors(rows, batch, layout)
    assert [
        (e.position, e.column_letter, e.field, e.code, e.message, e.value) for e in errors
    ] == expected
    numbers: dict[int, int] = {}
    for error in errors:
        assert SENTENCE.fullmatch(error.message), error.message
        assert error.message.startswith(f"{error.field}: ")
        assert error.error_no == numbers.get(error.position, 0)
        numbers[error.position] = error.error_no + 1

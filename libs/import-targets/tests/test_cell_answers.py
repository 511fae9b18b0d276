"""One cell in one column: its value or its code, for every rule, alone and beside other kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from import_targets import TargetColumn
from sluice.events.cell_tags import CellTag as T

Answers = Callable[..., list[Any]]


def _column(type_: str, **rules: Any) -> TargetColumn:
    return TargetColumn(name="field", type=type_, **rules)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


INTEGER = _column("integer")
BIGINT = _column("bigint")
PRICE = _column("numeric(12,2)")
TOKENS = _column("numeric(38,18)")
SHARE = _column("numeric(38,38)")
TEXT = _column("text")
DATE = _column("date")
MOMENT = _column("timestamp")
FLAG = _column("boolean")
TRIMMED = _column("text", trim=True, required=True)

CASES: list[tuple[TargetColumn, str | None, T, Any]] = [
    (INTEGER, "5", T.NUMBER, 5),
    (INTEGER, "5.0", T.NUMBER, 5),
    (INTEGER, "1E3", T.NUMBER, 1000),
    (INTEGER, " 12 ", T.TEXT, 12),
    (INTEGER, "5.5", T.NUMBER, ["NOT_AN_INTEGER"]),
    (INTEGER, "0x10", T.NUMBER, ["NOT_A_NUMBER"]),
    (INTEGER, "1,234", T.TEXT, ["NOT_A_NUMBER"]),
    (INTEGER, "abc", T.TEXT, ["NOT_A_NUMBER"]),
    (INTEGER, "2147483648", T.NUMBER, ["OUT_OF_RANGE"]),
    (INTEGER, "1E400", T.NUMBER, ["OUT_OF_RANGE"]),
    (INTEGER, "4.9999999999999996", T.NUMBER, 5),
    (INTEGER, "45443", T.DATE, ["NOT_A_NUMBER"]),
    (INTEGER, "1", T.BOOL, ["NOT_A_NUMBER"]),
    (INTEGER, "#N/A", T.ERROR, ["EXCEL_ERROR"]),
    (INTEGER, "", T.FORMULA_NO_VALUE, ["FORMULA_NO_VALUE"]),
    (INTEGER, "  ", T.TEXT, None),
    (INTEGER, None, T.EMPTY, None),
    (BIGINT, "9223372036854775807", T.NUMBER, 2**63 - 1),
    (BIGINT, "9223372036854775808", T.NUMBER, ["OUT_OF_RANGE"]),
    (BIGINT, "12345678901234567", T.NUMBER, 12345678901234567),
    (PRICE, "19.989999999999998", T.NUMBER, Decimal("19.99")),
    (PRICE, "19.989999999999998", T.TEXT, ["TOO_MANY_DECIMALS"]),
    (PRICE, "1234.50", T.TEXT, Decimal("1234.50")),
    # With the decimals of their columns these have more digits than 128 bits hold.
    (TOKENS, "1234567890123456789012345", T.TEXT, ["OUT_OF_RANGE"]),
    (TOKENS, "12345678901234567890", T.TEXT, Decimal(12345678901234567890)),
    (SHARE, "88.9", T.NUMBER, ["OUT_OF_RANGE"]),
    (SHARE, "88.9", T.TEXT, ["OUT_OF_RANGE"]),
    (SHARE, "0.889", T.TEXT, Decimal("0.889")),
    (SHARE, "-.5", T.TEXT, Decimal("-0.5")),
    (SHARE, "-0", T.TEXT, Decimal(0)),
    (SHARE, "-", T.TEXT, ["NOT_A_NUMBER"]),
    (PRICE, "1234.500", T.TEXT, Decimal("1234.50")),
    (PRICE, "1,234.50", T.TEXT, ["NOT_A_NUMBER"]),
    (PRICE, "0.005", T.NUMBER, ["TOO_MANY_DECIMALS"]),
    (PRICE, "9999999999.99", T.NUMBER, Decimal("9999999999.99")),
    (PRICE, "1E10", T.NUMBER, ["OUT_OF_RANGE"]),
    (PRICE, "1.2E-2", T.NUMBER, ["TOO_MANY_DECIMALS"]),
    (PRICE, "5.0000000000000003E-2", T.NUMBER, Decimal("0.05")),
    (PRICE, "0E-400", T.NUMBER, Decimal("0.00")),
    # A cast of Arrow's made 0.00 of this one.
    (PRICE, "5e-324", T.NUMBER, ["TOO_MANY_DECIMALS"]),
    (PRICE, "1E-40", T.TEXT, ["TOO_MANY_DECIMALS"]),
    (TEXT, "0.1000000001", T.NUMBER, "0.1000000001"),
    (TEXT, "00012", T.TEXT, "00012"),
    (TEXT, " a ", T.TEXT, " a "),
    (TEXT, "", T.TEXT, None),
    (TEXT, "1", T.BOOL, "TRUE"),
    (TEXT, "45443", T.DATE, "2024-05-31"),
    (TEXT, "45443.5", T.DATETIME, "2024-05-31T12:00:00"),
    (TEXT, "0.5", T.TIME, "12:00:00"),
    (TEXT, "1.5", T.DURATION, "36:00:00"),
    (TEXT, "2024-02-30T25:00", T.ISO_DATE, ["DATE_INVALID"]),
    (TEXT, "a\0b", T.TEXT, ["NUL_NOT_ALLOWED"]),
    (TEXT, "a\0b", T.CELL_TOO_LONG, ["NUL_NOT_ALLOWED"]),
    (TRIMMED, "\u00a0a \t", T.TEXT, "a"),
    (TRIMMED, "\u00a0 ", T.TEXT, ["REQUIRED"]),
    (TRIMMED, None, T.EMPTY, ["REQUIRED"]),
    (DATE, "45443", T.DATE, date(2024, 5, 31)),
    (DATE, "45443.75", T.DATE, date(2024, 5, 31)),
    (DATE, "45443", T.DATETIME, date(2024, 5, 31)),
    (DATE, "45443.5", T.DATETIME, ["NOT_A_DATE"]),
    (DATE, "0", T.DATE, date(1899, 12, 31)),
    (DATE, "1", T.DATE, date(1900, 1, 1)),
    (DATE, "59", T.DATE, date(1900, 2, 28)),
    (DATE, "60", T.DATE, ["DATE_1900_02_29"]),
    (DATE, "61", T.DATE, date(1900, 3, 1)),
    (DATE, "2958465", T.DATE, date(9999, 12, 31)),
    (DATE, "2958466", T.DATE, ["OUT_OF_RANGE"]),
    (DATE, "-1", T.DATE, ["OUT_OF_RANGE"]),
    (DATE, "1e300", T.DATE, ["OUT_OF_RANGE"]),
    (DATE, "45443", T.NUMBER, ["NOT_A_DATE"]),
    (DATE, "0.5", T.TIME, ["NOT_A_DATE"]),
    (DATE, " 2024-05-31 ", T.TEXT, date(2024, 5, 31)),
    (DATE, "2024-02-29", T.TEXT, date(2024, 2, 29)),
    (DATE, "2023-02-29", T.TEXT, ["NOT_A_DATE"]),
    (DATE, "1900-02-29", T.TEXT, ["NOT_A_DATE"]),
    (DATE, "2000-02-29", T.TEXT, date(2000, 2, 29)),
    (DATE, "31.05.2024", T.TEXT, ["NOT_A_DATE"]),
    (DATE, "0000-01-01", T.TEXT, ["NOT_A_DATE"]),
    (DATE, "2024-05-31T00:00:00", T.ISO_DATE, date(2024, 5, 31)),
    (DATE, "2024-05-31T10:00:00", T.ISO_DATE, ["NOT_A_DATE"]),
    (DATE, "2024-02-30T25:00", T.ISO_DATE, ["DATE_INVALID"]),
    (MOMENT, "45443.75", T.DATETIME, moment("2024-05-31T18:00")),
    (MOMENT, "45443", T.DATE, moment("2024-05-31")),
    (MOMENT, "2024-05-31 10:00", T.TEXT, moment("2024-05-31T10:00")),
    (MOMENT, "2024-05-31T10:00:00.25Z", T.ISO_DATE, moment("2024-05-31T10:00:00.250")),
    (MOMENT, "2024-05-31T24:00", T.TEXT, ["NOT_A_DATE"]),
    (FLAG, "1", T.BOOL, True),
    (FLAG, "FALSE", T.BOOL, False),
    (FLAG, " Yes", T.TEXT, True),
    (FLAG, "0", T.NUMBER, False),
    (FLAG, "2", T.NUMBER, ["NOT_A_BOOLEAN"]),
    (FLAG, "ja", T.TEXT, ["NOT_A_BOOLEAN"]),
    (FLAG, "45443", T.DATE, ["NOT_A_BOOLEAN"]),
    (_column("double"), "0.1", T.NUMBER, 0.1),
    (_column("double"), "nan", T.TEXT, ["NOT_A_NUMBER"]),
    (_column("double"), "1e999", T.NUMBER, ["OUT_OF_RANGE"]),
    (_column("numeric(38,38)"), ".5", T.NUMBER, Decimal("0.5")),
    (_column("numeric(38,0)"), "9" * 38, T.NUMBER, Decimal("9" * 38)),
    (_column("numeric(20,2)"), "1234567890123456.7", T.NUMBER, Decimal(1234567890123457)),
    (_column("numeric(20,2)"), "1234567890123456.7", T.TEXT, Decimal("1234567890123456.70")),
    (_column("integer", minimum="1", maximum="9"), "0", T.NUMBER, ["OUT_OF_RANGE"]),
    (_column("integer", minimum="1", maximum="9"), "10", T.NUMBER, ["OUT_OF_RANGE"]),
    (_column("numeric(5,2)", minimum="0.10"), "0.09", T.NUMBER, ["OUT_OF_RANGE"]),
    (_column("date", minimum="2024-01-01"), "45000", T.DATE, ["OUT_OF_RANGE"]),
    (_column("text", max_length=3), "đđđ", T.TEXT, "đđđ"),
    (_column("text", max_length=3), "đđđđ", T.TEXT, ["TOO_LONG"]),
    (_column("text", min_length=3), "đđ", T.TEXT, ["TOO_SHORT"]),
    (_column("text", pattern="a|b"), "ab", T.TEXT, ["PATTERN"]),
    (_column("text", pattern="a|b", max_length=1), "ab", T.TEXT, ["TOO_LONG", "PATTERN"]),
    (_column("text", pattern="a"), "a\n", T.TEXT, ["PATTERN"]),
    (_column("text", enum=("a", "b")), "c", T.TEXT, ["NOT_IN_LIST"]),
    (_column("text", enum=("a", "b")), None, T.EMPTY, None),
    (_column("integer", default="7", required=True), None, T.EMPTY, 7),
    (_column("integer", default="7"), "x", T.TEXT, ["NOT_A_NUMBER"]),
]


@pytest.mark.parametrize(("column", "text", "tag", "expected"), CASES)
def test_a_cell_gets_its_value_or_its_code_alone_and_among_others(
    answers: Answers, column: TargetColumn, text: str | None, tag: T, expected: Any
) -> None:
    alone = answers(column, [(text, tag)])[0]
    others = [("?", T.ERROR), ("x y", T.TEXT), (None, T.EMPTY), ("17", T.NUMBER)]
    among = answers(column, [*others, (text, tag), *others])[len(others)]
    assert (alone, among) == (expected, expected)


def test_the_1904_epoch_is_1462_days_later(answers: Answers) -> None:
    cells = [("0", T.DATE), ("60", T.DATE), ("43981", T.DATE), ("2957004", T.DATE)]
    assert answers(DATE, cells, True) == [
        date(1904, 1, 1),
        date(1904, 3, 1),
        date(2024, 5, 31),
        ["OUT_OF_RANGE"],
    ]


def test_the_bounds_themselves_are_inside(answers: Answers) -> None:
    column = _column("integer", minimum="1", maximum="9")
    out = ["OUT_OF_RANGE"]
    got = answers(column, [(str(n), T.NUMBER) for n in (0, 1, 9, 10)])
    assert got == [out, 1, 9, out]

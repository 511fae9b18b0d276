"""The vectorised answer equals that of a slow and obvious twin, for any cells in any company."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from import_targets import TargetColumn
from sluice.events.cell_tags import CellTag as T

Cell = tuple[str | None, T]
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
LIMITS = {"integer": 2**31, "bigint": 2**63}


class Bad(Exception):
    """The code of a cell that has no value."""


def twin(column: TargetColumn, cell: Cell, *, date_1904: bool) -> Any:
    text, tag = cell
    try:
        value = _converted(column, text, tag, date_1904=date_1904)
    except Bad as bad:
        return [str(bad)]
    if value is None:
        return ["REQUIRED"] if column.required else None
    return _rule_codes(column, value) or value


def _rule_codes(column: TargetColumn, value: Any) -> list[str]:
    low, high = column.minimum, column.maximum
    broken = {
        "OUT_OF_RANGE": (low is not None and value < Decimal(low))
        or (high is not None and value > Decimal(high)),
        "TOO_LONG": column.max_length is not None and len(value) > column.max_length,
        "TOO_SHORT": column.min_length is not None and len(value) < column.min_length,
        "PATTERN": column.pattern is not None and not re.fullmatch(column.pattern, value),
        "NOT_IN_LIST": bool(column.enum) and value not in column.enum,
    }
    return [code for code, is_broken in broken.items() if is_broken]


def _converted(column: TargetColumn, text: str | None, tag: T, *, date_1904: bool) -> Any:
    kind = column.column_type
    if tag is T.ERROR or tag is T.FORMULA_NO_VALUE:
        raise Bad("EXCEL_ERROR" if tag is T.ERROR else "FORMULA_NO_VALUE")
    if "\0" in (text or ""):
        raise Bad("NUL_NOT_ALLOWED")
    if text is not None and (kind.kind != "text" or (tag is T.TEXT and column.trim)):
        text = text.strip()
    if text is None or (tag is T.TEXT and not text):
        return None
    if kind.is_number:
        return _number(column, text, tag)
    if kind.kind == "date":
        return _date(text, tag, date_1904=date_1904)
    if kind.kind == "boolean":
        return _boolean(text, tag)
    return text


def _number(column: TargetColumn, text: str, tag: T) -> Any:
    kind = column.column_type
    if tag not in {T.TEXT, T.NUMBER} or not NUMBER.fullmatch(text):
        raise Bad("NOT_A_NUMBER")
    with localcontext() as context:
        context.prec = 2000
        value = Decimal(text)
        if tag is T.NUMBER and value:
            kept = max(15 - (value.adjusted() + 1), 0)
            value = value.quantize(Decimal(1).scaleb(-kept), rounding=ROUND_HALF_UP)
        if kind.is_integer:
            limit = LIMITS[kind.kind]
            outside = not -limit <= value <= limit - 1
        else:
            outside = abs(value) >= 10 ** (kind.precision - kind.scale)
        if outside:
            raise Bad("OUT_OF_RANGE")
        if value != round(value, kind.scale):
            raise Bad("NOT_AN_INTEGER" if kind.is_integer else "TOO_MANY_DECIMALS")
        return int(value) if kind.is_integer else round(value, kind.scale)


def _date(text: str, tag: T, *, date_1904: bool) -> date:
    if tag in {T.DATE, T.DATETIME}:
        return _serial(text, tag, date_1904=date_1904)
    if tag not in {T.TEXT, T.ISO_DATE}:
        raise Bad("NOT_A_DATE")
    code = "NOT_A_DATE" if tag is T.TEXT else "DATE_INVALID"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?", text, re.ASCII):
        raise Bad(code)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Bad(code) from None
    if moment.time().isoformat() != "00:00:00":
        raise Bad("NOT_A_DATE")
    return moment.date()


def _serial(text: str, tag: T, *, date_1904: bool) -> date:
    if not NUMBER.fullmatch(text):
        raise Bad("NOT_A_DATE")
    serial = float(text)
    if not 0 <= serial < 2_958_466 - (1462 if date_1904 else 0):
        raise Bad("OUT_OF_RANGE")
    days, millis = divmod(round(serial * 86_400_000), 86_400_000)
    if not date_1904 and days == 60:
        raise Bad("DATE_1900_02_29")
    if tag is T.DATETIME and millis:
        raise Bad("NOT_A_DATE")
    first = date(1904, 1, 1) if date_1904 else date(1899, 12, 31 if days < 60 else 30)
    return first + timedelta(days=days)


def _boolean(text: str, tag: T) -> bool:
    word = text.strip().lower()
    known = {"true", "false", "yes", "no", "1", "0"}
    if tag not in {T.TEXT, T.NUMBER, T.BOOL} or word not in known:
        raise Bad("NOT_A_BOOLEAN")
    return word in {"true", "yes", "1"}


def _column(type_: str, **rules: Any) -> TargetColumn:
    return TargetColumn(name="field", type=type_, **rules)


COLUMNS = st.sampled_from(
    [
        _column("integer", minimum="1", maximum="1000000", required=True),
        _column("integer"),
        _column("bigint", required=True),
        _column("numeric(12,2)", minimum="0"),
        _column("numeric(20,4)", required=True),
        _column("numeric(38,10)"),
        _column("boolean", required=True),
        _column("date", required=True),
        _column("text", trim=True, required=True, min_length=2, max_length=4),
        _column("text", pattern="[a-z0-9]*"),
        _column("text", enum=("a", "12")),
    ]
)
ISO_TEXTS = st.one_of(
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.from_regex(r"(19|20)[0-9]{2}-0[0-9]-[0-3][0-9]([T ]00:00)?Z?", fullmatch=True),
)
TEXTS = st.one_of(
    st.text(alphabet="ab12 \u00a0\tđ\0-.,E", max_size=6),
    st.from_regex(r"[+-]?[0-9]{0,18}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,2})?", fullmatch=True).map(
        lambda text: "".join(text.split())
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(lambda d: repr(float(d) * 1.1)),
    st.floats(min_value=-5, max_value=3e6).map(repr),
    st.integers(min_value=0, max_value=100).map(str),
    ISO_TEXTS,
    st.sampled_from(["TRUE", "no", " Yes ", "0", "1", "abc", "12", "a", ""]),
)
TAGS = st.sampled_from([T.TEXT, T.NUMBER, T.BOOL, T.DATE, T.DATETIME])
CELLS = st.one_of(
    st.tuples(TEXTS, TAGS),
    st.tuples(ISO_TEXTS, st.just(T.ISO_DATE)),
    st.tuples(st.sampled_from(["#N/A", "#DIV/0!", ""]), st.just(T.ERROR)),
    st.just((None, T.EMPTY)),
    st.just(("", T.FORMULA_NO_VALUE)),
)


def _is_of_a_sheet(column: TargetColumn, cell: Cell) -> bool:
    """Leave out what the twin would have to copy: texts of other kinds of cells."""
    text_of_other_kind = column.type == "text" and cell[1] not in {T.TEXT, T.NUMBER}
    return not (text_of_other_kind or cell == ("", cell[1])) or cell[1] in {
        T.TEXT,
        T.EMPTY,
        T.ERROR,
        T.FORMULA_NO_VALUE,
    }


@settings(max_examples=400, deadline=None)
@given(COLUMNS, st.lists(CELLS, min_size=1, max_size=12), st.booleans())
def test_columns_at_once_and_cells_one_by_one_agree(
    answers: Callable[..., list[Any]], column: TargetColumn, cells: list[Cell], date_1904: bool
) -> None:
    cells = [cell for cell in cells if _is_of_a_sheet(column, cell)]
    cells = cells or [(None, T.EMPTY)]
    expected = [twin(column, cell, date_1904=date_1904) for cell in cells]
    assert answers(column, cells, date_1904) == expected


@settings(max_examples=200, deadline=None)
@given(COLUMNS, TAGS, st.lists(TEXTS, min_size=1, max_size=12))
def test_columns_of_one_kind_of_cells_agree_too(
    answers: Callable[..., list[Any]], column: TargetColumn, tag: T, texts: list[str]
) -> None:
    cells = [(text, tag) for text in texts if _is_of_a_sheet(column, (text, tag))]
    cells = cells or [("1", T.TEXT)]
    expected = [twin(column, cell, date_1904=False) for cell in cells]
    assert answers(column, cells) == expected

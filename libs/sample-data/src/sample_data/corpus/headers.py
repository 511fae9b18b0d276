"""Headers: missing, double, merged, blank, too wide, and not in the first row."""

from __future__ import annotations

from sample_data.corpus.case import Accepted, Case, Refused, accepted, number, text
from sample_data.corpus.parts import (
    book,
    cell,
    data,
    inline,
    row,
    worksheet,
)


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _wide(columns: int) -> str:
    return row(1, *(inline(f"{_letters(at)}1", f"h{at}") for at in range(columns)))


def _header(*titles: str) -> str:
    return row(1, *(inline(f"{_letters(at)}1", title) for at, title in enumerate(titles) if title))


_ORDER_FIELDS = (
    "order_id",
    "customer_name",
    "email",
    "sku",
    "quantity",
    "unit_price",
    "currency",
    "ordered_at",
    "shipped",
)
CASES = (
    Case(
        name="C10 an empty sheet",
        why="not even a header",
        write=book(worksheet("")),
        must=Refused(code="EMPTY", reader_code=""),
    ),
    Case(
        name="a sheet of formatted blanks only",
        why="it looks empty and is",
        write=book(worksheet('<row r="1"><c r="A1" s="1"/></row><row r="2"/>')),
        must=Refused(code="EMPTY", reader_code=""),
    ),
    Case(
        name="C11 a header alone",
        why="a finished import of nothing",
        write=data(""),
        must=Accepted(rows=0, cells={}),
    ),
    Case(
        name="C12 one header over two columns",
        why="which of the two is meant cannot be told",
        write=data(row(2, cell("A2", "1")), header=_header("a", "b", "a")),
        must=Refused(code="HEADER_DUPLICATE", reader_code="", place="A and C"),
    ),
    Case(
        name="C13 a header merged over two columns",
        why="the second column has no header: it is named by its letter",
        write=book(
            worksheet(
                _header("a") + row(2, cell("A2", "1"), cell("B2", "2")),
                after='<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>',
            )
        ),
        must=accepted({2: (number("1"), number("2"))}),
    ),
    Case(
        name="a blank header between two others",
        why="the column is named by its letter, and kept",
        write=data(
            row(2, cell("A2", "1"), cell("B2", "2"), cell("C2", "3")), header=_header("a", "", "c")
        ),
        must=accepted({2: (number("1"), number("2"), number("3"))}),
    ),
    Case(
        name="a header in row 4",
        why="the first row with anything in it is the header",
        write=book(worksheet(row(4, inline("A4", "a")) + row(6, cell("A6", "1")))),
        must=accepted({6: (number("1"),)}),
    ),
    Case(
        name="a title above the header of a typed target",
        why="the header is the row that fits the target",
        write=book(
            worksheet(
                row(1, inline("A1", "Orders of May"))
                + row(
                    3, *(inline(f"{_letters(at)}3", name) for at, name in enumerate(_ORDER_FIELDS))
                )
                + row(
                    4,
                    cell("A4", "1"),
                    inline("B4", "Ann"),
                    inline("C4", "ann@x.org"),
                    inline("D4", "X"),
                    cell("E4", "2"),
                    cell("F4", "1.5"),
                    inline("G4", "EUR"),
                    inline("H4", "2024-05-31"),
                    cell("I4", "1", 't="b"'),
                )
            )
        ),
        must=accepted(
            {
                4: (
                    number("1"),
                    text("Ann"),
                    text("ann@x.org"),
                    text("X"),
                    number("2"),
                    number("1.5"),
                    text("EUR"),
                    text("2024-05-31"),
                    ("BOOL", "1"),
                )
            }
        ),
        target="orders",
    ),
    Case(
        name="C14 16,384 columns",
        why="500 are the limit",
        write=book(worksheet(_wide(16_384))),
        must=Refused(code="TOO_MANY_COLUMNS", place="column"),
    ),
    Case(
        name="500 columns",
        why="as many as there may be",
        write=data(
            row(2, *(cell(f"{_letters(at)}2", "1") for at in range(500))), header=_wide(500)
        ),
        must=accepted({2: (number("1"),) * 500}),
    ),
)

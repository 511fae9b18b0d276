"""Cells that hold something odd: what can be read is exact, what cannot is a row error."""

from __future__ import annotations

from sample_data.corpus.case import Accepted, Case, Fails, Refused, accepted, number, text
from sample_data.corpus.parts import (
    HEADER,
    WIDE_HEADER,
    book,
    cell,
    column_of,
    data,
    inline,
    row,
    shared_strings,
    styles,
    workbook,
    worksheet,
)

LONGEST = 32_767
_FORMATS = styles(0, 14, 22, 20, "[h]:mm:ss", "00000", "#,##0.00", "[$-409]d\\-mmm;@", "0.00%")
_PLAIN, _DATE, _MOMENT, _TIME, _DURATION, _PADDED, _AMOUNT, _DAY, _PERCENT = range(9)


def _styled(reference: str, value: str, style: int) -> str:
    return cell(reference, value, f's="{style}"')


_LENGTHS = (
    Case(
        name="C15 a cell of 32,767 characters",
        why="the longest that Excel holds",
        write=data(row(2, inline("A2", "x" * LONGEST)) + row(3, cell("A3", "1"))),
        must=accepted({2: (text("x" * LONGEST),), 3: (number("1"),)}),
    ),
    Case(
        name="C15b a cell of 40,000 characters",
        why="longer than Excel holds: its row is bad, its neighbours are not",
        write=data(row(2, inline("A2", "x" * 40_000)) + row(3, cell("A3", "1"))),
        must=Accepted(
            rows=2,
            cells={2: (("CELL_TOO_LONG", "x" * LONGEST),), 3: (number("1"),)},
            errors=((2, "A", "CELL_TOO_LONG"),),
        ),
    ),
    Case(
        name="a shared string of 40,000 characters in two of three rows",
        why="only the rows that show it are bad",
        write=data(
            column_of(['<c r="@" t="s"><v>0</v></c>', '<c r="@" t="s"><v>1</v></c>'])
            + row(4, cell("A4", "0", 't="s"')),
            strings=shared_strings(f"<t>{'é' * 40_000}</t>", "<t>short</t>"),
        ),
        must=Accepted(
            rows=3,
            cells={
                2: (("CELL_TOO_LONG", "é" * LONGEST),),
                3: (text("short"),),
                4: (("CELL_TOO_LONG", "é" * LONGEST),),
            },
            errors=((2, "A", "CELL_TOO_LONG"), (4, "A", "CELL_TOO_LONG")),
        ),
    ),
    Case(
        name="32,767 characters written as 7 bytes each",
        why="a length is that of the text, not of its escapes",
        write=data(row(2, inline("A2", "_x0041_" * LONGEST))),
        must=accepted({2: (text("A" * LONGEST),)}),
    ),
)

_CHARACTERS = (
    Case(
        name="C16 an escaped NUL",
        why="PostgreSQL cannot store it",
        write=data(row(2, inline("A2", "a_x0000_b")) + row(3, inline("A3", "b"))),
        must=accepted({2: (text("a\0b"),), 3: (text("b"),)}, (2, "A", "NUL_NOT_ALLOWED")),
    ),
    Case(
        name="C17 half of a surrogate pair, escaped",
        why="no character: it is replaced",
        write=data(row(2, inline("A2", "a_xD800_b"))),
        must=accepted({2: (text("a\ufffdb"),)}),
    ),
    Case(
        name="C17c a whole surrogate pair, escaped",
        why="one character outside the basic plane",
        write=data(row(2, inline("A2", "_xD83D__xDE00_"))),
        must=accepted({2: (text("😀"),)}),
    ),
    Case(
        name="an escape that is escaped",
        why="`_x005F_` is the underscore itself",
        write=data(row(2, inline("A2", "_x005F_x0041_"))),
        must=accepted({2: (text("_x0041_"),)}),
    ),
    Case(
        name="C36 texts that other programs take for formulas",
        why="they are text here and stay so",
        write=data(
            row(2, inline("A2", "=cmd|' /C calc'!A0"))
            + row(3, inline("A3", "+1+1"))
            + row(4, inline("A4", "@SUM(A1)"))
            + row(5, inline("A5", "\t=1"))
        ),
        must=accepted(
            {
                2: (text("=cmd|' /C calc'!A0"),),
                3: (text("+1+1"),),
                4: (text("@SUM(A1)"),),
                5: (text("\t=1"),),
            }
        ),
    ),
    Case(
        name="C37 emoji, combining marks, overrides, a BOM, a zero-width space",
        why="nothing is normalised away",
        write=data(row(2, inline("A2", "👩‍👩‍👧 e\u0301 \u202eabc\u202c \ufeffx\u200by İ"))),
        must=accepted({2: (text("👩‍👩‍👧 e\u0301 \u202eabc\u202c \ufeffx\u200by İ"),)}),
    ),
    Case(
        name="C39 blanks at both ends, kept and not marked as kept",
        why="the reader trims nothing",
        write=data(
            row(2, inline("A2", "  x ")) + row(3, '<c r="A3" t="inlineStr"><is><t> y </t></is></c>')
        ),
        must=accepted({2: (text("  x "),), 3: (text(" y "),)}),
    ),
    Case(
        name="line breaks of three kinds",
        why="XML makes one kind of the raw ones and leaves the written-out one",
        write=data(row(2, inline("A2", "a\r\nb\rc\nd&#13;e"))),
        must=accepted({2: (text("a\nb\nc\nd\re"),)}),
    ),
)

_DATES = (
    Case(
        name="C18 the serials 0, 1, 59, 61 and a fraction",
        why="the 1900 calendar of Excel",
        write=data(
            column_of([_styled("@", v, _DATE) for v in ("0", "1", "59", "61")])
            + row(6, _styled("A6", "45123.5", _MOMENT)),
            styles=_FORMATS,
        ),
        must=accepted(
            {
                **{n: (("DATE", v),) for n, v in enumerate(("0", "1", "59", "61"), 2)},
                6: (("DATETIME", "45123.5"),),
            }
        ),
    ),
    Case(
        name="C18 the serials 60, -1 and 2958466",
        why="a day that never was, and days out of Excel's range",
        write=data(
            column_of([_styled("@", v, _DATE) for v in ("60", "-1", "2958466", "2958465")]),
            styles=_FORMATS,
        ),
        must=accepted(
            {n: (("DATE", v),) for n, v in enumerate(("60", "-1", "2958466", "2958465"), 2)},
            (2, "A", "DATE_1900_02_29"),
            (3, "A", "OUT_OF_RANGE"),
            (4, "A", "OUT_OF_RANGE"),
        ),
    ),
    Case(
        name="C18b the 1904 epoch",
        why="60 is a day there as any other",
        write=data(
            row(2, _styled("A2", "60", _DATE)) + row(3, _styled("A3", "0", _DATE)),
            styles=_FORMATS,
            workbook=workbook(before='<workbookPr date1904="1"/>'),
        ),
        must=accepted({2: (("DATE", "60"),), 3: (("DATE", "0"),)}),
    ),
    Case(
        name="C18c an ISO date that is none",
        why="openpyxl gives up the sheet over it",
        write=data(
            row(2, cell("A2", "2024-02-30T25:00", 't="d"'))
            + row(3, cell("A3", "2024-02-29", 't="d"'))
        ),
        must=accepted(
            {2: (("ISO_DATE", "2024-02-30T25:00"),), 3: (("ISO_DATE", "2024-02-29"),)},
            (2, "A", "DATE_INVALID"),
        ),
    ),
    Case(
        name="a time, a duration above a day, a day with a locale",
        why="told apart by their formats",
        write=data(
            row(2, _styled("A2", "0.5", _TIME))
            + row(3, _styled("A3", "1.75", _DURATION))
            + row(4, _styled("A4", "45123", _DAY)),
            styles=_FORMATS,
        ),
        must=accepted({2: (("TIME", "0.5"),), 3: (("DURATION", "1.75"),), 4: (("DATE", "45123"),)}),
    ),
)

_ERRORS = (
    "#N/A",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#GETTING_DATA",
    "bogus",
)

_NO_VALUES = (
    Case(
        name="C19 error cells, known and bogus",
        why="never a text, and no reason to give up the sheet",
        write=data(
            column_of([cell("@", value, 't="e"') for value in _ERRORS]) + row(12, cell("A12", "1"))
        ),
        must=accepted(
            {
                **{n: (("ERROR", value),) for n, value in enumerate(_ERRORS, 2)},
                12: (number("1"),),
            },
            *((n, "A", "EXCEL_ERROR") for n in range(2, 12)),
        ),
    ),
    Case(
        name="C20 a formula that was never calculated",
        why="its value is unknown: not null, and not empty",
        write=data(
            row(2, '<c r="A2"><f>1+1</f></c>')
            + row(3, '<c r="A3" t="str"><f>T(1)</f><v></v></c><c r="B3"><v>1</v></c>'),
            header=WIDE_HEADER,
        ),
        must=accepted(
            {2: (("FORMULA_NO_VALUE", ""),), 3: (None, number("1"))}, (2, "A", "FORMULA_NO_VALUE")
        ),
    ),
    Case(
        name="C20b a shared formula",
        why="the second cell has no formula text, but a value",
        write=data(
            row(2, '<c r="A2"><f t="shared" ref="A2:A3" si="0">B2*2</f><v>4</v></c>')
            + row(3, '<c r="A3"><f t="shared" si="0"/><v>6</v></c>')
        ),
        must=accepted({2: (number("4"),), 3: (number("6"),)}),
    ),
)

_RICH = '<r><t>foo</t></r><r><rPr><b/></rPr><t xml:space="preserve"> bar</t></r>'
_PHONETIC = '<rPh sb="0" eb="1"><t>NO</t></rPh><phoneticPr fontId="1"/>'

_TEXTS = (
    Case(
        name="C21 rich text with a phonetic reading",
        why="the runs are joined, the reading is no part of the text",
        write=data(row(2, cell("A2", "0", 't="s"')), strings=shared_strings(_RICH + _PHONETIC)),
        must=accepted({2: (text("foo bar"),)}),
    ),
    Case(
        name="C21b rich text inside the cell",
        why="the same without a table of strings",
        write=data(row(2, f'<c r="A2" t="inlineStr"><is>{_RICH}{_PHONETIC}</is></c>')),
        must=accepted({2: (text("foo bar"),)}),
    ),
    Case(
        name="C22 a table of strings that claims 4,294,967,295 of them",
        why="the claim is not believed, nothing is reserved for it",
        write=data(
            row(2, cell("A2", "0", 't="s"')),
            strings=shared_strings("<t>x</t>").replace("<sst ", '<sst uniqueCount="4294967295" '),
        ),
        must=accepted({2: (text("x"),)}),
    ),
    Case(
        name="a string that the table does not hold",
        why="the cell's text is lost: the workbook is damaged",
        write=data(row(2, cell("A2", "7", 't="s"')), strings=shared_strings("<t>x</t>")),
        must=Refused(code="SHARED_STRING_MISSING"),
    ),
    Case(
        name="a string number of 5,000 digits",
        why="Python refuses to convert so long a number",
        write=data(row(2, cell("A2", "9" * 5_000, 't="s"')), strings=shared_strings("<t>x</t>")),
        must=Refused(code="SHARED_STRING_MISSING", place="line 2"),
    ),
    Case(
        name="a style number of 5,000 digits",
        why="as large as it is, it is a style that does not exist",
        write=data(row(2, cell("A2", "5", f's="{"9" * 5_000}"')), styles=_FORMATS),
        must=accepted({2: (number("5"),)}),
    ),
    Case(
        name="C34 the style 999",
        why="a style beyond the table is that of a plain number",
        write=data(row(2, cell("A2", "5", 's="999"')), styles=_FORMATS),
        must=accepted({2: (number("5"),)}),
    ),
)

_NUMBERS = (
    Case(
        name="numbers beyond 2^53",
        why="the digits are kept as they stand",
        write=data(column_of([cell("@", v) for v in ("9007199254740993", "12345678901234567890")])),
        must=accepted({2: (number("9007199254740993"),), 3: (number("12345678901234567890"),)}),
    ),
    Case(
        name="leading zeros by number format",
        why="the zeros of 00042 are what Excel shows of 42",
        write=data(
            column_of([_styled("@", v, _PADDED) for v in ("42", "123456", "12.5", "-7", "43.0")]),
            styles=_FORMATS,
        ),
        must=accepted(
            {
                2: (text("00042"),),
                3: (text("123456"),),
                4: (number("12.5"),),
                5: (number("-7"),),
                6: (text("00043"),),
            }
        ),
    ),
    Case(
        name="amounts, percents, exponents, a minus zero",
        why="numbers whatever their format shows",
        write=data(
            column_of(
                [
                    _styled("@", "1234.5", _AMOUNT),
                    _styled("@", "0.25", _PERCENT),
                    cell("@", "1.5E-7"),
                    cell("@", "-0"),
                ]
            ),
            styles=_FORMATS,
        ),
        must=accepted(
            {
                2: (number("1234.5"),),
                3: (number("0.25"),),
                4: (number("1.5E-7"),),
                5: (number("-0"),),
            }
        ),
    ),
    Case(
        name="booleans written in four ways",
        why="some exporters write words",
        write=data(column_of([cell("@", v, 't="b"') for v in ("1", "0", "true", "FALSE")])),
        must=accepted(
            {
                2: (("BOOL", "1"),),
                3: (("BOOL", "0"),),
                4: (("BOOL", "1"),),
                5: (("BOOL", "0"),),
            }
        ),
    ),
    Case(
        name="a cell of an unknown type",
        why="what it holds cannot be told",
        write=data(row(2, cell("A2", "1", 't="z"'))),
        must=Refused(code="CELL_TYPE_UNKNOWN", place="line 2"),
    ),
    Case(
        name="a cell of an unknown type in row 40,000",
        why="what the head does not show fails the job with the same code",
        write=book(
            worksheet(
                HEADER
                + column_of([cell("@", "123456789012")] * 39_998)
                + row(40_000, cell("A40000", "1", 't="z"'))
            )
        ),
        must=Fails(code="CELL_TYPE_UNKNOWN", place="line 40000"),
    ),
)

CASES = (*_LENGTHS, *_CHARACTERS, *_DATES, *_NO_VALUES, *_TEXTS, *_NUMBERS)

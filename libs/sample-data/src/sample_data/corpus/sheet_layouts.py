"""Where the rows, the cells and the sheets stand: sparse, out of order, hidden, missing."""

from __future__ import annotations

import posixpath

from sample_data.corpus.case import Case, Refused, accepted, number, text
from sample_data.corpus.parts import (
    HEADER,
    MAIN,
    OFFICE,
    STRICT_MAIN,
    STRICT_OFFICE,
    WIDE_HEADER,
    WORKBOOK,
    WORKBOOK_RELS,
    Parts,
    Write,
    book,
    cell,
    data,
    inline,
    packed,
    relationships,
    row,
    shared_strings,
    sound_parts,
    workbook,
    worksheet,
)

_ONE = row(2, cell("A2", "1"))
_SOUND = accepted({2: (number("1"),)})


_PLACES = (
    Case(
        name="C14b a cell named ZZZZ2",
        why="no such column: calamine reads on with 950,508 cells",
        write=data(row(2, cell("ZZZZ2", "1"))),
        must=Refused(code="CELL_REF_INVALID", place="line 2"),
    ),
    Case(
        name="a cell that names another row",
        why="where it belongs cannot be told",
        write=data(row(2, cell("A3", "1"))),
        must=Refused(code="CELL_REF_INVALID", place="line 2"),
    ),
    Case(
        name="C14c A1 and a formatted blank in XFD1048576",
        why="a sheet that seems to have 17 billion cells",
        write=data(row(2, cell("A2", "1")) + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'),
        must=_SOUND,
    ),
    Case(
        name="C14c A1 and a value in XFD1048576",
        why="a value right of column 500 is refused, never dropped",
        write=book(worksheet(HEADER + row(1_048_576, cell("XFD1048576", "1")))),
        must=Refused(code="TOO_MANY_COLUMNS", place="line 1048576, column XFD"),
    ),
    Case(
        name="C14d a value in row 1,048,576",
        why="one data row; the blank ones between are never made",
        write=data(row(1_048_576, cell("A1048576", "1"))),
        must=accepted({1_048_576: (number("1"),)}),
    ),
    Case(
        name="row 1,048,577",
        why="Excel has no such row",
        write=data(row(1_048_577, cell("A1048577", "1"))),
        must=Refused(code="TOO_MANY_ROWS"),
    ),
    Case(
        name="row 0",
        why="rows count from 1",
        write=book(worksheet(row(0, cell("A0", "1")))),
        must=Refused(code="TOO_MANY_ROWS"),
    ),
    Case(
        name="a row number that is none",
        why="where the row belongs cannot be told",
        write=data('<row r="2x"><c r="A2"><v>1</v></c></row>'),
        must=Refused(code="TOO_MANY_ROWS"),
    ),
    *(
        Case(
            name=f"C24 the dimension {reference or 'missing'}",
            why="what a sheet says of its size is not believed",
            write=book(
                worksheet(
                    WIDE_HEADER + row(2, cell("A2", "1"), cell("F2", "2")),
                    before=f'<dimension ref="{reference}"/>' if reference else "",
                )
            ),
            must=accepted({2: (number("1"), None, None, None, None, number("2"))}),
        )
        for reference in ("A1", "A1:XFD1048576", "!!", "")
    ),
    Case(
        name="C25 no references at all",
        why="rows and cells are then where they stand",
        write=book(
            worksheet(
                '<row><c t="inlineStr"><is><t>a</t></is></c></row>'
                "<row><c><v>1</v></c></row><row/><row><c><v>2</v></c></row>"
            )
        ),
        must=accepted({2: (number("1"),), 4: (number("2"),)}),
    ),
    Case(
        name="C25b rows out of order",
        why="openpyxl loses the row that comes late",
        write=data(row(3, cell("A3", "1")) + row(2, cell("A2", "2"))),
        must=Refused(code="ROW_ORDER", place="line 2"),
    ),
    Case(
        name="C25c one row number twice",
        why="one of the two would be lost",
        write=data(_ONE + _ONE),
        must=Refused(code="ROW_ORDER", place="line 2"),
    ),
    Case(
        name="C25e cells out of order",
        why="openpyxl loses the cell that comes late",
        write=data(row(2, cell("B2", "1"), cell("A2", "2")), header=WIDE_HEADER),
        must=Refused(code="CELL_ORDER", place="line 2"),
    ),
    Case(
        name="one cell twice",
        why="one of the two would be lost",
        write=data(row(2, cell("A2", "1"), cell("A2", "2"))),
        must=Refused(code="CELL_ORDER", place="line 2"),
    ),
    Case(
        name="a value right of the last header",
        why="it has no name, but it is somebody's value",
        write=data(row(2, cell("A2", "1"), cell("C2", "3"))),
        must=accepted({2: (number("1"), None, number("3"))}),
    ),
)


def _sheets(listed: str, rows: tuple[tuple[str, str], ...], **parts: str) -> Write:
    """A workbook with the sheets listed, their relationships, and their parts by file name."""
    content: Parts = sound_parts()
    content |= {WORKBOOK: workbook(listed), WORKBOOK_RELS: relationships(*rows)}
    for name, part in parts.items():
        content[f"xl/worksheets/{name}.xml"] = part
    return packed(content)


_OTHER = worksheet(row(1, inline("A1", "other")) + row(2, cell("A2", "9")))
_TWO_ROWS = (("worksheet", "worksheets/other.xml"), ("worksheet", "worksheets/sheet1.xml"))


def _two(state: str) -> Write:
    return _sheets(
        f'<sheet name="O" sheetId="2" state="{state}" r:id="r1"/>'
        '<sheet name="S" sheetId="1" r:id="r2"/>',
        _TWO_ROWS,
        other=_OTHER,
    )


_SHEETS = (
    Case(
        name="C26 a hidden sheet first",
        why="the first sheet that can be seen is meant",
        write=_two("hidden"),
        must=_SOUND,
    ),
    Case(
        name="C26 a very hidden sheet first",
        why="only a program can hide it so",
        write=_two("veryHidden"),
        must=_SOUND,
    ),
    Case(
        name="C26 a hidden sheet, asked for by name",
        why="who names it means it",
        write=_two("hidden"),
        must=accepted({2: (number("9"),)}),
        sheet="O",
    ),
    Case(
        name="C26 two visible sheets and no choice",
        why="the first is the default",
        write=_two("visible"),
        must=accepted({2: (number("9"),)}),
    ),
    Case(
        name="C26 a chart sheet first",
        why="it has no rows",
        write=_sheets(
            '<sheet name="C" sheetId="2" r:id="r1"/><sheet name="S" sheetId="1" r:id="r2"/>',
            (("chartsheet", "chartsheets/sheet1.xml"), _TWO_ROWS[1]),
        ),
        must=_SOUND,
    ),
    Case(
        name="all sheets hidden",
        why="which one is meant cannot be told",
        write=_sheets('<sheet name="S" sheetId="1" state="hidden" r:id="r1"/>', _TWO_ROWS[1:]),
        must=Refused(code="SHEET_MISSING"),
    ),
    Case(
        name="no sheets at all",
        why="a workbook that lists none",
        write=_sheets("", ()),
        must=Refused(code="SHEET_MISSING"),
    ),
    Case(
        name="a sheet that the workbook does not have",
        why="the answer names those there are",
        write=_two("visible"),
        must=Refused(code="SHEET_UNKNOWN"),
        sheet="Nowhere",
    ),
    Case(
        name="a sheet whose part is missing",
        why="its rows were never saved",
        write=_sheets('<sheet name="S" sheetId="1" r:id="r1"/>', _TWO_ROWS[:1]),
        must=Refused(code="SHEET_MISSING"),
    ),
    Case(
        name="C28b a sheet at ../../etc/passwd",
        why="a relationship never leaves the zip",
        write=book(rels=relationships(("worksheet", posixpath.join("..", "..", "etc", "passwd")))),
        must=Refused(code="SHEET_MISSING"),
    ),
    Case(
        name="C28c a sheet at a web address",
        why="nothing is ever fetched",
        write=book(
            rels=relationships(
                more=f'<Relationship Id="r1" Type="{OFFICE}/worksheet" TargetMode="External"'
                ' Target="http://169.254.169.254/latest/meta-data"/>'
            )
        ),
        must=Refused(code="SHEET_MISSING"),
    ),
    Case(
        name="a sheet named with quotes, marks and emoji",
        why="its name is only ever shown",
        write=_sheets(
            '<sheet name="&quot;&lt;S&gt;&quot; 😀" sheetId="1" r:id="r1"/>', _TWO_ROWS[1:]
        ),
        must=_SOUND,
    ),
    Case(
        name="targets as absolute paths",
        why="how some exporters write relationships",
        write=book(rels=relationships(("worksheet", "/xl/worksheets/sheet1.xml"))),
        must=_SOUND,
    ),
)


def _strict() -> Parts:
    parts = sound_parts(
        worksheet(
            HEADER + row(2, cell("A2", "0", 't="s"'), cell("B2", "2024-05-31", 't="d"')),
            namespace=STRICT_MAIN,
        ),
        strings=shared_strings("<t>x</t>").replace(MAIN, STRICT_MAIN),
        workbook=workbook().replace(MAIN, STRICT_MAIN).replace(OFFICE, STRICT_OFFICE),
        rels=relationships(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            office=STRICT_OFFICE,
        ),
    )
    office = relationships(("officeDocument", "xl/workbook.xml"), office=STRICT_OFFICE)
    return parts | {"_rels/.rels": office}


_DIALECTS = (
    Case(
        name="C23 strict OOXML",
        why="other namespaces, and dates in ISO form; openpyxl finds no sheets",
        write=packed(_strict()),
        must=accepted({2: (text("x"), ("ISO_DATE", "2024-05-31"))}),
    ),
    Case(
        name="no relationships of the package",
        why="the main part is then where it always is",
        write=packed({k: v for k, v in sound_parts().items() if k != "_rels/.rels"}),
        must=_SOUND,
    ),
    Case(
        name="the workbook under another name",
        why="the relationships say where it is",
        write=packed(
            {
                name.replace("xl/workbook.xml", "xl/book.xml").replace(
                    "_rels/workbook", "_rels/book"
                ): content
                for name, content in sound_parts().items()
            }
            | {"_rels/.rels": relationships(("officeDocument", "xl/book.xml"))}
        ),
        must=_SOUND,
    ),
    Case(
        name="a theme, a picture and a comment beside the sheet",
        why="parts that hold no rows are not looked at",
        write=packed(
            sound_parts()
            | {
                "xl/theme/theme1.xml": "<x",
                "xl/media/image1.png": b"\x89PNG",
                "xl/comments1.xml": "",
            }
        ),
        must=_SOUND,
    ),
)

CASES = (*_PLACES, *_SHEETS, *_DIALECTS)

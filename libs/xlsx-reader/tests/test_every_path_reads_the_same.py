"""One suite for every tokenizer: whatever path and block size, the same cells, lines, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from xlsx_reader import CellTag, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadRows = Callable[[str, Tokenizer, int], Rows]

PATHS = list(Tokenizer)
BLOCK_BYTES = [1, 7, 61, 4096, 262_144]
# What a number is in the styles 0 to 5, and the shared strings 0 to 6.
FORMAT_TAGS = [CellTag.NUMBER, CellTag.DATE, CellTag.DATETIME, CellTag.TIME]
FORMAT_TAGS += [CellTag.DURATION, CellTag.NUMBER]
SHOWN = ["alpha", None, "a&b", "A", "  edge ", "ph", "richer"]


def _filled(line: int, columns: str = "AB") -> str:
    cells = "".join(f'<c r="{name}{line}"><v>{line}</v></c>' for name in columns)
    return f'<row r="{line}">{cells}</row>'


T, N, F0 = CellTag.TEXT, CellTag.NUMBER, CellTag.FORMULA_NO_VALUE
# The rows of a sheet → its cells.
SHEETS: dict[str, tuple[str, Rows]] = {
    "no rows": ("", []),
    "numbers as stored": (
        (
            '<row r="1"><c r="A1"><v>12.50</v></c><c r="B1" t="n"><v>1E-3</v></c>'
            '<c r="C1"><v>12345678901234567890</v></c></row>'
        ),
        [(1, {0: ("12.50", N), 1: ("1E-3", N), 2: ("12345678901234567890", N)})],
    ),
    "numbers by their format": (
        '<row r="1">'
        + "".join(f'<c r="{"ABCDEF"[i]}1" s="{i}"><v>1</v></c>' for i in range(len(FORMAT_TAGS)))
        + '<c r="G1" s="999"><v>1</v></c></row>',
        [(1, {**{i: ("1", tag) for i, tag in enumerate(FORMAT_TAGS)}, 6: ("1", N)})],
    ),
    "every type": (
        (
            '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="inlineStr"><is><t>x</t></is></c>'
            '<c r="C3" t="str"><f>A1</f><v>y</v></c><c r="D3" t="b"><v>1</v></c>'
            '<c r="E3" t="e"><v>#N/A</v></c><c r="F3" t="d"><v>2024-02-30T25:00</v></c></row>'
        ),
        [
            (
                3,
                {
                    0: ("alpha", T),
                    1: ("x", T),
                    2: ("y", T),
                    3: ("1", CellTag.BOOL),
                    4: ("#N/A", CellTag.ERROR),
                    5: ("2024-02-30T25:00", CellTag.ISO_DATE),
                },
            )
        ],
    ),
    "shared strings": (
        '<row r="1">'
        + "".join(f'<c r="{"ABCDEFG"[i]}1" t="s"><v>{i}</v></c>' for i in range(len(SHOWN)))
        + "</row>",
        [(1, {i: (text, T) for i, text in enumerate(SHOWN) if text is not None})],
    ),
    "formulas": (
        (
            '<row r="1"><c r="A1"><f>B1&amp;"x"</f></c><c r="B1"><f>A1</f><v></v></c>'
            '<c r="C1" t="str"><f>A1</f><v></v></c>'
            '<c r="D1"><f t="shared" si="0"/><v>4</v></c></row>'
        ),
        [(1, {0: ("", F0), 1: ("", F0), 3: ("4", N)})],
    ),
    "rich inline text": (
        (
            '<row r="1"><c r="A1" t="inlineStr"><is><r><t>foo</t></r><r><rPr><b/></rPr>'
            '<t xml:space="preserve"> bar</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c></row>'
        ),
        [(1, {0: ("foo bar", T)})],
    ),
    "empty cells and blank rows are left out": (
        (
            '<row r="1"><c r="A1" s="1"/></row><row r="2" ht="20"/><row r="5"><c r="A5" t="s">'
            '<v>1</v></c><c r="C5" t="inlineStr"><is><t></t></is></c><c r="D5"><v>1</v></c></row>'
            '<row r="1048576"/>'
        ),
        [(5, {3: ("1", N)})],
    ),
    "no references": (
        "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c/><c><v>3</v></c></row>",
        [(1, {0: ("1", N), 1: ("2", N)}), (3, {1: ("3", N)})],
    ),
    "any space before a row's number": (
        (
            '<row\tr="2"><c><v>1</v></c></row><row\nr="5"><c><v>2</v></c></row>'
            # Compiled code leaves this one to Python.
            '<row\n\tr="7"><c t="b"><v>TRUE</v></c></row>'
        ),
        [(2, {0: ("1", N)}), (5, {0: ("2", N)}), (7, {0: ("1", CellTag.BOOL)})],
    ),
    "references that are not the first attribute": (
        (
            '<row spans="1:9" r="4"><c s="1" r="C4"><v>1</v></c>'
            '<c t="s" s="0" r="E4"><v>0</v></c></row>'
        ),
        [(4, {2: ("1", CellTag.DATE), 4: ("alpha", T)})],
    ),
    "comments, CDATA and instructions": (
        (
            '<!-- </row> --><row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<row r="9">]]></t>'
            '</is></c><?p </row>?></row><row r="2"><c r="A2"><!-- 7 --><v>8</v></c></row>'
        ),
        [(1, {0: ('<row r="9">', T)}), (2, {0: ("8", N)})],
    ),
    "single quotes and white space": (
        (
            "\n <row r='1' >\n  <c r='A1' ><v >1</v></c>\n </row>\n<row r=\"2\">\n"
            ' <c r="A2"\n s="1"><v>2</v></c>\n</row>\n'
        ),
        [(1, {0: ("1", N)}), (2, {0: ("2", CellTag.DATE)})],
    ),
    "far columns": (
        '<row r="1"><c r="A1"><v>1</v></c><c r="SF1"><v>2</v></c><c r="XFD1" s="1"/></row>',
        [(1, {0: ("1", N), 499: ("2", N)})],
    ),
    "extensions within a cell": (
        '<row r="1"><c r="A1"><v>1</v><extLst><ext><v>9</v></ext></extLst></c></row>',
        [(1, {0: ("1", N)})],
    ),
}


@pytest.mark.parametrize("block_bytes", BLOCK_BYTES)
@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_has_the_same_cells_on_every_path(
    read_rows: ReadRows, name: str, tokenizer: Tokenizer, block_bytes: int
) -> None:
    rows, expected = SHEETS[name]
    assert read_rows(rows, tokenizer, block_bytes) == expected


@pytest.mark.parametrize("tokenizer", PATHS)
def test_a_blank_row_among_rows_of_one_shape_is_left_out(
    read_rows: ReadRows, tokenizer: Tokenizer
) -> None:
    """A blank row within a block taken by a template came out as a row of TEXT without a text."""
    rows = "".join(
        f'<row r="{line}"/>' if line % 50 == 0 else _filled(line) for line in range(1, 400)
    )
    found = read_rows(rows, tokenizer, 262_144)
    assert [line for line, _ in found] == [line for line in range(1, 400) if line % 50]


@pytest.mark.parametrize("block_bytes", [1, 3, 100])
def test_a_part_whose_last_output_zlib_holds_back_is_whole(
    read_rows: ReadRows, block_bytes: int
) -> None:
    """With all input taken and output left, the part was said to be cut off."""
    rows = "".join(_filled(line) for line in range(1, 9)) + " " * 5000
    found = read_rows(rows, Tokenizer.AUTO, block_bytes)
    assert len(found) == 8

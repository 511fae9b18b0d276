"""What cannot be read is refused with the same code, whichever path meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from xlsx_reader import CellTag, Tokenizer, WorkbookError

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadRows = Callable[[str, Tokenizer, int], Rows]
    ReadSheet = Callable[[str | bytes, Tokenizer, int], Rows]

PATHS = list(Tokenizer)


def _filled(line: int, columns: str = "AB") -> str:
    cells = "".join(f'<c r="{name}{line}"><v>{line}</v></c>' for name in columns)
    return f'<row r="{line}">{cells}</row>'


_HEAD = "".join(map(_filled, range(1, 41)))  # enough rows for a template
# What stands behind forty sound rows → the code it is refused with.
FAULTS = {
    "row out of order": (_filled(39), "ROW_ORDER"),
    "row twice": (_filled(40), "ROW_ORDER"),
    "blank row out of order": ('<row r="7"/>', "ROW_ORDER"),
    "cells out of order": ('<row r="41"><c r="B41"/><c r="A41"><v>1</v></c></row>', "CELL_ORDER"),
    "cell twice": ('<row r="41"><c r="A41"><v>1</v></c><c r="A41"/></row>', "CELL_ORDER"),
    "cell of another row": ('<row r="41"><c r="A40"><v>1</v></c></row>', "CELL_REF_INVALID"),
    "cell past XFD": ('<row r="41"><c r="ZZZZ41"><v>1</v></c></row>', "CELL_REF_INVALID"),
    "cell past XFD, not first": (
        '<row r="41"><c s="1" r="XFE41"><v>1</v></c></row>',
        "CELL_REF_INVALID",
    ),
    "row 0": ('<row r="0"><c r="A0"><v>1</v></c></row>', "TOO_MANY_ROWS"),
    "row past the last": (_filled(1_048_577), "TOO_MANY_ROWS"),
    "column 501": ('<row r="41"><c r="SG41"><v>1</v></c></row>', "TOO_MANY_COLUMNS"),
    "unknown type": ('<row r="41"><c r="A41" t="z"><v>1</v></c></row>', "CELL_TYPE_UNKNOWN"),
    "string that is not there": (
        '<row r="41"><c r="A41" t="s"><v>7</v></c></row>',
        "SHARED_STRING_MISSING",
    ),
    "string by digits of another script": (
        '<row r="41"><c r="A41" t="s"><v>\u0663</v></c></row>',
        "SHARED_STRING_MISSING",
    ),
    "string by digits with an underscore": (
        '<row r="41"><c r="A41" t="s"><v>0_1</v></c></row>',
        "SHARED_STRING_MISSING",
    ),
    "row by digits of another script": (
        '<row r="\u0664\u0661"><c><v>1</v></c></row>',
        "TOO_MANY_ROWS",
    ),
    "cell by digits of another script": (
        '<row r="41"><c r="A\u0664\u0661"><v>1</v></c></row>',
        "CELL_REF_INVALID",
    ),
    "cell too long": (
        f'<row r="41"><c r="A41" t="str"><v>{"x" * 262_145}</v></c></row>',
        "CELL_TOO_LONG",
    ),
    "unknown entity": ('<row r="41"><c r="A41"><v>&foo;</v></c></row>', "XML_MALFORMED"),
    "forbidden reference": ('<row r="41"><c r="A41"><v>&#0;</v></c></row>', "XML_MALFORMED"),
    "half a pair": ('<row r="41"><c r="A41"><v>&#xD800;</v></c></row>', "XML_MALFORMED"),
    "control character": (
        '<row r="41"><c r="A41"><v>41</v></c><c r="B41"><v>\x01</v></c></row>',
        "XML_MALFORMED",
    ),
    "non-character": (
        '<row r="41"><c r="A41"><v>41</v></c><c r="B41"><v>\uffff</v></c></row>',
        "XML_MALFORMED",
    ),
    "attribute twice": ('<row r="41"><c r="A41" s="1" s="0"><v>1</v></c></row>', "XML_MALFORMED"),
    "wrong nesting": ('<row r="41"><c r="A41"><v>1</c></v></row>', "XML_MALFORMED"),
    "no end": ('<row r="41"><c r="A41"><v>1</v></c>', "XML_MALFORMED"),
    "too deep": (
        f'<row r="41"><c r="A41">{"<extLst>" * 70}{"</extLst>" * 70}</c></row>',
        "XML_TOO_DEEP",
    ),
}


@pytest.mark.parametrize("block_bytes", [61, 262_144])
@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_the_same_code_on_every_path(
    read_rows: ReadRows, name: str, tokenizer: Tokenizer, block_bytes: int
) -> None:
    rows, code = FAULTS[name]
    with pytest.raises(WorkbookError) as refused:
        read_rows(_HEAD + rows, tokenizer, block_bytes)
    assert refused.value.code == code
    assert "sheet 'S'" in refused.value.place or code == "SHARED_STRING_MISSING"


@pytest.mark.parametrize("tokenizer", PATHS)
def test_a_doctype_is_refused(read_sheet: ReadSheet, tokenizer: Tokenizer) -> None:
    sheet = f"<!DOCTYPE x><worksheet><sheetData>{_HEAD}</sheetData></worksheet>"
    with pytest.raises(WorkbookError) as refused:
        read_sheet(sheet, tokenizer, 4096)
    assert refused.value.code == "XML_DTD_FORBIDDEN"

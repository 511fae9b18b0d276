"""Workbooks of one sheet part as given, packed and read back cell by cell."""

from __future__ import annotations

import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from xlsx_reader import CellTag, Tokenizer, Workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cells = dict[int, tuple[str, CellTag]]
    Rows = list[tuple[int, Cells]]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Styles 0 to 5: a number, a date, a date with time, a time, a duration, an amount of dollars.
FORMATS = (0, 14, 22, 18, 164, 165)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="[h]:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="&quot;USD&quot; 0.00"/></numFmts><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in FORMATS)
    + "</cellXfs></styleSheet>"
)
# "alpha", nothing, "a&b", "A", "  edge ", "ph", "richer"
STRINGS = (
    f'<sst xmlns="{MAIN}" uniqueCount="4294967295"><si><t>alpha</t></si><si><t/></si>'
    "<si><t>a&amp;b</t></si><si><t>_x0041_</t></si>"
    '<si><t xml:space="preserve">  edge </t></si>'
    '<si><t>ph</t><rPh sb="0" eb="1"><t>no</t></rPh></si>'
    "<si><r><t>rich</t></r><r><rPr><b/></rPr><t>er</t></r></si></sst>"
)


def _relationships(*rows: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(rows, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def pack(path: Path, sheet: str | bytes, strings: str = STRINGS) -> None:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": _relationships(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": _relationships(
            ("worksheet", "worksheets/sheet1.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": strings,
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def read(path: Path, tokenizer: Tokenizer, block_bytes: int) -> Rows:
    """Every cell that is not EMPTY, after the shape of each run was checked."""
    rows: Rows = []
    with Workbook.open(path, tokenizer=tokenizer, block_bytes=block_bytes) as workbook:
        end_offset = 0
        sheet = workbook.default_sheet()
        for run in workbook.runs(sheet):
            assert end_offset < run.end_offset <= sheet.size_bytes
            end_offset = run.end_offset
            for at, line in enumerate(run.lines):
                cells: Cells = {}
                for column, (texts, tags) in enumerate(zip(run.columns, run.tags, strict=True)):
                    assert len(texts) == len(tags) == len(run.lines)
                    text = texts[at]
                    assert (text is None) == (tags[at] == CellTag.EMPTY)
                    if text is not None:
                        cells[column] = (text, CellTag(tags[at]))
                assert cells, f"line {line} is blank"
                rows.append((line, cells))
    assert all(before < after for (before, _), (after, _) in pairwise(rows))
    return rows


@pytest.fixture
def pack_parts() -> Callable[[Path, str | bytes, str], None]:
    """Packs a whole sheet part and a whole part of shared strings."""
    return pack


@pytest.fixture
def read_sheet(tmp_path: Path) -> Callable[[str | bytes, Tokenizer, int], Rows]:
    """Packs a whole sheet part and reads it by a tokenizer in blocks of some bytes."""

    def packed_and_read(sheet: str | bytes, tokenizer: Tokenizer, block_bytes: int) -> Rows:
        path = tmp_path / "book.xlsx"
        pack(path, sheet)
        return read(path, tokenizer, block_bytes)

    return packed_and_read


@pytest.fixture
def read_rows(
    read_sheet: Callable[[str | bytes, Tokenizer, int], Rows],
) -> Callable[[str, Tokenizer, int], Rows]:
    """Does the same with what stands within <sheetData>."""

    def wrapped_and_read(rows: str, tokenizer: Tokenizer, block_bytes: int) -> Rows:
        sheet = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{MAIN}">'
            f'<dimension ref="A1"/><sheetData>{rows}</sheetData>'
            '<autoFilter ref="A1:B9"/></worksheet>'
        )
        return read_sheet(sheet, tokenizer, block_bytes)

    return wrapped_and_read

"""What the fuzzer's bytes mean: one part of an otherwise sound workbook, or the zip as a whole."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from enum import IntEnum

from xlsx_reader import Limits, Tokenizer

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

HEADER_BYTES = 2
REPEATED_ROWS = 60
"""A template is built from 24 rows of one shape; so many also let it take rows."""
_FAST = (Tokenizer.AUTO, Tokenizer.TEMPLATE, Tokenizer.CELL, Tokenizer.PYTHON)
_BLOCK_BYTES = (1, 7, 61, 997, 4096, 65_536, 262_144, 262_144)
_MOST_BLOCKS = 2_000
SMALL_LIMITS = Limits(
    max_columns=20,
    max_rows=5_000,
    max_cell_chars=200,
    max_part_bytes=1024 * 1024,
    ratio_from_bytes=100 * 1024,
    max_zip_entries=20,
    max_xml_depth=12,
    strings_in_memory_bytes=512,
)
"""Limits that short inputs reach; shared strings above 512 bytes are spilled to disk."""


class Kind(IntEnum):
    """Which part the bytes are."""

    ROWS = 0
    """What stands within <sheetData>."""
    REPEATED = 1
    """A row with `#` for its line, repeated; behind a NUL, rows that come once."""
    SHEET = 2
    STRINGS = 3
    STYLES = 4
    WORKBOOK = 5
    RELATIONSHIPS = 6
    CONTAINER = 7
    """The bytes of the whole file."""


PARTS = {
    Kind.ROWS: "xl/worksheets/sheet1.xml",
    Kind.REPEATED: "xl/worksheets/sheet1.xml",
    Kind.SHEET: "xl/worksheets/sheet1.xml",
    Kind.STRINGS: "xl/sharedStrings.xml",
    Kind.STYLES: "xl/styles.xml",
    Kind.WORKBOOK: "xl/workbook.xml",
    Kind.RELATIONSHIPS: "xl/_rels/workbook.xml.rels",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and how it is to be read."""

    file: bytes
    block_bytes: int
    fast: Tokenizer
    limits: Limits


def header(kind: Kind, *, block: int = 6, fast: int = 0, small: bool = False) -> bytes:
    """Return the two bytes in front of every input."""
    return bytes([kind, block | fast << 3 | small << 5])


def case_of(data: bytes) -> Case:
    """Return what an input stands for; every sequence of bytes stands for something."""
    first, second = data[:HEADER_BYTES].ljust(HEADER_BYTES, b"\0")
    content = data[HEADER_BYTES:]
    kind = Kind(first % len(Kind))
    file = content if kind is Kind.CONTAINER else packed({PARTS[kind]: _part(kind, content)})
    least_block = len(file) // _MOST_BLOCKS
    return Case(
        file,
        max(_BLOCK_BYTES[second & 7], least_block),
        _FAST[second >> 3 & 3],
        SMALL_LIMITS if second >> 5 & 1 else Limits(),
    )


def _part(kind: Kind, content: bytes) -> bytes:
    if kind is Kind.REPEATED:
        row, _, others = content.partition(b"\0")
        content = b"".join(row.replace(b"#", b"%d" % line) for line in range(1, REPEATED_ROWS + 1))
        content += others
    elif kind is not Kind.ROWS:
        return content
    return f'<worksheet xmlns="{MAIN}"><sheetData>'.encode() + content + _SHEET_END


_SHEET_END = b"</sheetData></worksheet>"
_FORMATS = (0, 14, 22, 18, 164, 165, 166)
SOUND_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="0"/><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="[h]:mm:ss"/>'
        '<numFmt numFmtId="165" formatCode="&quot;USD&quot; 0.00"/>'
        '<numFmt numFmtId="166" formatCode="00000"/></numFmts><cellXfs>'
        + "".join(f'<xf numFmtId="{number}"/>' for number in _FORMATS)
        + "</cellXfs></styleSheet>"
    ),
    "xl/sharedStrings.xml": (
        f'<sst xmlns="{MAIN}"><si><t>alpha</t></si><si><t/></si><si><t>a&amp;b</t></si>'
        '<si><t>_x0041_</t></si><si><t xml:space="preserve">  edge </t></si>'
        "<si><r><t>rich</t></r><r><t>er</t></r></si></sst>"
    ),
    "xl/worksheets/sheet1.xml": (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:G3"/><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45000.5</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="G2" t="b"><v>1</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>5</v></c></row></sheetData></worksheet>'
    ),
}


def packed(changes: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a sound workbook, some of its parts given."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in (SOUND_PARTS | changes).items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


_FORMULA = re.compile(rb"<f(?: [^<>]*)?(?:/>|>[^<]*</f>)")
_QUOTED = rb""""[^"<]*"|'[^'<]*'"""
_ROW_ATTRIBUTES = re.compile(rb'<row( r="[0-9]+")?(?:[^<>/"\']|' + _QUOTED + rb")*(/?)>")


def without_skipped(file: bytes) -> bytes:
    """Return a workbook without what the fast paths skip, unlike expat, unread.

    These are the text of formulas and the other attributes of rows: nothing of them is shown, so
    damage in them alone may go unseen.
    """
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = _FORMULA.sub(b"<f/>", parts["xl/worksheets/sheet1.xml"])
    return packed(parts | {"xl/worksheets/sheet1.xml": _ROW_ATTRIBUTES.sub(rb"<row\1\2>", sheet)})

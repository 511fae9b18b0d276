"""The parts of a small sound workbook, to be changed in one place and packed."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Part: TypeAlias = "str | bytes"
Parts: TypeAlias = "dict[str, Part]"
Write: TypeAlias = "Callable[[Path], None]"

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CONTENT_TYPES = "[Content_Types].xml"
WORKBOOK = "xl/workbook.xml"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
WORKBOOK_RELS = "xl/_rels/workbook.xml.rels"

HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
"""One column named `a`."""
WIDE_HEADER = (
    '<row r="1">'
    + "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{letter.lower()}</t></is></c>'
        for letter in "ABCDEF"
    )
    + "</row>"
)
"""Six columns named `a` to `f`."""


def relationships(*rows: tuple[str, str], more: str = "", office: str = OFFICE) -> str:
    """A .rels part; the rows are kinds and targets, numbered r1, r2 and so on."""
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{office}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(rows, 1)
    )
    root = f'<Relationships xmlns="{PACKAGE}/relationships">'
    return f"{DECLARATION}{root}{listed}{more}</Relationships>"


def worksheet(data: str, *, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    """A sheet part around what stands within <sheetData>."""
    return (
        f'{DECLARATION}<worksheet xmlns="{namespace}">{before}<sheetData>{data}</sheetData>'
        f"{after}</worksheet>"
    )


def workbook(sheets: str = '<sheet name="S" sheetId="1" r:id="r1"/>', *, before: str = "") -> str:
    """The main part, with the sheets as given."""
    return (
        f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}'
        f"<sheets>{sheets}</sheets></workbook>"
    )


def shared_strings(*items: str) -> str:
    """The table of texts, each item as it stands within <si>."""
    listed = "".join(f"<si>{item}</si>" for item in items)
    return f'{DECLARATION}<sst xmlns="{MAIN}">{listed}</sst>'


def styles(*formats: str | int) -> str:
    """Cell styles from 0: each a built-in format's number or a custom format code."""
    custom = {code: 164 + at for at, code in enumerate(formats) if isinstance(code, str)}
    listed = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for code, number in custom.items()
    )
    numbers = (custom[code] if isinstance(code, str) else code for code in formats)
    used = "".join(f'<xf numFmtId="{number}"/>' for number in numbers)
    return (
        f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts>{listed}</numFmts>'
        f"<cellXfs>{used}</cellXfs></styleSheet>"
    )


def sound_parts(sheet: Part | None = None, **more: Part) -> Parts:
    """A workbook of one sheet; `strings` and `styles` become parts, others replace their own."""
    listed = [("worksheet", "worksheets/sheet1.xml")]
    parts: Parts = {
        CONTENT_TYPES: f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relationships(("officeDocument", "xl/workbook.xml")),
        WORKBOOK: more.pop("workbook", workbook()),
        SHEET: worksheet(HEADER + '<row r="2"><c r="A2"><v>1</v></c></row>')
        if sheet is None
        else sheet,
    }
    for name, part in (("sharedStrings", "strings"), ("styles", "styles")):
        if part in more:
            listed.append((name, f"{name}.xml"))
            parts[f"xl/{name}.xml"] = more.pop(part)
    parts[WORKBOOK_RELS] = more.pop("rels", relationships(*listed))
    if more:
        raise TypeError(f"no such part: {', '.join(more)}")
    return parts


def packed(parts: Mapping[str, Part], method: int = zipfile.ZIP_DEFLATED) -> Write:
    """Write the parts as a zip file."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method, compresslevel=1) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return write


def book(sheet: Part | None = None, **more: Part) -> Write:
    """Write a workbook of one sheet part and, by name, `strings`, `styles`, `workbook`, `rels`."""
    return packed(sound_parts(sheet, **more))


def data(rows: str, *, header: str = HEADER, **more: Part) -> Write:
    """Write a workbook of a header and the rows given."""
    return book(worksheet(header + rows), **more)


def raw(content: bytes) -> Write:
    """Write a file of these very bytes."""

    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def cell(reference: str, value: str, attributes: str = "") -> str:
    """A cell with a <v>."""
    return f'<c r="{reference}"{" " if attributes else ""}{attributes}><v>{value}</v></c>'


def inline(reference: str, xml: str, attributes: str = "") -> str:
    """A cell with its text inside, as it stands in the XML."""
    space = ' xml:space="preserve"' if xml != xml.strip() else ""
    return f'<c r="{reference}" t="inlineStr"{attributes}><is><t{space}>{xml}</t></is></c>'


def row(line: int, *cells: str) -> str:
    return f'<row r="{line}">{"".join(cells)}</row>'


def column_of(cells: list[str], start: int = 2) -> str:
    """Rows of one cell each, the `@` of each cell replaced by its reference."""
    return "".join(row(line, xml.replace("@", f"A{line}")) for line, xml in enumerate(cells, start))

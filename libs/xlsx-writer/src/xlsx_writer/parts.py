"""The fixed parts of a workbook with one sheet, and the sheet's own opening and closing."""

from collections.abc import Sequence
from dataclasses import dataclass

from xlsx_writer.cells import MAX_COLUMNS, CellValue
from xlsx_writer.errors import WorkbookError
from xlsx_writer.text_escapes import escape_attribute

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

SHEET_PART = "xl/worksheets/sheet1.xml"
SHARED_STRINGS_PART = "xl/sharedStrings.xml"
MAX_SHEET_NAME_CHARS = 31
_NOT_IN_A_SHEET_NAME = frozenset("[]:*?/\\")
# Excel's own limits on a column's width, in characters of the default font.
_MAX_WIDTH_CHARS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """How the sheet looks: a bold header in row 1, widths in characters from column A on."""

    header: Sequence[CellValue] | None = None
    column_widths: Sequence[float] = ()
    freeze_header: bool = False


def check_sheet_name(name: str) -> None:
    """Raises WorkbookError when Excel would refuse the name."""
    if not name.strip() or len(name) > MAX_SHEET_NAME_CHARS:
        raise WorkbookError(f"sheet name {name!r}: give it 1 to {MAX_SHEET_NAME_CHARS} characters")
    if _NOT_IN_A_SHEET_NAME.intersection(name) or not name.isprintable():
        raise WorkbookError(f"sheet name {name!r}: leave out [ ] : * ? / \\ and control characters")
    if name.startswith("'") or name.endswith("'"):
        raise WorkbookError(f"sheet name {name!r}: it cannot begin or end with an apostrophe")


def fixed_parts(sheet_name: str, *, shared: bool) -> dict[str, str]:
    """Every part but the sheet and the shared strings, by its name in the package, in order."""
    return {
        "[Content_Types].xml": _content_types(shared=shared),
        "_rels/.rels": _rels([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE_RELS}"><sheets>'
            f'<sheet name="{escape_attribute(sheet_name)}" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _rels(
            [("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")]
            + ([("sharedStrings", "sharedStrings.xml")] if shared else [])
        ),
        "xl/styles.xml": _STYLES,
    }


def sheet_opening(layout: SheetLayout) -> str:
    """All of the sheet's XML before its first row."""
    view = ""
    if layout.freeze_header:
        view = (
            '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
            ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        )
    return f'{_XML}<worksheet xmlns="{_MAIN}">{view}{_columns(layout)}<sheetData>'


SHEET_CLOSING = "</sheetData></worksheet>"


def _columns(layout: SheetLayout) -> str:
    widths = layout.column_widths
    if not widths:
        return ""
    if len(widths) > MAX_COLUMNS or not all(0 <= width <= _MAX_WIDTH_CHARS for width in widths):
        raise WorkbookError(
            f"column widths: at most {MAX_COLUMNS:,} of them, each 0 to {_MAX_WIDTH_CHARS}"
        )
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, start=1)
    )
    return f"<cols>{columns}</cols>"


def _rels(targets: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE_RELS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _content_types(*, shared: bool) -> str:
    parts = {
        "xl/workbook.xml": f"{_TYPE}.sheet.main+xml",
        SHEET_PART: f"{_TYPE}.worksheet+xml",
        "xl/styles.xml": f"{_TYPE}.styles+xml",
    }
    if shared:
        parts[SHARED_STRINGS_PART] = f"{_TYPE}.sharedStrings+xml"
    listed = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts.items()
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


# Cell formats by index: 0 plain, 1 date, 2 date and time, 3 header (bold).
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)

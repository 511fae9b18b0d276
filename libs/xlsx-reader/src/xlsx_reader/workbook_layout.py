"""Step 2: which sheets the workbook lists and which parts hold them."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlsx_reader.cells import SheetInfo
from xlsx_reader.errors import WorkbookError
from xlsx_reader.xml_parts import RELATIONSHIP_NAMESPACES, SEPARATOR, read_small_part

if TYPE_CHECKING:
    from xlsx_reader.limits import Limits
    from xlsx_reader.zip_directory import ZipDirectory

_BLOCK_BYTES = 64 * 1024
_TRUE = frozenset({"1", "true", "on"})


@dataclass(frozen=True, slots=True)
class WorkbookLayout:
    """What xl/workbook.xml and its relationships say; parts are "" when the workbook has none."""

    sheets: tuple[SheetInfo, ...]
    date_1904: bool
    styles_part: str
    strings_part: str


@dataclass(frozen=True, slots=True)
class _Relationship:
    """One row of a .rels part; the target is an absolute part name, "" when it leaves the zip."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class _ListedSheet:
    """A sheet as xl/workbook.xml lists it."""

    name: str
    visible: bool
    relationship: str


def read_layout(directory: ZipDirectory, limits: Limits) -> WorkbookLayout:
    """Return the workbook's layout; chart sheets and dialog sheets hold no rows and are left out.

    Raises:
        WorkbookError: `NOT_XLSX` when there is no workbook part, and what reading a part raises.
    """
    main_part = _main_part(directory, limits)
    relationships = _relationships(directory, main_part, limits)
    listed, date_1904 = _listed_sheets(directory, main_part, limits)
    sheets: list[SheetInfo] = []
    for sheet in listed:
        relationship = relationships.get(sheet.relationship, _Relationship("worksheet", ""))
        if relationship.kind == "worksheet":
            part = directory.find(relationship.target) or relationship.target
            size = directory.size_bytes(part)
            sheets.append(SheetInfo(sheet.name, len(sheets), sheet.visible, part, size))
    return WorkbookLayout(
        tuple(sheets),
        date_1904,
        _part_of(directory, relationships, "styles"),
        _part_of(directory, relationships, "sharedStrings"),
    )


def _part_of(directory: ZipDirectory, rows: dict[str, _Relationship], kind: str) -> str:
    targets = (row.target for row in rows.values() if row.kind == kind)
    return next((part for target in targets if (part := directory.find(target))), "")


def _main_part(directory: ZipDirectory, limits: Limits) -> str:
    rows = _relationships(directory, "", limits)
    part = _part_of(directory, rows, "officeDocument") or directory.find("xl/workbook.xml")
    if not part:
        message = "The file is a zip, but no workbook. Open it in Excel and save it as .xlsx."
        raise WorkbookError("NOT_XLSX", message, "xl/workbook.xml")
    return part


def _relationships(
    directory: ZipDirectory, source: str, limits: Limits
) -> dict[str, _Relationship]:
    folder, name = posixpath.split(source)
    part = directory.find(posixpath.join(folder, "_rels", f"{name}.rels"))
    rows: dict[str, _Relationship] = {}

    def on_start(path: tuple[str, ...], attributes: dict[str, str]) -> None:
        if path == ("Relationships", "Relationship"):
            kind = attributes.get("Type", "").rpartition("/")[2]
            is_external = attributes.get("TargetMode", "Internal") != "Internal"
            target = "" if is_external else _absolute(folder, attributes.get("Target", ""))
            rows[attributes.get("Id", "")] = _Relationship(kind, target)
            if len(rows) > limits.max_sheets:
                raise _too_many(limits, "relationships", part or "")

    if part:
        read_small_part(directory.stream(part, _BLOCK_BYTES), limits, on_start)
    return rows


def _absolute(folder: str, target: str) -> str:
    joined = posixpath.normpath(posixpath.join("/", folder, target))
    return joined.lstrip("/")


def _listed_sheets(
    directory: ZipDirectory, part: str, limits: Limits
) -> tuple[list[_ListedSheet], bool]:
    listed: list[_ListedSheet] = []
    is_1904 = False

    def on_start(path: tuple[str, ...], attributes: dict[str, str]) -> None:
        nonlocal is_1904
        if path == ("workbook", "sheets", "sheet"):
            visible = attributes.get("state", "visible") == "visible"
            listed.append(
                _ListedSheet(attributes.get("name", ""), visible, _relationship_id(attributes))
            )
            if len(listed) > limits.max_sheets:
                raise _too_many(limits, "sheets", part)
        elif path == ("workbook", "workbookPr"):
            is_1904 = attributes.get("date1904", "0").strip().lower() in _TRUE

    read_small_part(directory.stream(part, _BLOCK_BYTES), limits, on_start)
    return listed, is_1904


def _too_many(limits: Limits, what: str, part: str) -> WorkbookError:
    message = f"The workbook lists more than {limits.max_sheets} {what}. Split it."
    return WorkbookError("TOO_MANY_SHEETS", message, part)


def _relationship_id(attributes: dict[str, str]) -> str:
    names = (namespace + SEPARATOR + "id" for namespace in RELATIONSHIP_NAMESPACES)
    return next((attributes[name] for name in names if name in attributes), "")

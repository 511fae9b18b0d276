"""Files of another kind under the name of a workbook: each is called what it is."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

from sample_data.corpus.case import Case, Refused
from sample_data.corpus.parts import CONTENT_TYPES, WORKBOOK, Write, packed, raw, sound_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
_SECTOR = 512
_END_OF_CHAIN, _FREE, _FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def _ole(streams: Sequence[str]) -> bytes:
    """A compound file with empty streams of those names; four names fill a directory sector."""
    names = ["Root Entry", *streams]
    entries = b"".join(_directory_entry(name, 5 if at == 0 else 2) for at, name in enumerate(names))
    entries += bytes(-len(entries) % _SECTOR)
    sectors = len(entries) // _SECTOR
    chain = [*range(2, sectors + 1), _END_OF_CHAIN]
    fat = struct.pack("<128I", _FAT_SECTOR, *chain, *[_FREE] * (127 - sectors))
    header = (
        _OLE_MAGIC
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIII", 0, 1, 1, 0, 4096, _END_OF_CHAIN)
        + struct.pack("<III", 0, _END_OF_CHAIN, 0)
        + struct.pack("<109I", 0, *[_FREE] * 108)
    )
    return header + fat + entries


def _directory_entry(name: str, kind: int) -> bytes:
    spelled = name.encode("utf-16-le") + b"\0\0"
    return (
        spelled.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(spelled), kind, 1, _FREE, _FREE, _FREE)
        + bytes(36)
        + struct.pack("<IQ", _END_OF_CHAIN, 0)
    )


def _zip_of(*names: str) -> Write:
    return packed(dict.fromkeys(names, "<x/>"))


def _without(part: str) -> Write:
    return packed({name: content for name, content in sound_parts().items() if name != part})


def _nested(path: Path) -> None:
    """Zips within zips, five deep, as in 42.zip."""
    content = bytes(1_000_000)
    for depth in range(5):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"level{depth}-{number}.zip", content)
        content = path.read_bytes()


def _refused(name: str, why: str, write: Write, code: str = "NOT_XLSX", place: str = "") -> Case:
    return Case(name=name, why=why, write=write, must=Refused(code=code, status=415, place=place))


_MAGIC = {
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "a JPEG picture": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(64),
    "a gzip file": b"\x1f\x8b\x08\x00" + bytes(64),
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c" + bytes(64),
    "a RAR archive": b"Rar!\x1a\x07\x01\x00" + bytes(64),
    "an RTF text": b"{\\rtf1\\ansi hello}",
    "a Parquet file": b"PAR1" + bytes(64) + b"PAR1",
    "an SQLite database": b"SQLite format 3\0" + bytes(64),
}

_TEXTS = {
    "C09 an HTML table": b"<html><body><table><tr><td>a</td></tr></table></body></html>",
    "an XML spreadsheet of 2003": b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>'
    b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
    "a web archive": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n",
    "64 KiB of zeros": bytes(65_536),
}

CASES = (
    Case(
        name="C09 an empty file",
        why="nothing was uploaded",
        write=raw(b""),
        must=Refused(code="EMPTY_FILE", status=400, reader_code="NOT_XLSX"),
    ),
    *(_refused(name, "told by its first bytes", raw(content)) for name, content in _MAGIC.items()),
    *(
        _refused(name, "a text, but no table of ours", raw(content))
        for name, content in _TEXTS.items()
    ),
    _refused(
        "C07 macros",
        "code is never taken in",
        packed(sound_parts() | {"xl/vbaProject.bin": b"\xcc\x61"}),
        "MACRO_FILE",
    ),
    _refused(
        "macro sheets of Excel 4",
        "macros without a VBA project",
        packed(sound_parts() | {"xl/macrosheets/sheet1.xml": "<x/>"}),
        "MACRO_FILE",
    ),
    _refused("C08 a legacy .xls", "the format before 2007", raw(_ole(["Workbook"])), "LEGACY_XLS"),
    _refused(
        "C08 a workbook behind a password",
        "told by its stream's name",
        raw(_ole(["EncryptionInfo", "EncryptedPackage"])),
        "ENCRYPTED",
    ),
    _refused(
        "a workbook behind a password, its stream named late",
        "the directory of streams has more than one sector",
        raw(
            _ole(
                [
                    "\x06DataSpaces",
                    "Version",
                    "DataSpaceMap",
                    "DataSpaceInfo",
                    "TransformInfo",
                    "EncryptionInfo",
                    "EncryptedPackage",
                ]
            )
        ),
        "ENCRYPTED",
    ),
    _refused(
        "a legacy Word text", "an OLE file, but no workbook", raw(_ole(["WordDocument", "1Table"]))
    ),
    _refused(
        "an OLE file that is cut off",
        "too short to hold a directory",
        raw(_OLE_MAGIC + bytes(100)),
        "LEGACY_XLS",
    ),
    _refused(
        "an OLE file whose directory runs in a circle",
        "a chain of sectors that never ends",
        raw(
            _ole(["A", "B", "C", "D"]).replace(
                struct.pack("<III", _FAT_SECTOR, 2, _END_OF_CHAIN),
                struct.pack("<III", _FAT_SECTOR, 2, 1),
            )
        ),
        "LEGACY_XLS",
    ),
    _refused(
        "C38 an .xlsb",
        "Excel's binary format",
        _zip_of(CONTENT_TYPES, "xl/workbook.bin"),
        "XLSB_FILE",
    ),
    _refused(
        "C38 an .ods",
        "OpenDocument",
        _zip_of("mimetype", "content.xml", "META-INF/manifest.xml"),
        "ODS_FILE",
    ),
    _refused(
        "a Word text",
        "a zip of another Office program",
        _zip_of(CONTENT_TYPES, "word/document.xml"),
    ),
    _refused(
        "a presentation",
        "a zip of another Office program",
        _zip_of(CONTENT_TYPES, "ppt/presentation.xml"),
    ),
    _refused(
        "a Numbers spreadsheet",
        "a zip of another spreadsheet program",
        _zip_of("Index/Document.iwa", "Metadata/Properties.plist"),
    ),
    _refused("C09d a zip of pictures", "a zip, but no workbook", _zip_of("a.png", "b.png")),
    _refused("C02d zips within zips", "nothing is unpacked that is no workbook", _nested),
    _refused(
        "C29 a workbook without its content types",
        "no program would open it",
        _without(CONTENT_TYPES),
    ),
    _refused(
        "C29b a workbook without its main part", "no sheets are listed anywhere", _without(WORKBOOK)
    ),
)

"""Tells a legacy .xls from an encrypted workbook: both are OLE compound files."""

from __future__ import annotations

import struct
from typing import IO, NoReturn

from xlsx_reader.errors import WorkbookError

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
_HEADER_BYTES = 512
_DIRECTORY_ENTRY_BYTES = 128
_NAME_BYTES_AT = 64
_MOST_SECTORS = 64  # of the directory: 256 streams; a workbook behind a password has about ten
_OTHER_PROGRAMS = {
    "WordDocument": "a Word text",
    "PowerPoint Document": "a presentation",
    "VisioDocument": "a Visio drawing",
    "__properties_version1.0": "an Outlook message",
}


def refuse_ole(file: IO[bytes]) -> NoReturn:
    """Refuse an OLE file by the streams its directory names ([MS-CFB] 2.2 to 2.6).

    Raises:
        WorkbookError: `ENCRYPTED`; `NOT_XLSX` for a file of another program; else `LEGACY_XLS`.
    """
    names = _stream_names(file)
    if "EncryptedPackage" in names:
        message = "The workbook is protected by a password. Save it without one."
        raise WorkbookError("ENCRYPTED", message, "stream EncryptedPackage")
    for stream, name in _OTHER_PROGRAMS.items():
        if stream in names:
            message = f"The file is {name}, not a workbook. Save its table as .xlsx."
            raise WorkbookError("NOT_XLSX", message, f"stream {stream}")
    message = "The file is in the old .xls format. Open it in Excel and save it as .xlsx."
    raise WorkbookError("LEGACY_XLS", message, "first bytes of the file")


def _stream_names(file: IO[bytes]) -> set[str]:
    file.seek(0)
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        return set()
    (shift,) = struct.unpack_from("<H", header, 30)
    (sector_no,) = struct.unpack_from("<I", header, 48)
    sector_bytes = 4096 if shift == 12 else 512  # noqa: PLR2004 - the two the format knows
    names: set[str] = set()
    for _ in range(_MOST_SECTORS):
        sector = _sector(file, sector_no, sector_bytes)
        if not sector:
            break
        names.update(_name_at(sector, at) for at in range(0, len(sector), _DIRECTORY_ENTRY_BYTES))
        sector_no = _next_sector(file, header, sector_no, sector_bytes)
    return names


def _sector(file: IO[bytes], number: int, sector_bytes: int) -> bytes:
    """Return a sector, b"" beyond the file (the marks for an end are numbers far beyond)."""
    file.seek((number + 1) * sector_bytes)
    return file.read(sector_bytes)


def _next_sector(file: IO[bytes], header: bytes, number: int, sector_bytes: int) -> int:
    """Return what follows a sector in its chain, by the table whose first 109 sectors we know."""
    table_no, at = divmod(number, sector_bytes // 4)
    if table_no >= 109:  # noqa: PLR2004 - what the header has room for; 7 MB of file
        return 0xFFFFFFFE
    (table_sector,) = struct.unpack_from("<I", header, 76 + 4 * table_no)
    table = _sector(file, table_sector, sector_bytes)
    return (
        int(struct.unpack_from("<I", table, 4 * at)[0]) if len(table) >= 4 * at + 4 else 0xFFFFFFFE
    )


def _name_at(sector: bytes, at: int) -> str:
    entry = sector[at : at + _DIRECTORY_ENTRY_BYTES]
    if len(entry) < _DIRECTORY_ENTRY_BYTES:
        return ""
    (name_bytes,) = struct.unpack_from("<H", entry, _NAME_BYTES_AT)
    return entry[: max(0, min(name_bytes, _NAME_BYTES_AT) - 2)].decode("utf-16-le", "replace")

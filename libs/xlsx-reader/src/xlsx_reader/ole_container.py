"""Tells a legacy .xls from an encrypted workbook: both are OLE compound files."""

from __future__ import annotations

import struct
from typing import IO, NoReturn

from xlsx_reader.errors import WorkbookError

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
_DIRECTORY_ENTRY_BYTES = 128
_NAME_BYTES_AT = 64


def refuse_ole(file: IO[bytes]) -> NoReturn:
    """Refuse an OLE file by the streams its first directory sector names ([MS-CFB] 2.2, 2.6).

    Raises:
        WorkbookError: `ENCRYPTED`, or `LEGACY_XLS` when there is no encrypted package in it.
    """
    if "EncryptedPackage" in _stream_names(file):
        message = "The workbook is protected by a password. Save it without one."
        raise WorkbookError("ENCRYPTED", message, "stream EncryptedPackage")
    message = "The file is in the old .xls format. Open it in Excel and save it as .xlsx."
    raise WorkbookError("LEGACY_XLS", message, "first bytes of the file")


def _stream_names(file: IO[bytes]) -> set[str]:
    file.seek(0)
    header = file.read(512)
    if len(header) < 512:  # noqa: PLR2004 - the size of an OLE header
        return set()
    (shift,) = struct.unpack_from("<H", header, 30)
    (first_sector,) = struct.unpack_from("<I", header, 48)
    sector_bytes = 4096 if shift == 12 else 512  # noqa: PLR2004 - the two the format knows
    file.seek((first_sector + 1) * sector_bytes)
    sector = file.read(sector_bytes)
    return {_name_at(sector, at) for at in range(0, len(sector), _DIRECTORY_ENTRY_BYTES)}


def _name_at(sector: bytes, at: int) -> str:
    entry = sector[at : at + _DIRECTORY_ENTRY_BYTES]
    if len(entry) < _DIRECTORY_ENTRY_BYTES:
        return ""
    (name_bytes,) = struct.unpack_from("<H", entry, _NAME_BYTES_AT)
    return entry[: max(0, min(name_bytes, _NAME_BYTES_AT) - 2)].decode("utf-16-le", "replace")

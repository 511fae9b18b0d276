"""Zip files that are damaged, unusual, or built to mislead whoever unpacks them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from sample_data.corpus.case import Case, Refused, accepted, number
from sample_data.corpus.parts import SHEET, WORKBOOK, Parts, Write, packed, raw, sound_parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SOUND = accepted({2: (number("1"),)})
_SYMLINK = 0o120777 << 16
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _bytes_of(write: Write, path: Path) -> bytes:
    write(path)
    return path.read_bytes()


def changed(change: Callable[[bytes], bytes], parts: Parts | None = None) -> Write:
    """Write a sound workbook whose bytes are changed at the end."""

    def write(path: Path) -> None:
        path.write_bytes(change(_bytes_of(packed(parts or sound_parts()), path)))

    return write


def with_entries(*entries: zipfile.ZipInfo | str) -> Write:
    """Write a sound workbook with more entries of some bytes each."""

    def write(path: Path) -> None:
        packed(sound_parts())(path)
        with zipfile.ZipFile(path, "a") as archive:
            for entry in entries:
                archive.writestr(entry, b"../../secret")

    return write


def patched(
    magic: bytes, at: int, layout: str, value: int, entry: str = SHEET
) -> Callable[[bytes], bytes]:
    """Overwrite a field of one entry's local or central header."""
    name_at = 30 if magic == _LOCAL else 46

    def patch(content: bytes) -> bytes:
        start = content.find(entry.encode(), content.find(magic)) - name_at
        while content[start : start + 4] != magic:
            start = content.find(entry.encode(), start + name_at + 1) - name_at
        field = struct.pack(layout, value)
        return content[: start + at] + field + content[start + at + len(field) :]

    return patch


def _renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old.encode(), new.encode())


def _flipped(content: bytes) -> bytes:
    at = content.find(SHEET.encode()) + len(SHEET) + 20
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def _encrypted(content: bytes) -> bytes:
    return patched(_CENTRAL, 8, "<H", 1)(patched(_LOCAL, 6, "<H", 1)(content))


def _overlapping(content: bytes) -> bytes:
    """Let the workbook part begin where the sheet does: both entries share its bytes."""
    sheet_at = content.find(SHEET.encode()) - 30
    return patched(_CENTRAL, 42, "<I", sheet_at, WORKBOOK)(content)


def _lying_zip64(content: bytes) -> bytes:
    """A directory of 40,000 entries behind an end record that speaks of four."""
    end = content.rfind(_END)
    directory_at = struct.unpack_from("<I", content, end + 16)[0]
    record = content[directory_at:end]
    many = record + 40_000 * record[: record.find(_CENTRAL, 4)]
    count = content.count(_CENTRAL) + 40_000
    zip64 = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(many), directory_at
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, directory_at + len(many), 1)
    return content[:directory_at] + many + zip64 + locator + content[end:]


def _streamed(path: Path) -> None:
    """As a server writes it that cannot seek: the sizes stand behind the bytes."""

    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sound_parts().items():
            archive.writestr(name, content)
    path.write_bytes(pipe.getvalue())


def _zip64(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sound_parts().items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(content if isinstance(content, bytes) else content.encode())


def _crowd(path: Path) -> None:
    packed(sound_parts() | {f"docProps/{n}.xml": "" for n in range(20_000)})(path)


def _twice(name: str) -> Write:
    def write(path: Path) -> None:
        content = _bytes_of(packed(sound_parts() | {"xl/worksheets/sheetX.xml": "<x/>"}), path)
        path.write_bytes(content.replace(b"xl/worksheets/sheetX.xml", name.encode()))

    return write


def _symlink() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("xl/media/image1.png")
    entry.create_system = 3
    entry.external_attr = _SYMLINK
    return entry


_DAMAGED = (
    Case(
        name="C01 the first half of a workbook",
        why="an upload that was cut off before it came to us",
        write=changed(lambda content: content[: len(content) // 2]),
        must=Refused(code="ZIP_TRUNCATED"),
    ),
    Case(
        name="a workbook without its last ten bytes",
        why="cut off within the end record",
        write=changed(lambda content: content[:-10]),
        must=Refused(code="ZIP_TRUNCATED"),
    ),
    Case(
        name="a workbook whose second half is zeros",
        why="a download that reserved its room and stopped",
        write=changed(lambda content: content[: len(content) // 2] + bytes(len(content) // 2)),
        must=Refused(code="ZIP_TRUNCATED"),
    ),
    Case(
        name="one bad byte in the compressed sheet",
        why="damage on a disk or on the way",
        write=changed(_flipped),
        must=Refused(code="ZIP_DAMAGED"),
    ),
    Case(
        name="a sheet that fails its checksum",
        why="every byte inflates, but they are not the bytes that were saved",
        write=changed(patched(_CENTRAL, 16, "<I", zlib.crc32(b"other"))),
        must=Refused(code="ZIP_DAMAGED", place=SHEET),
    ),
    Case(
        name="a sheet that is shorter than the directory says",
        why="the rest of its rows would be missing",
        write=changed(patched(_CENTRAL, 24, "<I", 100_000)),
        must=Refused(code="ZIP_TRUNCATED", place=SHEET),
    ),
    Case(
        name="a directory that points nowhere",
        why="the sheet's header is not where it should be",
        write=changed(patched(_CENTRAL, 42, "<I", 0x7FFFFFF0)),
        must=Refused(code="ZIP_DAMAGED", place=SHEET),
    ),
)

_UNUSUAL = (
    Case(name="C27 zip64", why="large exporters write it always", write=_zip64, must=_SOUND),
    Case(
        name="a zip written as a stream",
        why="sizes and checksums stand behind the bytes",
        write=_streamed,
        must=_SOUND,
    ),
    Case(
        name="a zip that is not compressed",
        why="stored entries are as good",
        write=packed(sound_parts(), zipfile.ZIP_STORED),
        must=_SOUND,
    ),
    Case(
        name="a line break behind the end of the zip",
        why="mail and web gateways add one",
        write=changed(lambda content: content + b"\r\n"),
        must=_SOUND,
    ),
    Case(
        name="part names in another case",
        why="names of parts do not differ by case",
        write=changed(_renamed("xl/worksheets/sheet1.xml", "xl/Worksheets/Sheet1.XML")),
        must=_SOUND,
    ),
    Case(
        name="a compression other than deflate",
        why="no spreadsheet program reads bzip2",
        write=packed(sound_parts(), zipfile.ZIP_BZIP2),
        must=Refused(code="ZIP_METHOD"),
    ),
    Case(
        name="an entry behind a password",
        why="zip's own encryption, not Excel's",
        write=changed(_encrypted),
        must=Refused(code="ENCRYPTED", status=415),
    ),
)

_MISLEADING = (
    *(
        Case(
            name=f"C28 an entry named {name}",
            why="would be written outside the folder it is unpacked to",
            write=with_entries(name),
            must=Refused(code="ZIP_ENTRY_NAME"),
        )
        for name in ("../../tmp/x", "/etc/x", "..\\x", "C:/x")
    ),
    Case(
        name="C28 an entry that is a symbolic link",
        why="would lead out of the folder it is unpacked to",
        write=with_entries(_symlink()),
        must=Refused(code="ZIP_ENTRY_NAME"),
    ),
    Case(
        name="a name with a NUL",
        why="two programs may see two names",
        write=changed(_renamed("xl/workbook.xml", "xl/workbook\0xml")),
        must=Refused(code="ZIP_ENTRY_NAME"),
    ),
    Case(
        name="two sheets of one name",
        why="a scanner may look at one and we at the other",
        write=_twice("xl/worksheets/sheet1.xml"),
        must=Refused(code="ZIP_ENTRY_NAME"),
    ),
    Case(
        name="two sheets of one name but for its case",
        why="part names do not differ by case",
        write=_twice("xl/worksheets/SHEET1.xml"),
        must=Refused(code="ZIP_ENTRY_NAME"),
    ),
    Case(
        name="two entries that share their bytes",
        why="how the smallest bombs are built",
        write=changed(_overlapping),
        must=Refused(code="ZIP_OVERLAP"),
    ),
    Case(
        name="C31 20,000 entries",
        why="each costs memory before anything is read",
        write=_crowd,
        must=Refused(code="ZIP_TOO_MANY"),
    ),
    Case(
        name="40,000 entries behind an end record that says four",
        why="the longer record counts, wherever it hides",
        write=changed(_lying_zip64),
        must=Refused(code="ZIP_TOO_MANY"),
    ),
    Case(
        name="a file that begins with a zip's first bytes and goes on in noise",
        why="the magic bytes alone make no zip",
        write=raw(_LOCAL + bytes(range(256)) * 64),
        must=Refused(code="ZIP_TRUNCATED"),
    ),
)

CASES = (*_DAMAGED, *_UNUSUAL, *_MISLEADING)

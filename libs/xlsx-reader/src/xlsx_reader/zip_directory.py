"""Step 2: opens the zip container, refuses what is no workbook and finds its parts."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from xlsx_reader.errors import WorkbookError
from xlsx_reader.foreign_files import described_as, refuse_other_zips
from xlsx_reader.inflate import ZlibInflater
from xlsx_reader.ole_container import OLE_MAGIC, refuse_ole
from xlsx_reader.part_stream import PartStream

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from xlsx_reader.inflate import Inflating
    from xlsx_reader.limits import Limits

_ZIP_MAGIC = b"PK\x03\x04"
_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_MAX_COMMENT_BYTES = 65_535
_LOCAL_HEADER_BYTES = 30
# A directory record is 46 bytes and its name; 1 KiB each leaves room for long names and extras.
_DIRECTORY_BYTES_PER_ENTRY = 1_024


class ZipDirectory:
    """The entries of one open zip file; streams of parts read from its one file descriptor."""

    def __init__(self, path: str | os.PathLike[str], limits: Limits) -> None:
        self._limits = limits
        self._file: IO[bytes] = Path(path).open("rb")  # noqa: SIM115 - closed by close()
        try:
            self._entries = _entries(self._file, limits)
        except BaseException:
            self._file.close()
            raise
        self._by_folded_name = {name.casefold(): name for name in self._entries}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def find(self, part: str) -> str | None:
        """Return the entry's own name for a part, whose case exporters do not always keep."""
        if part in self._entries:
            return part
        return self._by_folded_name.get(part.casefold())

    def size_bytes(self, part: str) -> int:
        """Return the inflated size the directory declares, 0 when there is no such part."""
        return self._entries[part].file_size if part in self._entries else 0

    def stream(
        self, part: str, block_bytes: int, inflater: Callable[[], Inflating] = ZlibInflater
    ) -> PartStream:
        """Return the inflating stream of an existing part.

        Raises:
            WorkbookError: `BOMB_SIZE`, `ENCRYPTED`, `ZIP_METHOD`, `ZIP_DAMAGED`.
        """
        entry = self._entries[part]
        _refuse_size(entry, self._limits)
        refusal = _refused_ratio(entry, self._limits)
        return PartStream(self._file, entry, block_bytes, inflater(), refusal)


def _entries(file: IO[bytes], limits: Limits) -> dict[str, zipfile.ZipInfo]:
    head = file.read(len(OLE_MAGIC))
    if head == OLE_MAGIC:
        refuse_ole(file)
    if not head.startswith(_ZIP_MAGIC):
        file.seek(0)
        raise WorkbookError("NOT_XLSX", described_as(file.read(512)), "first bytes of the file")
    _refuse_crowd(file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
        message = f"The file is damaged or was cut off ({error}). Save or upload it again."
        raise WorkbookError("ZIP_TRUNCATED", message, "zip directory") from error
    for info in infos:
        _refuse_name(info)
    entries = {info.filename: info for info in infos}
    if len({name.casefold() for name in entries}) != len(infos):
        message = "The file holds two entries of one name. Save it again with Excel."
        raise WorkbookError("ZIP_ENTRY_NAME", message, "zip directory")
    _refuse_overlap(infos)
    refuse_other_zips(set(entries))
    return entries


def _refuse_crowd(file: IO[bytes], limits: Limits) -> None:
    """Look at the end record alone, before anything is allocated for the entries."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_RECORD_BYTES - _MAX_COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    if at < 0 or len(tail) - at < _END_RECORD_BYTES:
        message = "The file was cut off: its directory is missing. Save or upload it again."
        raise WorkbookError("ZIP_TRUNCATED", message, "end of the file")
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    # Whether or not the short record refers to it: zipfile believes the long one.
    zip64_count, zip64_bytes = _zip64_counts(file, size - len(tail) + at)
    if zip64_count or zip64_bytes:
        count, directory_bytes = zip64_count, zip64_bytes
    most = limits.max_zip_entries
    if count > most or directory_bytes > most * _DIRECTORY_BYTES_PER_ENTRY:
        message = f"The file holds {count} entries, {most} are allowed. Save it again with Excel."
        raise WorkbookError("ZIP_TOO_MANY", message, "zip directory")


def _zip64_counts(file: IO[bytes], end_record_at: int) -> tuple[int, int]:
    """Return entries and directory bytes of the zip64 end record (APPNOTE 4.3.14, 4.3.15)."""
    locator_at = end_record_at - 20
    if locator_at >= 0:
        file.seek(locator_at)
        locator = file.read(20)
        if locator.startswith(b"PK\x06\x07"):
            (record_at,) = struct.unpack_from("<Q", locator, 8)
            file.seek(min(record_at, locator_at))  # 64 bits may point further than a file reaches
            record = file.read(56)
            if record.startswith(b"PK\x06\x06") and len(record) == 56:  # noqa: PLR2004 - its size
                count, directory_bytes = struct.unpack_from("<QQ", record, 32)
                return int(count), int(directory_bytes)
    return 0, 0


def _refuse_name(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.split("/")
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    is_unsafe = name.startswith("/") or ".." in parts or "\\" in name or ":" in parts[0]
    if is_unsafe or is_link or "\0" in name:
        message = "The file holds an entry with an unsafe name. Save it again with Excel."
        raise WorkbookError("ZIP_ENTRY_NAME", message, f"zip entry {name[:80]!r}")


def _refuse_overlap(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes: with those, 10 MB can hold 281 TB in one layer."""
    by_place = sorted(infos, key=lambda info: info.header_offset)
    for before, after in pairwise(by_place):
        least_bytes = _LOCAL_HEADER_BYTES + len(before.orig_filename) + before.compress_size
        if before.header_offset + least_bytes > after.header_offset:
            message = "Two entries of the file share their bytes. Save it again with Excel."
            raise WorkbookError("ZIP_OVERLAP", message, f"zip entry {after.filename[:80]!r}")


def _refuse_size(entry: zipfile.ZipInfo, limits: Limits) -> None:
    if entry.file_size > limits.max_part_bytes:
        message = (
            f"A part of {entry.file_size} bytes is larger than {limits.max_part_bytes} bytes."
            " Split the workbook."
        )
        raise WorkbookError("BOMB_SIZE", message, f"zip entry {entry.filename!r}")


def _refused_ratio(entry: zipfile.ZipInfo, limits: Limits) -> WorkbookError | None:
    ratio = entry.file_size / max(1, entry.compress_size)
    if entry.file_size <= limits.ratio_from_bytes or ratio <= limits.max_ratio:
        return None
    message = (
        f"A part inflates {ratio:.0f} times, {limits.max_ratio} is the limit."
        " Delete empty formatted rows and save the workbook again."
    )
    return WorkbookError("BOMB_RATIO", message, f"zip entry {entry.filename!r}")

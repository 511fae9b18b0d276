"""Step 2: inflates one part of the workbook block by block."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from xlsx_reader.errors import WorkbookError

if TYPE_CHECKING:
    from xlsx_reader.inflate import Inflating

# Compressed bytes fed at a time: what one call of zlib leaves over is copied, so it is small.
_FEED_BYTES = 32 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_ENCRYPTED_FLAG = 0x1
# What a bomb may give before it is refused: enough to see the endless cell that it may consist of,
# which is the better reason to tell.
_BOMB_HEAD_BYTES = 640 * 1024


class PartStream:
    """The inflated bytes of one zip entry, checked against what the directory declares.

    Streams of one file may be read in turns: each seeks before it reads. `refusal` is what is wrong
    with the sizes that are declared, raised once the head has been looked at.
    """

    def __init__(
        self,
        file: IO[bytes],
        entry: zipfile.ZipInfo,
        block_bytes: int,
        inflater: Inflating,
        refusal: WorkbookError | None,
    ) -> None:
        self._refusal = refusal
        self.part = entry.filename
        self.size_bytes = entry.file_size
        self._file = file
        self._block_bytes = block_bytes
        self._entry = entry
        self._at = _data_offset(file, entry)
        self._compressed_left = entry.compress_size
        self._inflater = inflater
        self._is_stored = entry.compress_type == zipfile.ZIP_STORED
        self._given = 0
        self._stored_crc = 0
        self._ended = False

    def read(self) -> bytes:
        """Return the next block (at most `block_bytes`), b"" at the end.

        Raises:
            WorkbookError: `ZIP_TRUNCATED`, `ZIP_DAMAGED`, `BOMB_SIZE` (more than declared),
                `BOMB_RATIO`.
        """
        if self._ended:
            return b""
        if self._refusal is not None and self._given >= _BOMB_HEAD_BYTES:
            raise self._refusal
        block = self._stored() if self._is_stored else self._inflated()
        self._given += len(block)
        if self._given > self.size_bytes:
            raise self._error("BOMB_SIZE", "A part is larger than the zip declares.")
        if not block:
            self._end()
        return block

    def drain(self) -> None:
        """Read on to the end for the checksum's sake."""
        while self.read():
            pass

    def _inflated(self) -> bytes:
        try:
            while not self._inflater.eof:
                # It may have taken all input and still hold output back: asked again with none.
                had_input = self._inflater.has_input
                feed = b"" if had_input else self._compressed()
                block = self._inflater.inflate(feed, self._block_bytes)
                if block:
                    return block
                if not feed and not had_input:
                    raise self._error("ZIP_TRUNCATED", "A part of the workbook is cut off.")
        except ValueError as error:
            raise self._error(
                "ZIP_DAMAGED", f"A part of the workbook is damaged ({error})."
            ) from None
        return b""

    def _stored(self) -> bytes:
        block = self._compressed(self._block_bytes)
        self._stored_crc = zlib.crc32(block, self._stored_crc)
        return block

    def _compressed(self, most: int = _FEED_BYTES) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(min(most, self._compressed_left))
        self._at += len(data)
        self._compressed_left -= len(data)
        return data

    def _end(self) -> None:
        self._ended = True
        if self._given < self.size_bytes:
            raise self._error("ZIP_TRUNCATED", "A part of the workbook is cut off.")
        crc = self._stored_crc if self._is_stored else self._inflater.crc
        if crc != self._entry.CRC:
            raise self._error("ZIP_DAMAGED", "A part of the workbook fails its checksum.")

    def _error(self, code: str, message: str) -> WorkbookError:
        advice = f"{message} Save it again with Excel, or upload it again."
        return WorkbookError(code, advice, f"zip entry {self.part!r}")  # type: ignore[arg-type]  # literals above


def _data_offset(file: IO[bytes], entry: zipfile.ZipInfo) -> int:
    place = f"zip entry {entry.filename!r}"
    if entry.flag_bits & _ENCRYPTED_FLAG:
        message = "The workbook is protected by a password. Save it without one."
        raise WorkbookError("ENCRYPTED", message, place)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        message = f"Compression method {entry.compress_type} is unknown. Save it again with Excel."
        raise WorkbookError("ZIP_METHOD", message, place)
    header = file.read(_LOCAL_HEADER.size) if _is_reached(file, entry.header_offset) else b""
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
        message = "The zip directory points nowhere. Save or upload the workbook again."
        raise WorkbookError("ZIP_DAMAGED", message, place)
    *_, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    return entry.header_offset + _LOCAL_HEADER.size + int(name_bytes) + int(extra_bytes)


def _is_reached(file: IO[bytes], offset: int) -> bool:
    """Go there; the directory may point in front of the file, or further than any file reaches."""
    try:
        file.seek(offset)
    except (OSError, ValueError):
        return False
    return True

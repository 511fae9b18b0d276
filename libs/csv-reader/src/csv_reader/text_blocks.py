"""The file as blocks of whole lines of text, decoded strictly."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csv_reader.dialect import Dialect


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Whole lines, and the offset in the file of about their end (exact for one-byte characters).

    The last one may lack its line end.
    """

    text: str
    end_offset: int


class BadBytes(Exception):
    """Bytes that the encoding does not know; `text` is what stands between the blocks and them."""

    def __init__(self, text: str, offset: int, raw: bytes) -> None:
        super().__init__(text, offset, raw)
        self.text = text
        self.offset = offset
        self.raw = raw


class LineTooLong(Exception):
    """A line that does not end within the limit; `text` is as much of it as was read."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def text_blocks(
    file: BinaryIO, dialect: Dialect, block_bytes: int, max_line_chars: int
) -> Iterator[TextBlock]:
    """Yield the file's text from where it stands, a byte order mark left out.

    Lines end with LF, CR LF or CR, as the csv module sees them. Raises BadBytes, LineTooLong.
    """
    decoder = codecs.getincrementaldecoder(dialect.codec)("strict")
    mark = dialect.byte_order_mark
    block_bytes = max(block_bytes, len(mark))
    offset = file.tell()
    held = ""
    is_last = False
    while not is_last:
        block = file.read(block_bytes)
        is_last = not block
        if offset == 0 and mark and block.startswith(mark):
            offset, block = len(mark), block[len(mark) :]
        try:
            text = decoder.decode(block, is_last)
        except UnicodeDecodeError as error:
            raise _bad_bytes(error, held, offset + len(block), dialect.codec) from None
        offset += len(block)
        held += text
        cut = len(held) if is_last else _whole_lines(held)
        if cut:
            bytes_of_rest = round((len(held) - cut) * (len(block) / len(text) if text else 1))
            yield TextBlock(held[:cut], max(0, offset - bytes_of_rest))
            held = held[cut:]
        if len(held) > max_line_chars:
            raise LineTooLong(held)


def _whole_lines(text: str) -> int:
    """Return where the last whole line ends; a CR at the very end may be half of a CR LF."""
    return max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1


def _bad_bytes(error: UnicodeDecodeError, held: str, end_offset: int, codec: str) -> BadBytes:
    raw: bytes = error.object
    before = raw[: error.start].decode(codec, "replace")
    at = end_offset - len(raw) + error.start
    return BadBytes(held + before, at, raw[error.start : error.end])

"""Which encoding a file is in: a byte order mark, else valid UTF-8, else UTF-16, else a guess."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from charset_normalizer import from_bytes

from csv_reader.dialect import BYTE_ORDER_MARKS, ONE_BYTE_PAGES, TWO_BYTE_PAGES
from csv_reader.errors import CsvError

_CONTROLS: Final = bytes({*range(9), *range(14, 32)} - {0x1A, 0x1B})
_MOST_CONTROLS: Final = 0.01
_NUL_SHARE: Final = 0.2
"""Of the bytes on one side of each pair: line ends, delimiters and digits have a zero there."""
_SAMPLE_BYTES: Final = 32 * 1024
_ALONE: Final = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_ASCII_END: Final = 0x80
_MARKUP: Final = (b"<!doctype", b"<html", b"<head", b"<body", b"<table")
_REAL_TYPES: Final = {
    b"%pdf-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"<?xml": "an XML document",
    b'{"': "JSON",
    b"[{": "JSON",
    b"\x89png": "a picture",
    b"gif8": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"\x7felf": "a program",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingChoice:
    """A key of `ENCODINGS`; `is_guess` when another one could have written the same bytes."""

    name: str
    is_guess: bool


def choose_encoding(head: bytes, *, is_whole: bool) -> EncodingChoice:
    """Return the encoding of a file by its first bytes; raises CsvError NOT_TEXT.

    What comes behind the head is decoded strictly, so a head that misleads is told, not garbled.
    """
    _refuse_other_types(head)
    for name, mark in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return EncodingChoice(name=name, is_guess=False)
    wide = _utf_16_of(head, is_whole=is_whole)
    if wide is not None:
        return EncodingChoice(name=wide, is_guess=False)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(head):
        raise _not_text("The file holds bytes that no text has.")
    if _is_valid("utf-8", head, is_whole=is_whole):
        return EncodingChoice(name="utf-8", is_guess=False)
    return EncodingChoice(name=_code_page_of(head), is_guess=True)


def check_mark(head: bytes, wished: str) -> None:
    """Raises CsvError when the byte order mark proves the wished encoding wrong."""
    own = BYTE_ORDER_MARKS.get(wished, b"")
    found = next((n for n, mark in BYTE_ORDER_MARKS.items() if head.startswith(mark)), wished)
    if found != wished and not (own and head.startswith(own)):
        message = f"The file begins with the byte order mark of {found}, so it is not {wished}."
        raise CsvError("ENCODING_INVALID", f"{message} Leave the encoding out.", "byte 0")


def _refuse_other_types(head: bytes) -> None:
    start = head.removeprefix(codecs.BOM_UTF8)[:64].lstrip().lower()
    if start.startswith(_MARKUP):
        raise _not_text("The file is a web page, not a table in text.")
    for magic, what in _REAL_TYPES.items():
        if start.startswith(magic):
            raise _not_text(f"The file is {what}, not a table in text.")


def _not_text(found: str) -> CsvError:
    return CsvError("NOT_TEXT", f"{found} Open it in a spreadsheet program and save it as CSV.")


def _utf_16_of(head: bytes, *, is_whole: bool) -> str | None:
    """Return the UTF-16 that a text without a mark is in: one half of its pairs is often zero."""
    pairs = len(head) // 2
    if not pairs or b"\0" not in head:
        return None
    first, second = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    name = "utf-16-le" if second > first else "utf-16-be"
    few, many = sorted((first, second))
    fits = many >= _NUL_SHARE * pairs and few <= _MOST_CONTROLS * pairs
    return name if fits and _is_valid(name, head, is_whole=is_whole) else None


def _is_valid(codec: str, head: bytes, *, is_whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(codec)("strict").decode(head, is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _code_page_of(head: bytes) -> str:
    """Return the likeliest code page; of those that read the sample alike, the commonest."""
    sample = _telling_lines(head)
    pages = ONE_BYTE_PAGES | (TWO_BYTE_PAGES if _is_in_pairs(sample) else {})
    names = {codec: name for name, codec in pages.items()}
    best = from_bytes(sample, cp_isolation=list(names)).best()
    if best is None:
        return "windows-1252"
    alike = {best.encoding, *best.could_be_from_charset}
    return next((name for codec, name in names.items() if codec in alike), "windows-1252")


def _is_in_pairs(sample: bytes) -> bool:
    """Return whether bytes beyond ASCII stand mostly beside each other, as in two-byte pages.

    An accent of a Latin word stands alone; taken with the letter behind it, it reads as Chinese.
    """
    alone = sum(map(len, _ALONE.findall(sample)))
    return 2 * alone < sum(byte >= _ASCII_END for byte in sample)


def _telling_lines(head: bytes) -> bytes:
    """Return the lines that are not plain ASCII, as many as tell enough."""
    lines = (line for line in head.splitlines(keepends=True) if not line.isascii())
    sample = bytearray()
    for line in lines:
        sample += line
        if len(sample) >= _SAMPLE_BYTES:
            break
    return bytes(sample)

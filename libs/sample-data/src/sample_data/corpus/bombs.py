"""Small files that want a lot of memory or time: every one is made cheaply, block by block."""

from __future__ import annotations

import zipfile
import zlib
from itertools import chain, repeat
from typing import TYPE_CHECKING

from sample_data.corpus.case import Case, Fails, Refused
from sample_data.corpus.parts import (
    DECLARATION,
    HEADER,
    MAIN,
    SHEET,
    STRINGS,
    WORKBOOK,
    WORKBOOK_RELS,
    Write,
    cell,
    relationships,
    row,
    sound_parts,
    styles,
    worksheet,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MIB = 1024 * 1024
SHEET_OPEN = worksheet("@").partition("@")[0].encode()
SHEET_CLOSE = worksheet("@").partition("@")[2].encode()
STRINGS_OPEN = f'{DECLARATION}<sst xmlns="{MAIN}">'.encode()
_PLAIN_ROW = row(2, cell("A2", "1"))
_FIRST_STRING = row(2, cell("A2", "0", 't="s"'))


def noise(size: int, seed: int = 0) -> str:
    """Hexadecimal digits that deflate can do little with: a ratio of two."""
    words, state = [], 0x9E3779B9 + seed
    for _ in range(size // 8):
        state = state * 1664525 + 1013904223 & 0xFFFFFFFF
        words.append(f"{state:08x}")
    return "".join(words)


def streamed(part: str, blocks: Iterable[bytes], level: int = 1) -> Write:
    """Write a workbook, one part of it block by block."""

    def write(path: Path) -> None:
        parts = sound_parts(strings="", styles=styles(0))
        parts[SHEET] = worksheet(HEADER + (_FIRST_STRING if part == STRINGS else _PLAIN_ROW))
        del parts[part]
        if part != STRINGS:
            del parts[STRINGS]
            parts[WORKBOOK_RELS] = relationships(
                ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
            )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
            with archive.open(part, "w", force_zip64=True) as entry:
                for block in blocks:
                    entry.write(block)

    return write


class _Blocks:
    """Blocks that are made anew each time they are asked for."""

    def __init__(self, *pieces: tuple[bytes, int]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return chain.from_iterable(repeat(block, times) for block, times in self._pieces)


def _ten_gigabytes(declared: int) -> Write:
    """A sheet of 10 GB in 10 MB; the directory declares some size or other.

    One deflated megabyte, ended by a full flush, may stand behind itself any number of times.
    """

    def write(path: Path) -> None:
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        head = deflater.compress(SHEET_OPEN + HEADER.encode()) + deflater.flush(zlib.Z_FULL_FLUSH)
        block = deflater.compress(b'<row r="9"/>' + b" " * MIB) + deflater.flush(zlib.Z_FULL_FLUSH)
        content = head + block * 10_000 + b"\x03\0"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in sound_parts().items():
                if name != SHEET:
                    archive.writestr(name, part)
            entry = zipfile.ZipInfo(SHEET)
            with archive.open(entry, "w", force_zip64=True):
                pass
            at = entry.header_offset + len(entry.FileHeader(zip64=True))
            archive.fp.seek(at)  # type: ignore[union-attr]  # it is open
            archive.fp.write(content)  # type: ignore[union-attr]
            archive.start_dir = archive.fp.tell()  # type: ignore[union-attr]
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.compress_size, entry.file_size = len(content), declared

    return write


def refused(name: str, why: str, write: Write, code: str, place: str = "") -> Case:
    return Case(name=name, why=why, write=write, must=Refused(code=code, place=place))


def _fails(name: str, why: str, write: Write, code: str, place: str = "") -> Case:
    return Case(name=name, why=why, write=write, must=Fails(code=code, place=place))


CASES = (
    refused(
        "C02 200 MB of blanks",
        "a file of 201 KB",
        streamed(SHEET, _Blocks((SHEET_OPEN, 1), (b" " * MIB, 200), (SHEET_CLOSE, 1))),
        "BOMB_RATIO",
    ),
    refused(
        "C02b one cell of 100 MB",
        "a file of 101 KB",
        streamed(
            SHEET,
            _Blocks(
                (SHEET_OPEN + HEADER.encode() + b'<row r="2"><c r="A2" t="inlineStr"><is><t>', 1),
                (b"A" * MIB, 100),
                (b"</t></is></c></row>" + SHEET_CLOSE, 1),
            ),
        ),
        "CELL_TOO_LONG",
        "line 2",
    ),
    refused(
        "C02c one shared string of 100 MB",
        "a file of 101 KB",
        streamed(
            STRINGS,
            _Blocks((STRINGS_OPEN + b"<si><t>", 1), (b"A" * MIB, 100), (b"</t></si></sst>", 1)),
        ),
        "CELL_TOO_LONG",
        STRINGS,
    ),
    refused(
        "C02d a sheet of 10 GB, declared",
        "a file of 10 MB",
        _ten_gigabytes(10 * 1024 * MIB),
        "BOMB_SIZE",
    ),
    refused(
        "C02d a sheet of 10 GB, declared as 100 KB",
        "a file of 10 MB",
        _ten_gigabytes(100 * 1024),
        "BOMB_SIZE",
    ),
    refused(
        "C02d a sheet of 10 GB, declared as 1.9 GB",
        "a file of 10 MB",
        _ten_gigabytes(1_900 * MIB),
        "BOMB_RATIO",
    ),
    refused(
        "one cell of 3 MB that does not compress",
        "no ratio betrays it",
        streamed(
            SHEET,
            _Blocks(
                (SHEET_OPEN + HEADER.encode() + b'<row r="2"><c r="A2" t="inlineStr"><is><t>', 1),
                (noise(MIB).encode(), 3),
                (b"</t></is></c></row>" + SHEET_CLOSE, 1),
            ),
        ),
        "CELL_TOO_LONG",
        "line 2",
    ),
    refused(
        "one row of 40 MB of short cells",
        "more than is held at once",
        streamed(
            SHEET,
            _Blocks(
                (SHEET_OPEN + HEADER.encode() + b'<row r="2">', 1),
                (b"<c/>" * 250_000, 40),
                (b"</row>" + SHEET_CLOSE, 1),
            ),
        ),
        "CELL_REF_INVALID",
        "line 2",
    ),
    _fails(
        "one row of 400 cells of 32,000 characters",
        "12 MB in a row that is otherwise sound",
        streamed(
            SHEET,
            _Blocks(
                (SHEET_OPEN + HEADER.encode() + b'<row r="2">', 1),
                (f'<c t="inlineStr"><is><t>{noise(32_000)}</t></is></c>'.encode(), 400),
                (b"</row>" + SHEET_CLOSE, 1),
            ),
        ),
        "ROW_TOO_LONG",
        "line 2",
    ),
    refused(
        "an attribute of 60 MB",
        "a parser holds a tag until it ends",
        streamed(
            SHEET,
            _Blocks(
                (SHEET_OPEN + HEADER.encode() + b'<row r="2"><c r="A2" x="', 1),
                (noise(MIB).encode(), 60),
                (b'"/></row>' + SHEET_CLOSE, 1),
            ),
        ),
        "XML_TOKEN_TOO_LONG",
    ),
    refused(
        "a comment of 60 MB",
        "a parser holds a comment until it ends",
        streamed(
            SHEET,
            _Blocks(
                (SHEET_OPEN + HEADER.encode() + b"<!--", 1),
                (noise(MIB).encode(), 60),
                (b"-->" + SHEET_CLOSE, 1),
            ),
        ),
        "XML_TOKEN_TOO_LONG",
    ),
    refused(
        "an attribute of 60 MB in the workbook",
        "each part is guarded",
        streamed(
            WORKBOOK,
            _Blocks(
                (f'<workbook xmlns="{MAIN}" x="'.encode(), 1),
                (noise(MIB).encode(), 60),
                (b'"/>', 1),
            ),
        ),
        "XML_TOKEN_TOO_LONG",
        WORKBOOK,
    ),
    refused(
        "a comment of 60 MB in the shared strings",
        "each part is guarded",
        streamed(
            STRINGS,
            _Blocks((STRINGS_OPEN + b"<!--", 1), (noise(MIB).encode(), 60), (b"--></sst>", 1)),
        ),
        "XML_TOKEN_TOO_LONG",
        STRINGS,
    ),
)

"""Small files with a great many of something: each costs memory or time."""

from __future__ import annotations

import zipfile
from itertools import chain, repeat
from typing import TYPE_CHECKING

from sample_data.corpus.bombs import SHEET_CLOSE, SHEET_OPEN, STRINGS_OPEN, noise, refused, streamed
from sample_data.corpus.case import Accepted, Case, accepted, number
from sample_data.corpus.parts import (
    HEADER,
    MAIN,
    OFFICE,
    SHEET,
    STRINGS,
    STYLES,
    WIDE_HEADER,
    WORKBOOK,
    cell,
    inline,
    row,
    sound_parts,
    styles,
    worksheet,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def _sheet_list(path: Path) -> None:
    listed = "".join(f'<sheet name="{n:x}" sheetId="{n}" r:id="r1"/>' for n in range(1, 500_001))
    head = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    streamed(WORKBOOK, [f"{head}{listed}</sheets></workbook>".encode()])(path)


def _many_styles(path: Path) -> None:
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="0.{n}"/>' for n in range(400_000))
    used = "".join(f'<xf numFmtId="{n}"/>' for n in range(400_000))
    listed = f"<numFmts>{formats}</numFmts><cellXfs>{used}</cellXfs>"
    streamed(STYLES, [f'<styleSheet xmlns="{MAIN}">{listed}</styleSheet>'.encode()])(path)


def _bracket_formats(path: Path) -> None:
    streamed(STYLES, [styles("[" * 200_000, "&quot;" * 100_001, "\\" * 200_001).encode()])(path)


def _long_strings(path: Path) -> None:
    """3,000 texts of 32,000 characters, each used once: 96 MB of text in a 5 MB file."""
    same = noise(31_200)
    items = (f"<si><t>{noise(800, n)}{same}</t></si>".encode() for n in range(3_000))
    rows = (row(n + 2, cell(f"A{n + 2}", str(n), 't="s"')).encode() for n in range(3_000))
    _two_parts(path, items, rows)


def _one_string_everywhere(path: Path) -> None:
    """One text of 32,000 characters in 12,000 cells: 384 MB of text in a file of some KB."""
    item = f"<si><t>{noise(32_000)}</t></si>".encode()
    rows = (
        row(n, *(cell(f"{letter}{n}", "0", 't="s"') for letter in "ABCDEF")).encode()
        for n in range(2, 2_002)
    )
    _two_parts(path, [item], rows, WIDE_HEADER)


def _empty_strings(path: Path) -> None:
    """Three million texts of no character."""
    rows = [row(2, cell("A2", "2999999", 't="s"')).encode(), row(3, cell("A3", "1")).encode()]
    empty = ("<si><t/></si>", "<si><t></t></si>")
    block = "".join(empty[digit in "13579bdf"] for digit in noise(10_000))
    _two_parts(path, repeat(block.encode(), 300), rows)


def _two_parts(
    path: Path, items: Iterable[bytes], rows: Iterable[bytes], header: str = HEADER
) -> None:
    parts = sound_parts(strings="")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            if name not in {SHEET, STRINGS}:
                archive.writestr(name, content)
        with archive.open(STRINGS, "w") as entry:
            entry.write(STRINGS_OPEN)
            for item in items:
                entry.write(item)
            entry.write(b"</sst>")
        with archive.open(SHEET, "w") as entry:
            entry.write(SHEET_OPEN + header.encode())
            for line in rows:
                entry.write(line)
            entry.write(SHEET_CLOSE)


def _phantoms(path: Path) -> None:
    """200 rows, and a million formatted blanks behind them."""
    blanks = (
        b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(at, at + 10_000))
        for at in range(202, 1_000_202, 10_000)
    )
    filled = "".join(row(n, cell(f"A{n}", "7")) for n in range(2, 202))
    blocks = chain([SHEET_OPEN, (HEADER + filled).encode()], blanks, [SHEET_CLOSE])
    streamed(SHEET, blocks)(path)


def _odd_styles(path: Path) -> None:
    """100,000 cells, each with a style number of its own: no two rows are written alike."""
    rows = "".join(row(n, cell(f"A{n}", "7", f's="{n}"')) for n in range(2, 100_002))
    streamed(SHEET, [(worksheet(HEADER + rows)).encode()])(path)


def _long_attributes(path: Path) -> None:
    """2,000 cells, each with an attribute of 30,000 characters that is unlike all others."""
    same = noise(30_000)
    rows = (row(n, cell(f"A{n}", "7", f'x="{n:06}{same}"')).encode() for n in range(2, 2_002))
    streamed(SHEET, chain([SHEET_OPEN, HEADER.encode()], rows, [SHEET_CLOSE]))(path)


def _crossed_references(path: Path) -> None:
    """The second half of the rows is sound but for one in its midst."""
    filled = (row(n, inline(f"A{n}", f"value {n}")).encode() for n in range(2, 900_000))
    bad = row(900_000, cell("A900000", "#N/A", 't="e"')).encode()
    tail = (row(n, inline(f"A{n}", f"value {n}")).encode() for n in range(900_001, 900_101))
    streamed(SHEET, chain([SHEET_OPEN, HEADER.encode()], filled, [bad], tail, [SHEET_CLOSE]))(path)


CASES = (
    refused(
        "500,000 sheets in one list", "each costs memory", _sheet_list, "TOO_MANY_SHEETS", WORKBOOK
    ),
    refused("400,000 cell styles", "Excel has 65,490", _many_styles, "TOO_MANY_STYLES", STYLES),
    Case(
        name="number formats of 200,000 brackets",
        why="an expression may need a square of that",
        write=_bracket_formats,
        must=accepted({2: (number("1"),)}),
    ),
    Case(
        name="3,000 texts of 32,000 characters",
        why="none is kept for good",
        write=_long_strings,
        must=Accepted(rows=3_000),
    ),
    Case(
        name="one text of 32,000 characters in 12,000 cells",
        why="384 MB of text from a file of some KB",
        write=_one_string_everywhere,
        must=Accepted(rows=2_000),
    ),
    Case(
        name="three million empty texts",
        why="each has a place in a table",
        write=_empty_strings,
        must=accepted({3: (number("1"),)}),
    ),
    Case(
        name="200 rows and a million formatted blanks",
        why="the total is 200",
        write=_phantoms,
        must=Accepted(rows=200),
    ),
    Case(
        name="100,000 styles in 100,000 rows",
        why="nothing is learned for good",
        write=_odd_styles,
        must=Accepted(rows=100_000),
    ),
    Case(
        name="2,000 attributes of 30,000 characters",
        why="nothing is learned for good",
        write=_long_attributes,
        must=Accepted(rows=2_000),
    ),
    Case(
        name="one bad value in row 900,000",
        why="its neighbours are written",
        write=_crossed_references,
        must=Accepted(rows=900_099, errors=((900_000, "A", "EXCEL_ERROR"),)),
    ),
)

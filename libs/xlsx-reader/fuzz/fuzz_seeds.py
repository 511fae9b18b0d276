"""The inputs that fuzzing starts from, and the words it tries, all made by code."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from fuzz_input import MAIN, OFFICE, PARTS, SOUND_PARTS, Kind, header, packed

if TYPE_CHECKING:
    from pathlib import Path

_CELLS = (
    "<c@><v>1</v></c>",
    '<c@ s="1"><v>45000.25</v></c>',
    '<c@ s="4"><v>1.5</v></c>',
    '<c@ t="s"><v>0</v></c>',
    '<c@ t="s"><v>5</v></c>',
    '<c@ t="inlineStr"><is><t>text</t></is></c>',
    '<c@ t="inlineStr"><is><t xml:space="preserve"> a&amp;b_x0041_ &#65;</t></is></c>',
    '<c@ t="inlineStr"><is><r><t>rich</t></r><r><rPr><b/></rPr><t>er</t></r></is></c>',
    '<c@ t="str"><f>A1&amp;"x"</f><v>xy</v></c>',
    "<c@><f>A1</f></c>",
    '<c@><f t="shared" si="0"/><v>7</v></c>',
    '<c@ t="b"><v>1</v></c>',
    '<c@ t="e"><v>#N/A</v></c>',
    '<c@ t="d"><v>2024-02-29</v></c>',
    '<c@ s="2"/>',
    "<c@></c>",
    "<c@><v/></c>",
    "<c@><!-- note --><v>6</v></c>",
    "<c@><v><![CDATA[8]]></v></c>",
)
_WORDS = (
    '<row r="1">', "</row>", '<row r="1"/>', "<row>", '<c r="A1"', "</c>", "<c>", "<v>", "</v>",
    "<v/>", "<is>", "</is>", "<t>", "</t>", "<t/>", "<r>", "</r>", "<f>", "</f>", "<rPh>", "</rPh>",
    "<si>", "</si>", "</sst>", "</sheetData>", "<sheetData>", "</worksheet>", ' t="s"',
    ' t="inlineStr"', ' t="str"', ' t="b"', ' t="e"', ' t="d"', ' t="n"', ' s="1"', ' s="999"',
    ' r="', ' r="XFD1048576"', ' r="A0"', ' spans="1:9"', ' xml:space="preserve"', "&amp;", "&lt;",
    "&#x41;", "&#65;", "&#0;", "&#xD800;", "&#x10FFFF;", "_x0041_", "_x005F_", "_xD83D__xDE00_",
    "_x0000_", "<![CDATA[", "]]>", "<!--", "-->", "<?p ", "?>", "<!DOCTYPE a>",
    "<?xml version='1.0'",
    " encoding='utf-16'", "x:", " xmlns:x='", "<numFmt", "<xf", ' numFmtId="14"', ' formatCode="',
    "<sheet", ' state="hidden"', ' r:id="r1"', ' date1904="1"', ' Target="',
    ' TargetMode="External"',
    "../", "PK\\x03\\x04", "PK\\x01\\x02", "PK\\x05\\x06", "PK\\x06\\x06", "PK\\x06\\x07",
    "\\xff\\xff\\xff\\xff", "\\xef\\xbb\\xbf", "\\xff\\xfe", "\\x00", "\\xed\\xa0\\x80",
)  # fmt: skip


def write_seeds(folder: Path) -> None:
    for number, seed in enumerate(seeds()):
        (folder / f"seed-{number:03}").write_bytes(seed)


def write_words(path: Path) -> None:
    """Write a libFuzzer dictionary; only quotes are escaped here."""
    escaped = (word.replace('"', '\\"') for word in _WORDS)
    path.write_text("".join(f'"{word}"\n' for word in escaped))


def seeds() -> list[bytes]:
    return [*_sheet_seeds(), *_part_seeds(), *_container_seeds()]


def _sheet_seeds() -> list[bytes]:
    made = [
        header(Kind.REPEATED, block=number % 8, fast=number % 4) + _repeated(cell)
        for number, cell in enumerate(_CELLS)
    ]
    made += [
        header(Kind.ROWS, block=number % 8, fast=number % 4, small=bool(number & 1)) + _row(1, cell)
        for number, cell in enumerate(_CELLS)
    ]
    everything = "".join(
        cell.replace("@", f' r="{chr(65 + at)}#"') for at, cell in enumerate(_CELLS[:15])
    )
    made.append(header(Kind.REPEATED) + f'<row r="#" spans="1:15">{everything}</row>'.encode())
    return made + [header(Kind.SHEET) + sheet for sheet in _odd_sheets()]


def _part_seeds() -> list[bytes]:
    strings = "<si><t>a longer text that fills the memory</t></si>" * 20
    spilled = f'<sst xmlns="{MAIN}">{strings}</sst>'.encode()
    return [header(Kind.STRINGS, small=True) + spilled] + [
        header(kind, small=small, block=2) + SOUND_PARTS[part].encode()
        for kind, part in PARTS.items()
        for small in (False, True)
        if kind not in (Kind.ROWS, Kind.REPEATED)
    ]


def _container_seeds() -> list[bytes]:
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return [header(Kind.CONTAINER) + packed({}, method) for method in methods]


def _row(line: int, cell: str) -> bytes:
    placed = cell.replace("@", f' r="A{line}"')
    return f'<row r="{line}">{placed}</row>'.encode()


def _repeated(cell: str) -> bytes:
    second = cell.replace("@", ' r="B#"')
    row = f'<row r="#"><c r="A#"><v>#</v></c>{second}</row>'.encode()
    return row + b"\0" + _row(90, cell) + b'<row r="95"/>' + _row(99, _CELLS[0])


def _odd_sheets() -> list[bytes]:
    rows = _row(1, _CELLS[0]) + _row(2, _CELLS[5])
    plain = f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData>'.encode()
    ends = b'</sheetData><autoFilter ref="A1:B9"/></worksheet>'
    prefixed = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c>'
        "</x:row></x:sheetData></x:worksheet>"
    )
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + (plain + rows + ends).decode()
    return [
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n' + plain + rows + ends,
        b"\xef\xbb\xbf" + plain + rows + ends,
        prefixed.encode(),
        declared.encode("utf-16"),
        plain + rows.replace(b' r="A1"', b"").replace(b' r="1"', b"") + ends,
        f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode(),
    ]

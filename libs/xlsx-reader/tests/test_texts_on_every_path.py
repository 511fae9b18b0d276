"""Texts and encodings: what stands in the XML becomes what Excel shows, on every path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from xlsx_reader import CellTag, Tokenizer, Workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadRows = Callable[[str, Tokenizer, int], Rows]
    ReadSheet = Callable[[str | bytes, Tokenizer, int], Rows]
    PackParts = Callable[[Path, str | bytes, str], None]

PATHS = list(Tokenizer)
T = CellTag.TEXT
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
# The raw text in the XML → what the user sees.
TEXTS = {
    "plain": "plain",
    "  kept  ": "  kept  ",
    "a&amp;b &lt;c&gt; &quot;d&apos;": "a&b <c> \"d'",
    "&#10;&#x41;&#13;": "\nA\r",
    "&amp;&#13;&lt;&#13;&#10;": "&\r<\r\n",
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "&amp;lt;": "&lt;",
    "_x000D_x": "\rx",
    "_x005F_x0041_": "_x0041_",
    "&#x5F;x0041_": "A",
    "_xD83D__xDE00_": "😀",
    "a_xD800_b": "a\ufffdb",
    "_xDE00__xD83D_": "\ufffd\ufffd",
    "_x0000_": "\0",
    "_x00 _xZZZZ_": "_x00 _xZZZZ_",
    "Nguyễn 日本 😀 \u200b": "Nguyễn 日本 😀 \u200b",
    "]]&gt;>": "]]>>",
    "0012": "0012",
    "x" * 32_767: "x" * 32_767,
    "&amp;" * 8_192 + "y" * 24_575: "&" * 8_192 + "y" * 24_575,
}


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("raw", TEXTS, ids=lambda raw: raw[:20])
def test_a_text_is_what_excel_shows(read_rows: ReadRows, raw: str, tokenizer: Tokenizer) -> None:
    # Often enough for a template to take it, as an inline and as a formula's text.
    rows = "".join(
        f'<row r="{line}"><c r="A{line}" t="inlineStr"><is><t>{raw}</t></is></c>'
        f'<c r="B{line}" t="str"><v>{raw}</v></c></row>'
        for line in range(1, 41)
    )
    shown = (TEXTS[raw], T)
    found = read_rows(rows, tokenizer, 4096)
    assert found == [(line, {0: shown, 1: shown}) for line in range(1, 41)]


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("item", ["<t>{}</t>", "<r><t>{}</t></r>"], ids=["plain", "rich"])
def test_a_shared_text_is_what_excel_shows(
    pack_parts: PackParts, tmp_path: Path, item: str, tokenizer: Tokenizer
) -> None:
    items = "".join(f"<si>{item.format(raw)}</si>" for raw in TEXTS)
    rows = "".join(
        f'<row r="{line}"><c r="A{line}" t="s"><v>{line - 1}</v></c></row>'
        for line in range(1, len(TEXTS) + 1)
    )
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    pack_parts(tmp_path / "a.xlsx", sheet, f'<sst xmlns="{MAIN}">{items}</sst>')
    with Workbook.open(tmp_path / "a.xlsx", tokenizer=tokenizer) as workbook:
        shown = [text for run in workbook.runs(workbook.default_sheet()) for text in run.columns[0]]
    assert shown == list(TEXTS.values())


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8 with a byte order mark": lambda sheet: b"\xef\xbb\xbf" + sheet.encode(),
    "utf-16": lambda sheet: sheet.replace("UTF-8", "UTF-16").encode("utf-16"),
    "latin-1": lambda sheet: sheet.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "prefixed": lambda sheet: (
        sheet.replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace("xmlns=", "xmlns:x=")
        .encode()
    ),
    "strict OOXML": lambda sheet: sheet.replace(MAIN, STRICT_MAIN).encode(),
}


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_sheet_may_be_written_in_other_ways(
    read_sheet: ReadSheet, name: str, tokenizer: Tokenizer
) -> None:
    rows = "".join(
        f'<row r="{line}"><c r="B{line}" t="inlineStr"><is><t>Zoë &amp; {line}</t></is></c></row>'
        for line in range(1, 61)
    )
    sheet = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{MAIN}">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    written = ENCODINGS[name](sheet)
    expected = [(line, {1: (f"Zoë & {line}", T)}) for line in range(1, 61)]
    assert read_sheet(written, tokenizer, 4096) == expected
    assert read_sheet(written, tokenizer, 61) == expected

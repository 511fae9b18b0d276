"""What other programs write is read cell by cell; the fixtures are made by `fixtures/make/`.

The expected cells stand here as the scripts there mean them, not as our reader reads them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from xlsx_reader import CellTag, Tokenizer, Workbook

Cell = tuple[str | float | None, CellTag]

FIXTURES = Path(__file__).parent / "fixtures"
T, N, B, E = CellTag.TEXT, CellTag.NUMBER, CellTag.BOOL, CellTag.ERROR
NO_VALUE, EMPTY = CellTag.FORMULA_NO_VALUE, CellTag.EMPTY
HALF_DAY_S = 49_530 / 86_400  # 13:45:30
# Excel's day numbers of 2024-02-29 count from 1900, and from 1904 in some workbooks.
DAY_1900, DAY_1904 = 45_351, 43_889

EVERYWHERE: dict[str, Cell] = {
    "plain": ("plain", T),
    "spaces": ("  two  spaces  ", T),
    "newline": ("line 1\nline 2", T),
    "tab": ("a\tb", T),
    "unicode": ("Nguyễn 😀 日本", T),
    "markup": ("<a & 'b' \"c\">", T),
    "escape": ("_x000D_", T),
    "digits as text": ("00123", T),
    "integer": (42.0, N),
    "zero": (0.0, N),
    "negative": (-1.5, N),
    "tenth": (0.1, N),
    "fifteen digits": (123_456_789_012_345.0, N),
    "huge": (1.5e300, N),
    "tiny": (2.5e-300, N),
    "padded": ("00042", T),  # 42 in the format 00000
    "date": (DAY_1900, CellTag.DATE),
    "datetime": (DAY_1900 + HALF_DAY_S, CellTag.DATETIME),
    "time": (HALF_DAY_S, CellTag.TIME),
    "duration": (27.5 / 24, CellTag.DURATION),
    "true": ("1", B),
    "false": ("0", B),
    "rich": ("richer text", T),
    "styled only": (None, EMPTY),
}
LIKE_A_FORMULA: dict[str, Cell] = {"formula as text": ("=1+1", T)}
NOT_AVAILABLE: dict[str, Cell] = {"error": ("#N/A", E)}
WITHOUT_RESULT: dict[str, Cell] = {"formula without a result": ("", NO_VALUE)}
WITH_RESULTS: dict[str, Cell] = {
    "formula": (3.0, N),
    "formula text": ("ab", T),
    "division": ("#DIV/0!", E),
}
# These write the escape of Excel as it is, so that Excel itself shows a carriage return.
UNESCAPED: dict[str, Cell] = {"escape": ("\r", T)}

OPENPYXL = EVERYWHERE | UNESCAPED | NOT_AVAILABLE | WITHOUT_RESULT
OPENPYXL |= {
    "nineteen digits": (1.234567890123457e18, N)
}  # it writes no more of 1234567890123456789
XLSXWRITER = EVERYWHERE | LIKE_A_FORMULA | WITH_RESULTS
XLSXWRITER |= {
    "control": ("bell \x07", T),
    "formula empty text": ("", NO_VALUE),  # an empty <v> that nothing calls a text
    "after a gap": (7.0, N),
}
LIBREOFFICE = XLSXWRITER | {
    "tab": ("ab", T),  # it drops tabs and control characters on the way
    "control": ("bell ", T),
    "formula empty text": (None, EMPTY),  # calculated: the text without a character
}
EXCELJS = EVERYWHERE | LIKE_A_FORMULA | UNESCAPED | NOT_AVAILABLE | WITHOUT_RESULT | WITH_RESULTS
POI_STREAMING = {
    name: cell
    for name, cell in (EVERYWHERE | LIKE_A_FORMULA | UNESCAPED | NOT_AVAILABLE).items()
    if name != "rich"
} | {"formula without a result": (0.0, N)}  # it writes a zero
WRITTEN: dict[str, dict[str, Cell]] = {
    "openpyxl": OPENPYXL,
    "openpyxl-streaming": OPENPYXL,
    "openpyxl-1904": OPENPYXL,
    "xlsxwriter": XLSXWRITER,
    "xlsxwriter-inline": XLSXWRITER,
    "xlsxwriter-1904": XLSXWRITER,
    "libreoffice": LIBREOFFICE,
    "libreoffice-1904": LIBREOFFICE,
    "exceljs": EXCELJS,
    "exceljs-streaming": EXCELJS,
    "exceljs-1904": EXCELJS,
    "poi": EXCELJS,
    "poi-streaming": POI_STREAMING,
    "poi-1904": EXCELJS,
}
GAP = 5


def test_every_fixture_is_read() -> None:
    assert {path.stem for path in FIXTURES.glob("*.xlsx")} == set(WRITTEN)


@pytest.mark.parametrize("block_bytes", [1, 7, 997, 262_144])
@pytest.mark.parametrize("tokenizer", list(Tokenizer))
@pytest.mark.parametrize("name", WRITTEN)
def test_every_cell_of_another_program_is_what_it_wrote(
    name: str, tokenizer: Tokenizer, block_bytes: int
) -> None:
    expected = dict(WRITTEN[name])
    if name.endswith("-1904"):
        expected["date"] = (DAY_1904, CellTag.DATE)
        expected["datetime"] = (DAY_1904 + HALF_DAY_S, CellTag.DATETIME)
    found = cells_of(name, tokenizer, block_bytes)
    assert found.keys() == expected.keys()
    differing = {key: found[key] for key, cell in expected.items() if not is_same(found[key], cell)}
    assert differing == {}


def cells_of(name: str, tokenizer: Tokenizer, block_bytes: int) -> dict[str, Cell]:
    """Return column B of every row by the text in column A; rows come one after the other."""
    cells: dict[str, Cell] = {}
    path = FIXTURES / f"{name}.xlsx"
    with Workbook.open(path, tokenizer=tokenizer, block_bytes=block_bytes) as workbook:
        assert workbook.date_1904 == name.endswith("-1904")
        for run in workbook.runs(workbook.sheet_named("Cells")):
            for at, line in enumerate(run.lines):
                key = run.columns[0][at]
                assert key is not None
                assert line == len(cells) + 1 + (GAP if key == "after a gap" else 0)
                is_narrow = len(run.columns) == 1
                cells[key] = (
                    (None, EMPTY) if is_narrow else (run.columns[1][at], CellTag(run.tags[1][at]))
                )
    return cells


def is_same(found: Cell, expected: Cell) -> bool:
    (text, tag), (value, expected_tag) = found, expected
    if tag is not expected_tag:
        return False
    if isinstance(value, str) or value is None:
        return text == value
    # LibreOffice writes 15 digits, the others 16 or 17.
    return float(text or "nan") == pytest.approx(value, rel=1e-14, abs=0)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_hidden_sheet_is_not_the_one_that_is_read(name: str) -> None:
    with Workbook.open(FIXTURES / f"{name}.xlsx") as workbook:
        visible = [(sheet.name, sheet.visible) for sheet in workbook.sheets]
        # converted without a window, LibreOffice's workbook says of both that they are visible
        is_hidden = not name.startswith("libreoffice")
        assert visible == [("Hidden", not is_hidden), ("Cells", True)]
        assert workbook.default_sheet().name == ("Cells" if is_hidden else "Hidden")

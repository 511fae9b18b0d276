"""Rows that a template takes as bytes: what it does not decode is UTF-8 all the same."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

from xlsx_reader import CellTag, Tokenizer, Utf8Run, Workbook, WorkbookError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadRows = Callable[[str, Tokenizer, int], Rows]
    ReadSheet = Callable[[str | bytes, Tokenizer, int], Rows]
    Pack = Callable[[Path, str | bytes, str], None]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PATHS = list(Tokenizer)
T, N = CellTag.TEXT, CellTag.NUMBER
ROWS = 60  # a template takes those behind the first 24


def _row(line: int, a: str = "é", b: str = "b", formula: str = "", spans: str = "1:2") -> str:
    return (
        f'<row r="{line}" spans="{spans}">'
        f'<c r="A{line}" t="inlineStr"><is><t>{a}</t></is></c>'
        f'<c r="B{line}" t="str">{formula}<v>{b}</v></c></row>'
    )


def _calculated(line: int, text: str = "A1") -> str:
    return _row(line, formula=f"<f>{text}</f>")


def _sheet(rows: list[str]) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


# How the rows are, and one more that a template takes, but for bytes that are no character.
NO_UTF8: dict[str, tuple[Callable[[int], str], str]] = {
    "in a text": (_row, _row(ROWS, a="\udcff")),
    "at the end of a text": (_row, _row(ROWS, a="e\udcc3")),
    "over two texts": (_row, _row(ROWS, a="e\udcc3") + _row(ROWS + 1, a="\udca9")),
    "in the text of a formula": (_calculated, _calculated(ROWS, '"\udcff"')),
    "in an attribute of the row": (_row, _row(ROWS, spans="\udcff")),
}


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("where", NO_UTF8)
def test_bytes_that_are_no_utf8_are_refused_wherever_they_stand(
    read_sheet: ReadSheet, where: str, tokenizer: Tokenizer
) -> None:
    like, fault = NO_UTF8[where]
    rows = [*map(like, range(1, ROWS)), fault, like(ROWS + 2)]
    sheet = _sheet(rows).encode(errors="surrogateescape")
    with pytest.raises(WorkbookError) as refused:
        read_sheet(sheet, tokenizer, 4096)  # the fault is not in the block with the first rows
    assert refused.value.code == "XML_MALFORMED"
    if tokenizer in (Tokenizer.PYTHON, Tokenizer.TEMPLATE):
        assert refused.value.place == f"sheet 'S', line {ROWS}"


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("behind", [(42, 41, 43), (400, 42), (40,)])
def test_rows_out_of_order_are_refused_though_first_and_last_look_right(
    read_rows: ReadRows, behind: tuple[int, ...], tokenizer: Tokenizer
) -> None:
    rows = "".join(map(_row, (*range(1, 41), *behind)))
    with pytest.raises(WorkbookError) as refused:
        read_rows(rows, tokenizer, 262_144)
    assert refused.value.code == "ROW_ORDER"


@pytest.mark.parametrize("tokenizer", PATHS)
def test_text_between_the_rows_of_a_template_is_passed_over_as_ever(
    read_rows: ReadRows, tokenizer: Tokenizer
) -> None:
    rows = [_row(line) + ("text" if line % 10 == 0 else "") for line in range(1, 6 * ROWS)]
    found = read_rows("".join(rows), tokenizer, 4096)
    assert found == [(line, {0: ("é", T), 1: ("b", T)}) for line in range(1, 6 * ROWS)]


@pytest.mark.parametrize("tokenizer", PATHS)
def test_references_of_any_kind_in_one_column_each_mean_what_they_are(
    read_rows: ReadRows, tokenizer: Tokenizer
) -> None:
    written = ["&amp;lt;", "&lt;é&gt;", "&quot;&apos;", "_x0041_&amp;", "none"]
    shown = ["&lt;", "<é>", "\"'", "A&", "none"]
    for more, means in (([], []), (["&#x41;&amp;"], ["A&"])):
        raws, texts = written + more, shown + means
        rows = "".join(_row(line, a=raws[line % len(raws)]) for line in range(1, ROWS))
        found = read_rows(rows, tokenizer, 262_144)
        assert [cells[0] for _, cells in found] == [
            (texts[line % len(texts)], T) for line in range(1, ROWS)
        ]


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize(
    ("text", "line"), [("AT&amp&lt;T", 40), ("x&amp", ROWS), ("x&amp", 40), ("x&lt &amp;", 40)]
)
def test_a_reference_that_does_not_end_is_damage_and_named_by_its_row(
    read_rows: ReadRows, text: str, line: int, tokenizer: Tokenizer
) -> None:
    rows = [_row(at, a=text if at == line else "a&amp;b", b="b") for at in range(1, ROWS + 1)]
    with pytest.raises(WorkbookError) as refused:
        read_rows("".join(rows), tokenizer, 262_144)
    assert (refused.value.code, refused.value.place) == ("XML_MALFORMED", f"sheet 'S', line {line}")


# Two faults in one block: whatever is looked at first, the one of the earlier row is told.
TWO_FAULTS: dict[str, tuple[dict[int, str], str]] = {
    "a text, then the order": ({40: _row(40, a="&foo;"), 50: _row(7)}, "XML_MALFORMED"),
    "a text, then a row beyond all": (
        {40: _row(40, b="&;"), ROWS: _row(9_999_999)},
        "XML_MALFORMED",
    ),
    "the second column, then the first": (
        {40: _row(40, b="&foo;"), 50: _row(50, a="&#0;")},
        "XML_MALFORMED",
    ),
    "the order, then a text": ({40: _row(7), 50: _row(50, a="&foo;")}, "ROW_ORDER"),
    "a text, then a row of another kind": (
        {40: _row(40, a="&foo;"), 50: '<row r="50"><c r="C50" t="z"><v>1</v></c></row>'},
        "XML_MALFORMED",
    ),
}


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("name", TWO_FAULTS)
def test_of_two_faults_the_first_is_told_with_its_own_line(
    read_rows: ReadRows, name: str, tokenizer: Tokenizer
) -> None:
    faults, code = TWO_FAULTS[name]
    rows = [faults.get(line, _row(line)) for line in range(1, ROWS + 1)]
    with pytest.raises(WorkbookError) as refused:
        read_rows("".join(rows), tokenizer, 262_144)
    line = 7 if code == "ROW_ORDER" else 40
    assert (refused.value.code, refused.value.place) == (code, f"sheet 'S', line {line}")


def _shared(line: int, index: str, text: str = "b") -> str:
    return (
        f'<row r="{line}"><c r="A{line}" t="inlineStr"><is><t>{text}</t></is></c>'
        f'<c r="B{line}" t="s"><v>{index}</v></c></row>'
    )


@pytest.mark.parametrize("tokenizer", PATHS)
def test_a_shared_string_that_is_missing_is_told_before_a_later_fault(
    read_rows: ReadRows, tokenizer: Tokenizer
) -> None:
    rows = [_shared(line, "0") for line in range(1, ROWS)]
    rows[39], rows[49] = _shared(40, "77"), _shared(50, "0", "&foo;")
    with pytest.raises(WorkbookError) as refused:
        read_rows("".join(rows), tokenizer, 262_144)
    assert refused.value.code == "SHARED_STRING_MISSING"


@pytest.mark.parametrize("tokenizer", PATHS)
def test_damage_that_shared_strings_end_with_is_told_however_often_they_are_asked(
    pack_parts: Pack, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>alpha</t></si></sst>'
    rows = [_shared(line, "0" if line < ROWS else "77") for line in range(1, ROWS + 1)]
    book = tmp_path / "book.xlsx"
    pack_parts(book, _sheet(rows), strings)
    checksum = zlib.crc32(strings.encode())
    packed = book.read_bytes()
    book.write_bytes(packed.replace(checksum.to_bytes(4, "little"), bytes(4)))
    with (
        Workbook.open(book, tokenizer=tokenizer, block_bytes=262_144) as workbook,
        pytest.raises(WorkbookError) as refused,
    ):
        list(workbook.runs(workbook.default_sheet()))
    assert refused.value.code == "ZIP_DAMAGED"


@pytest.mark.parametrize("tokenizer", PATHS)
def test_empty_shared_texts_right_of_the_last_column_are_nothing(
    read_rows: ReadRows, tokenizer: Tokenizer
) -> None:
    rows = [
        f'<row r="{line}"><c r="A{line}"><v>{line}</v></c>'
        f'<c r="SG{line}" t="s"><v>1</v></c></row>'  # the text at 1 is empty
        for line in range(1, ROWS)
    ]
    found = read_rows("".join(rows), tokenizer, 262_144)
    assert found == [(line, {0: (str(line), N)}) for line in range(1, ROWS)]


@pytest.mark.parametrize("tokenizer", PATHS)
def test_space_blank_rows_and_odd_rows_may_stand_between_those_of_a_template(
    read_rows: ReadRows, tokenizer: Tokenizer
) -> None:
    rows: list[str] = []
    expected: Rows = []
    for line in range(1, 6 * ROWS):
        if line % 5 == 0:
            rows.append(f'<row r="{line}" spans="1:2"/>')
        elif line % 7 == 0:
            rows.append(f'<row r="{line}"><c r="C{line}"><v>{line}</v></c><c r="D{line}"/></row>')
            expected.append((line, {2: (str(line), N)}))
        else:
            rows.append(_row(line))
            expected.append((line, {0: ("é", T), 1: ("b", T)}))
    assert read_rows("\n  ".join(rows), tokenizer, 4096) == expected


@pytest.mark.parametrize("tokenizer", PATHS)
def test_rows_of_nothing_but_styles_are_blank(read_rows: ReadRows, tokenizer: Tokenizer) -> None:
    rows = [f'<row r="{line}"><c r="A{line}" s="1"/></row>' for line in range(1, 6 * ROWS)]
    rows[-1] = f'<row r="{6 * ROWS}"><c r="A{6 * ROWS}"><v>1</v></c></row>'
    assert read_rows("".join(rows), tokenizer, 4096) == [(6 * ROWS, {0: ("1", N)})]


def test_a_run_gives_the_same_texts_in_utf8_as_in_characters(
    pack_parts: Pack, tmp_path: Path
) -> None:
    shared = "<sst><si><t>&lt;ü&gt;</t></si><si><t>plain</t></si></sst>"
    rows = [
        f'<row r="{line}"><c r="A{line}" t="inlineStr"><is><t>é{line}</t></is></c>'
        f'<c r="B{line}" t="s"><v>{line % 2}</v></c>'
        + (f'<c r="C{line}"><v>{line}</v></c>' if line % 3 else "")
        + "</row>"
        for line in range(1, 3 * ROWS)
    ]
    pack_parts(tmp_path / "book.xlsx", _sheet(rows), shared.replace("<sst", f'<sst xmlns="{MAIN}"'))
    with Workbook.open(tmp_path / "book.xlsx", tokenizer=Tokenizer.PYTHON) as workbook:
        first, *runs = workbook.runs(workbook.default_sheet())
    assert not isinstance(first, Utf8Run), "the rows before the first template"
    assert runs
    for run in runs:
        assert isinstance(run, Utf8Run)
        assert run.columns[0] == [f"é{line}" for line in run.lines]
        assert run.columns[1] == ["plain" if line % 2 else "<ü>" for line in run.lines]
        assert run.columns[2] == [str(line) if line % 3 else None for line in run.lines]
        for texts, utf8 in zip(run.columns, run.utf8_columns, strict=True):
            assert [text and text.encode() for text in texts] == list(utf8)

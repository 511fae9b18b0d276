"""The compiled reader where it is installed: nobody sees a difference, whatever happens in it."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from xlsx_reader import (
    READER_NAME,
    BufferedRun,
    Limits,
    RowRun,
    SheetInfo,
    Tokenizer,
    Workbook,
    WorkbookError,
)
from xlsx_reader.compiled import Fault, native
from xlsx_reader.tokenizer import RunRoom, SheetTokenizer
from xlsx_reader.workbook import rows_behind

pytestmark = pytest.mark.skipif(
    READER_NAME != "rust",
    reason="the compiled reader is not installed (no cargo?), or SLUICE_READER=python",
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Pack = Callable[[str, str], Path]
Cells = list[tuple[int, int, str, int]]


@pytest.fixture
def packed(tmp_path: Path, pack_parts: Callable[[Path, str | bytes, str], None]) -> Pack:
    """Packs the rows of a sheet and the items of its shared strings."""

    def pack(rows: str, items: str) -> Path:
        path = tmp_path / "book.xlsx"
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        pack_parts(path, sheet, f'<sst xmlns="{MAIN}">{items}</sst>')
        return path

    return pack


def cells_of(runs: Iterable[RowRun]) -> Cells:
    return [
        (line, column, text, tags[at])
        for run in runs
        for at, line in enumerate(run.lines)
        for column, (texts, tags) in enumerate(zip(run.columns, run.tags, strict=True))
        if (text := texts[at]) is not None
    ]


def read(path: Path, tokenizer: Tokenizer, limits: Limits = Limits()) -> Cells:  # noqa: B008
    with Workbook.open(path, tokenizer=tokenizer, limits=limits, block_bytes=4096) as book:
        return cells_of(book.runs(book.default_sheet()))


def outcome(path: Path, tokenizer: Tokenizer) -> Cells | str:
    try:
        return read(path, tokenizer)
    except WorkbookError as error:
        return error.code


def rows_of(count: int, cell: Callable[[int], str]) -> str:
    return "".join(
        f'<row r="{line}"><c r="A{line}" t="s"><v>{line % 7}</v></c>{cell(line)}</row>'
        for line in range(1, count + 1)
    )


PLAIN_ITEMS = "".join(f"<si><t>text {number}</t></si>" for number in range(7))


class OneFault:
    """A tokenizer whose compiled code breaks after some pieces of the sheet."""

    def __init__(self, inner: SheetTokenizer, after: int) -> None:
        self._inner, self._left = inner, after

    def feed(self, data: bytes) -> Iterable[RowRun]:
        self._left -= 1
        if self._left < 0:
            raise Fault("planted")
        return self._inner.feed(data)

    def finish(self) -> Iterable[RowRun]:
        raise Fault("planted")


class BreakingWorkbook(Workbook):
    """A workbook in which the compiled code breaks."""

    after = 0

    def _sheet_tokenizer(self, sheet: SheetInfo, room: RunRoom | None) -> SheetTokenizer:
        inner = super()._sheet_tokenizer(sheet, room)
        return OneFault(inner, self.after) if self._is_compiled else inner


@pytest.mark.parametrize("room", [None, lambda: (70, 1_000_000)])
@pytest.mark.parametrize("after", [0, 1, 3, 1000])
def test_a_fault_of_compiled_code_is_not_seen_by_who_reads(
    packed: Pack, after: int, room: RunRoom | None
) -> None:
    path = packed(rows_of(900, lambda line: f'<c r="B{line}"><v>{line}</v></c>'), PLAIN_ITEMS)
    with BreakingWorkbook.open(path, block_bytes=4096) as book:
        book.after = after
        found = cells_of(book.runs(book.default_sheet(), room))
        assert not book._is_compiled
    assert found == read(path, Tokenizer.PYTHON)
    assert len(found) == 1800


@pytest.mark.parametrize(
    ("room", "lengths"), [((300, 10**9), [300, 300, 300]), ((10**9, 25 * 100 + 5), [100] * 9)]
)
def test_a_run_has_the_rows_that_there_is_room_for(
    packed: Pack, room: tuple[int, int], lengths: list[int]
) -> None:
    """Gathered over blocks; "text 1" counts 14, a number of three digits 11."""
    rows = rows_of(900, lambda line: f'<c r="B{line}"><v>{line % 900 + 100}</v></c>')
    with Workbook.open(packed(rows, PLAIN_ITEMS), block_bytes=4096) as book:
        runs = list(book.runs(book.default_sheet(), lambda: room))
    assert [len(run.lines) for run in runs] == lengths
    assert [line for run in runs for line in run.lines] == list(range(1, 901))


def test_rows_are_cut_behind_a_line() -> None:
    run = RowRun([2, 5, 9], [["a", None, "c"]], [b"\1\0\1"], 90)
    assert rows_behind(run, 1) == run
    assert rows_behind(run, 5) == RowRun([9], [["c"]], [b"\1"], 90)
    assert rows_behind(run, 9) is None


# What may stand in sharedStrings.xml beside plain items.
ITEMS = {
    "plain": "<si><t>x</t></si>",
    "kept space": '<si><t xml:space="preserve"> x </t></si>',
    "empty": "<si><t/></si><si><t></t></si><si/>",
    "space between": "\r\n <si><t>a</t></si>\n<si> <t>b</t> </si>",
    "rich": "<si><r><t>a</t></r><r><rPr><b/></rPr><t>b</t></r></si>",
    "phonetic": "<si><t>a</t><rPh sb='0' eb='1'><t>no</t></rPh></si>",
    "references": "<si><t>&lt;a&gt; &amp;amp; &#65;&#x1F600;</t></si>",
    "escapes": "<si><t>_x0041__x000D_ _x005F_x0041_ _xD83D__xDE00_ _xD83D_ &#95;x0041_</t></si>",
    "line ends": "<si><t>a\r\nb\rc&#13;d</t></si>",
    "CDATA": "<si><t><![CDATA[<si>]]></t></si>",
    "comment": "<!-- </si> --><si><t>a</t></si>",
    "end of CDATA": "<si><t>]]></t></si>",
    "unknown reference": "<si><t>&foo;</t></si>",
    "forbidden reference": "<si><t>&#0;</t></si>",
    "control character": "<si><t>\x01</t></si>",
    "too long": f"<si><t>{'x' * 32_768}</t></si>",
    "just not too long": f"<si><t>{'é' * 32_767}</t></si>",
    "long as it stands": f"<si><t>{'&amp;' * 32_767}</t></si>",
    "wrong nesting": "<si><t>a</si></t>",
}


@pytest.mark.parametrize("name", ITEMS)
def test_shared_strings_are_the_same_to_both_readers(packed: Pack, name: str) -> None:
    for items in (ITEMS[name] + PLAIN_ITEMS, PLAIN_ITEMS[:60] + ITEMS[name] + PLAIN_ITEMS):
        path = packed(rows_of(40, lambda line: f'<c r="B{line}" t="s"><v>0</v></c>'), items)
        assert outcome(path, Tokenizer.AUTO) == outcome(path, Tokenizer.PYTHON)


def test_strings_on_disk_are_those_in_memory(packed: Pack, tmp_path: Path) -> None:
    rnd = random.Random(3)  # noqa: S311 - a seeded generator of test data
    items = "".join(f"<si><t>{'é' * (number % 50)}{number}</t></si>" for number in range(3000))
    path = packed(
        rows_of(3000, lambda line: f'<c r="B{line}" t="s"><v>{rnd.randrange(3000)}</v></c>'), items
    )
    limits = Limits(strings_in_memory_bytes=20_000)
    (tmp_path / "spill").mkdir()
    with Workbook.open(path, limits=limits, spill_dir=str(tmp_path / "spill")) as book:
        found = cells_of(book.runs(book.default_sheet()))
        assert book.strings_are_spilled
        assert list((tmp_path / "spill").iterdir()) == []
    assert found == read(path, Tokenizer.PYTHON)


@pytest.mark.parametrize("tokenizer", [Tokenizer.AUTO, Tokenizer.PYTHON])
def test_a_folder_that_cannot_be_spilled_to_is_told_as_such(
    packed: Pack, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    path = packed(rows_of(9, lambda _: ""), PLAIN_ITEMS)
    limits, missing = Limits(strings_in_memory_bytes=20), str(tmp_path / "missing")
    with (
        pytest.raises(FileNotFoundError),
        Workbook.open(path, limits=limits, spill_dir=missing, tokenizer=tokenizer) as book,
    ):
        list(book.runs(book.default_sheet()))


def test_a_panic_in_compiled_code_is_a_fault() -> None:
    with pytest.raises(Fault):
        native.Inflater().inflate(b"", 2**63)


def test_a_run_stays_small_when_every_cell_shows_a_long_text(packed: Pack) -> None:
    path = packed(
        "".join(
            f'<row r="{line}">' + '<c t="s"><v>0</v></c>' * 10 + "</row>" for line in range(1, 201)
        ),
        f"<si><t>{'x' * 32_000}</t></si>",
    )
    with Workbook.open(path) as book:
        sizes = [
            sum(len(text or "") for column in run.columns for text in column)
            for run in book.runs(book.default_sheet())
        ]
    assert sum(sizes) == 200 * 10 * 32_000
    assert max(sizes) < 9 * 1024 * 1024


def test_the_buffers_are_the_texts(packed: Pack) -> None:
    rows = rows_of(
        300, lambda line: f'<c r="C{line}"><f>A1</f></c>' if line % 3 else f'<c r="D{line}"/>'
    )
    with Workbook.open(packed(rows, PLAIN_ITEMS)) as book:
        runs = list(book.runs(book.default_sheet()))
    for run in runs:
        assert isinstance(run, BufferedRun)
        for buffers, texts in zip(run.arrow_buffers(), run.columns, strict=True):
            offsets = struct.unpack(f"={len(texts) + 1}i", buffers.offsets)
            valid = buffers.validity or b"\xff" * len(texts)
            found = [
                buffers.text[offsets[at] : offsets[at + 1]].decode()
                if valid[at // 8] >> at % 8 & 1
                else None
                for at in range(len(texts))
            ]
            assert found == list(texts)
            assert buffers.null_count == found.count(None)


def test_python_can_be_asked_for() -> None:
    code = "import xlsx_reader; print(xlsx_reader.READER_NAME)"
    for wanted, name in (("python", "python"), ("auto", "rust")):
        env = {**os.environ, "SLUICE_READER": wanted}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == name


# A row 2 whose cells are nearly written as usual.
NEARLY_USUAL = {
    "usual": '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>b</t></is></c></row>',
    "another row's cell": '<row r="2"><c r="A3"><v>1</v></c></row>',
    "a longer row": '<row r="2"><c r="A22"><v>1</v></c></row>',
    "zeros in front": '<row r="2"><c r="A02"><v>1</v></c></row>',
    "zeros in front of both": '<row r="02"><c r="A02"><v>1</v></c><c r="B2"><v>2</v></c></row>',
    "many zeros": '<row r="000000002"><c r="A000000002"><v>1</v></c></row>',
    "no number": '<row><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>',
    "a column left out": '<row r="2"><c r="A2"><v>1</v></c><c r="C2"><v>2</v></c></row>',
    "a column twice": '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
    "small letters": '<row r="2"><c r="a2"><v>1</v></c></row>',
    "two letters": f'<row r="2">{"<c/>" * 26}<c r="AA2"><v>1</v></c><c r="AB2"><v>2</v></c></row>',
    "an empty style": '<row r="2"><c r="A2" s=""><v>1</v></c></row>',
    "a style of text": '<row r="2"><c r="A2" s="x"><v>1</v></c></row>',
    "a long style": '<row r="2"><c r="A2" s="0000000001"><v>1</v></c></row>',
    "style and kind": '<row r="2"><c r="A2" s="1" t="s"><v>3</v></c></row>',
    "kind and style": '<row r="2"><c r="A2" t="s" s="1"><v>3</v></c></row>',
    "kind twice": '<row r="2"><c r="A2" t="s" t="s"><v>3</v></c></row>',
    "style twice": '<row r="2"><c r="A2" s="1" s="1"><v>3</v></c></row>',
    "space": '<row r="2"><c r="A2" ><v>1</v></c> <c r="B2"> <v>2</v> </c></row>',
    "closed": '<row r="2"><c r="A2"/><c r="B2" s="1"/><c r="C2"><v>3</v></c></row>',
    "empty value": '<row r="2"><c r="A2"><v></v></c><c r="B2" t="b"><v></v></c></row>',
    "empty text": '<row r="2"><c r="A2" t="inlineStr"><is><t></t></is></c></row>',
    "text and phonetic": '<row r="2"><c r="A2" t="inlineStr"><is><t>a</t><rPh/></is></c></row>',
    "value and text": '<row r="2"><c r="A2"><v>1</v><is><t>a</t></is></c></row>',
    "text of a number": '<row r="2"><c r="A2"><is><t>a</t></is></c></row>',
    "value of a text": '<row r="2"><c r="A2" t="inlineStr"><v>a</v></c></row>',
    "no such bool": '<row r="2"><c r="A2" t="b"><v>2</v></c></row>',
    "no such string": '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
    "end of CDATA": '<row r="2"><c r="A2" t="inlineStr"><is><t>]]></t></is></c></row>',
    "wrong end": '<row r="2"><c r="A2"><v>1</v></d></row>',
}


@pytest.mark.parametrize("kind", NEARLY_USUAL)
def test_what_is_nearly_usual_is_read_as_everywhere(packed: Pack, kind: str) -> None:
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>'
    path = packed(row.format(1) + NEARLY_USUAL[kind] + row.format(3), PLAIN_ITEMS)
    found = outcome(path, Tokenizer.AUTO)
    assert found == outcome(path, Tokenizer.PYTHON) == outcome(path, Tokenizer.STRICT)

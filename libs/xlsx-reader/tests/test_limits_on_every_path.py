"""What is cut, padded or split because of a limit is so on every path, for any block size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sample_data.corpus import CASES
from xlsx_reader import CellTag, Tokenizer, Workbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadRows = Callable[[str, Tokenizer, int], Rows]

PATHS = list(Tokenizer)
BLOCKS = [997, 262_144]
LONGEST = 32_767
SAME_ON_EVERY_PATH = (
    "a shared string of 40,000 characters in two of three rows",
    "leading zeros by number format",
    "booleans written in four ways",
    "32,767 characters written as 7 bytes each",
    "a value right of the last header",
    "a style number of 5,000 digits",
)


@pytest.mark.parametrize("block_bytes", BLOCKS)
@pytest.mark.parametrize("tokenizer", PATHS)
def test_a_cell_that_is_too_long_is_cut_and_marked(
    read_rows: ReadRows, tokenizer: Tokenizer, block_bytes: int
) -> None:
    long = "é" * (LONGEST + 5)
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="str"><v>{long if n == 40 else n}</v></c></row>'
        for n in range(1, 60)
    )
    found = dict(read_rows(rows, tokenizer, block_bytes))
    assert found[40] == {0: (long[:LONGEST], CellTag.CELL_TOO_LONG)}
    assert found[41] == {0: ("41", CellTag.TEXT)}


@pytest.mark.parametrize("tokenizer", PATHS)
@pytest.mark.parametrize("name", SAME_ON_EVERY_PATH)
def test_a_case_of_the_corpus_has_the_same_cells_on_every_path(
    tmp_path: Path, name: str, tokenizer: Tokenizer
) -> None:
    case = next(case for case in CASES if case.name == name)
    path = tmp_path / "case.xlsx"
    case.write(path)
    read = []
    for way in (tokenizer, Tokenizer.STRICT):
        with Workbook.open(path, tokenizer=way) as workbook:
            runs = list(workbook.runs(workbook.default_sheet()))
        cells = [
            (run.lines[at], [(c[at], t[at]) for c, t in zip(run.columns, run.tags, strict=True)])
            for run in runs
            for at in range(len(run.lines))
        ]
        read.append([(line, [cell for cell in row if cell[1]]) for line, row in cells])
    assert read[0] == read[1]


@pytest.mark.parametrize("tokenizer", PATHS)
def test_runs_of_long_shared_texts_are_short(tmp_path: Path, tokenizer: Tokenizer) -> None:
    """A block of 256 KB may show ten thousand texts of 32 KB: they are never held at once."""
    case = next(c for c in CASES if c.name == "one text of 32,000 characters in 12,000 cells")
    path = tmp_path / "case.xlsx"
    case.write(path)
    lines: list[int] = []
    end_offset = 0
    with Workbook.open(path, tokenizer=tokenizer) as workbook:
        for run in workbook.runs(workbook.default_sheet()):
            texts = (text for column in run.columns for text in column)
            assert sum(len(text or "") for text in texts) < 32 * 1024 * 1024
            assert run.end_offset > end_offset
            end_offset = run.end_offset
            lines.extend(run.lines)
    assert lines == list(range(1, 2_002))

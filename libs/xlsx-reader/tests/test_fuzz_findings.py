"""What fuzzing found stays mended, and the fuzz target still sees what it is to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz_input import Kind, case_of, header
from fuzz_oracle import Broken, check, compare
from fuzz_seeds import seeds
from xlsx_reader import CellTag, Tokenizer

FOUND = sorted((Path(__file__).parent.parent / "fuzz" / "found").iterdir())
SEEDS = seeds()


@pytest.mark.parametrize("found", FOUND, ids=lambda path: path.name)
def test_a_found_input_breaks_no_rule_any_more(found: Path, tmp_path: Path) -> None:
    check(found.read_bytes(), tmp_path / "book.xlsx")


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_what_fuzzing_starts_from_breaks_no_rule(seed: bytes, tmp_path: Path) -> None:
    check(seed, tmp_path / "book.xlsx")


def test_another_cell_is_a_finding() -> None:
    cell = {(1, 0): ("1", CellTag.NUMBER)}
    with pytest.raises(Broken, match="cells differ by cell"):
        compare({0: cell}, {0: {(1, 0): ("1", CellTag.DATE)}}, Tokenizer.CELL)
    compare({0: cell}, {0: dict(cell)}, Tokenizer.CELL)


def test_a_refusal_on_one_path_alone_is_a_finding() -> None:
    with pytest.raises(Broken, match="only strict refused ROW_ORDER"):
        compare({0: "refused ROW_ORDER: x"}, {0: {}}, Tokenizer.CELL)
    with pytest.raises(Broken, match="only cell refused ROW_ORDER"):
        compare({0: {}}, {0: "refused ROW_ORDER: x"}, Tokenizer.CELL)
    compare({0: "refused ROW_ORDER: x"}, {0: "refused CELL_ORDER: y"}, Tokenizer.CELL)


def test_a_repeated_row_is_written_under_every_line() -> None:
    case = case_of(header(Kind.REPEATED) + b'<row r="#"/>\0<row r="99"/>')
    assert b'<row r="1"/>' in case.file
    assert b'<row r="60"/><row r="99"/></sheetData>' in case.file

"""The chunks of a workbook are the same, hash for hash, whichever reader runs."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from parser.adapters.sheet_child import _cuts
from parser.domain.chunk_policy import ChunkPolicy
from parser.domain.chunker import Chunker
from sample_data import generate_mixed, generate_orders
from sluice.events.rows_chunked import ChunkMeta, content_sha256, decode, encode
from xlsx_reader import READER_NAME, BufferedRun, RowRun, Tokenizer, Workbook

pytestmark = pytest.mark.skipif(
    READER_NAME != "rust",
    reason="the compiled reader is not installed (no cargo?), or SLUICE_READER=python",
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXTS = ("", "a", "x &amp; y", "é" * 30, "_x0041_", " ", "long " * 900, "\U0001f600\r\nb", "&#10;")
POLICY = ChunkPolicy(rows=97, bytes=20_000, row_bytes=30_000)


ONE_ROW = ChunkPolicy(rows=1, row_bytes=2_000)
"""Rows that are too large are chunks of their own here."""


def chunks(
    path: Path, tokenizer: Tokenizer, policy: ChunkPolicy = POLICY
) -> list[tuple[str, list[int], list[list[object]]]]:
    """The hash, the lines and the columns of each chunk, as a writer will decode them."""
    found = []
    with Workbook.open(path, tokenizer=tokenizer) as book:
        chunker = Chunker(policy)
        runs = book.runs(book.default_sheet(), chunker.room)
        for cut in _cuts(runs, 1, chunker):
            sha256 = content_sha256(cut.cells)
            rows = decode(encode(_meta(cut.chunk_no, sha256), cut.cells)).cells
            columns = [column.to_pylist() for column in rows.columns]
            found.append((sha256, rows.lines.to_pylist(), columns))
    return found


def _meta(chunk_no: int, sha256: str) -> ChunkMeta:
    return ChunkMeta(
        job_id=UUID(int=0),
        run=1,
        chunk_no=chunk_no,
        rows=1,
        first_line=1,
        last_line=1,
        covered_bytes=0,
        sha256=sha256,
        chunker_version=1,
        date_1904=False,
    )


def write_random(path: Path, seed: int) -> None:
    """A workbook of a random sheet: gaps, blank rows, rows of all widths, odd ways of writing."""
    rnd = random.Random(seed)  # noqa: S311 - a seeded generator of test data
    rows = []
    for line in range(1, rnd.choice([9, 100, 300])):
        cells = [_random_cell(rnd) for _ in range(rnd.choice([0, 1, 5, 5, 5, 30]))]
        rows.append(f'<row r="{line}">{"".join(cells)}</row>')
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    strings = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in TEXTS)
    generate_mixed(path, 1, 1, strings="shared")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _random_cell(rnd: random.Random) -> str:
    text = rnd.choice(TEXTS)
    return rnd.choice(
        [
            f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>',
            f'<c t="inlineStr"><is><r><t>{text}</t></r></is></c>',
            f'<c t="s"><v>{rnd.randrange(len(TEXTS))}</v></c>',
            f'<c t="str"><f>A1</f><v>{text}</v></c>',
            "<c><f>A1</f></c>",
            f'<c s="1"><v>{rnd.random()}</v></c>',
            '<c t="b"><v>1</v></c>',
            "<c/>",
        ]
    )


def assert_alike(path: Path, policy: ChunkPolicy = POLICY) -> None:
    compiled, python = (chunks(path, kind, policy) for kind in (Tokenizer.AUTO, Tokenizer.PYTHON))
    assert compiled == python
    assert compiled


@pytest.mark.parametrize("strings", ["inline", "shared"])
def test_orders_are_cut_alike(tmp_path: Path, strings: str) -> None:
    generate_orders(tmp_path / "a.xlsx", 900, bad_share=0.1, strings=strings)  # type: ignore[arg-type]
    assert_alike(tmp_path / "a.xlsx")


@pytest.mark.parametrize("columns", [1, 9, 60])
@pytest.mark.parametrize("strings", ["inline", "shared"])
def test_columns_of_every_type_are_cut_alike(tmp_path: Path, strings: str, columns: int) -> None:
    generate_mixed(tmp_path / "a.xlsx", 300, columns, strings=strings)  # type: ignore[arg-type]
    assert_alike(tmp_path / "a.xlsx")


@pytest.mark.parametrize("seed", range(12))
def test_any_sheet_is_cut_alike(tmp_path: Path, seed: int) -> None:
    write_random(tmp_path / "a.xlsx", seed)
    with Workbook.open(tmp_path / "a.xlsx") as book:
        assert all(isinstance(run, BufferedRun) for run in book.runs(book.default_sheet()))
    assert_alike(tmp_path / "a.xlsx")


@pytest.mark.parametrize("seed", [1, 2])
def test_marks_that_are_whole_chunks_are_alike(tmp_path: Path, seed: int) -> None:
    write_random(tmp_path / "a.xlsx", seed)
    assert_alike(tmp_path / "a.xlsx", ONE_ROW)


@pytest.mark.parametrize(
    "policy", [ChunkPolicy(rows=97), ChunkPolicy(rows=400, bytes=20_000, small_chunks=0)]
)
def test_runs_of_the_compiled_reader_become_chunks(tmp_path: Path, policy: ChunkPolicy) -> None:
    """Whether rows or bytes end them, and over the ends of blocks: so hardly anything is joined."""
    generate_orders(tmp_path / "a.xlsx", 5_000)
    chunker = Chunker(policy)
    lengths: list[int] = []
    with Workbook.open(tmp_path / "a.xlsx") as book:
        runs = _noted(book.runs(book.default_sheet(), chunker.room), lengths)
        cut = [len(cut.cells.lines) for cut in _cuts(runs, 1, chunker)]
    assert len(set(cut) & set(lengths)) > 0
    assert len(lengths) < 1.4 * len(cut)


def _noted(runs: Iterator[RowRun], lengths: list[int]) -> Iterator[RowRun]:
    for run in runs:
        lengths.append(len(run.lines))
        yield run

"""Sheets most of whose cells are empty: what Arrow writes for those counts too."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from parser.domain.chunk_policy import CHUNKER_VERSION, policy_of
from parser.domain.chunker import Chunker, Cut
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkMeta, content_sha256, encode
from xlsx_reader import RowRun

ROWS = 9_000
LARGE_FROM_THE_FIRST = replace(policy_of(CHUNKER_VERSION, None), small_chunks=0)
MOST_ENCODED = 3 * 1024 * 1024 // 2


def sparse(width: int, filled: int, kinds: tuple[CellTag, ...]) -> RowRun:
    """Every row has so many filled cells, from row to row in other columns."""
    every = width // filled
    cells: list[str | None] = [None] * (ROWS + every)
    tags = bytearray(ROWS + every)
    for number, row in enumerate(range(0, ROWS + every, every)):
        cells[row], tags[row] = str(number), kinds[number % len(kinds)]
    starts = [column % every for column in range(width)]
    columns = [cells[start : start + ROWS] for start in starts]
    kept = [bytes(tags[start : start + ROWS]) for start in starts]
    return RowRun(range(2, 2 + ROWS), columns, kept, ROWS)


def size_encoded(cut: Cut) -> int:
    meta = ChunkMeta(
        job_id=UUID(int=0),
        run=1,
        chunk_no=cut.chunk_no,
        rows=len(cut.cells.lines),
        first_line=1,
        last_line=1,
        covered_bytes=0,
        sha256=content_sha256(cut.cells),
        chunker_version=CHUNKER_VERSION,
        date_1904=False,
    )
    return len(encode(meta, cut.cells))


@pytest.mark.parametrize("kinds", [(CellTag.NUMBER,), (CellTag.NUMBER, CellTag.TEXT)])
@pytest.mark.parametrize(("width", "filled"), [(60, 10), (200, 20), (500, 1), (100, 10)])
def test_a_chunk_of_a_sparse_sheet_is_far_below_what_brokers_take(
    width: int, filled: int, kinds: tuple[CellTag, ...]
) -> None:
    chunker = Chunker(LARGE_FROM_THE_FIRST)
    cuts = [*chunker.add(sparse(width, filled, kinds)), *chunker.finish()]
    assert chunker.rows == ROWS
    assert max(map(size_encoded, cuts)) < MOST_ENCODED


def test_empty_columns_behind_the_last_filled_one_count_nothing() -> None:
    """How wide the reader took the sheet to be is not part of its content."""
    narrow, lengths = sparse(10, 10, (CellTag.TEXT,)), []
    wide = RowRun(
        narrow.lines,
        [*narrow.columns, *[[None] * ROWS] * 90],
        [*narrow.tags, *[bytes(ROWS)] * 90],
        narrow.end_offset,
    )
    for run in (narrow, wide):
        chunker = Chunker(LARGE_FROM_THE_FIRST)
        cuts = [*chunker.add(run), *chunker.finish()]
        lengths.append([len(cut.cells.lines) for cut in cuts])
    assert lengths[0] == lengths[1]

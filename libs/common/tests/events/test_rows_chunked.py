"""Chunks of rows survive their encoding, and their hash is of the content alone."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import Poison, UnknownVersion
from sluice.events import rows_chunked
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkMeta, cells_of, content_sha256, decode, encode

JOB = UUID("5f0c7a52-8a51-4b8e-9d0a-2f6f0b6d1c11")
cell = st.one_of(
    st.just((None, CellTag.EMPTY)),
    st.tuples(st.text(min_size=1), st.sampled_from([CellTag.TEXT, CellTag.NUMBER, CellTag.DATE])),
)
sheets = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=20)
)
Sheet = list[list[tuple[str | None, CellTag]]]


def cells(sheet: Sheet) -> rows_chunked.ChunkCells:
    columns = list(zip(*sheet, strict=True))
    return cells_of(
        range(2, 2 + len(sheet)),
        [[text for text, _ in column] for column in columns],
        [bytes(tag for _, tag in column) for column in columns],
    )


def meta(sha256: str = "", rows: int = 1) -> ChunkMeta:
    return ChunkMeta(
        job_id=JOB, run=1, chunk_no=3, rows=rows, first_line=2, last_line=1 + rows,
        covered_bytes=100, sha256=sha256, chunker_version=1, date_1904=False,
    )  # fmt: skip


@given(sheets)
def test_what_is_encoded_is_decoded(sheet: Sheet) -> None:
    before = cells(sheet)
    said = meta(content_sha256(before), len(sheet))
    chunk = decode(encode(said, before))
    assert chunk.meta == said
    assert chunk.cells.lines.equals(before.lines)
    assert len(chunk.cells.columns) == len(before.columns)
    for found, given_ in zip(chunk.cells.columns, before.columns, strict=True):
        assert found.equals(given_)
    assert content_sha256(chunk.cells) == said.sha256


@given(sheets, sheets)
def test_the_hash_tells_contents_apart(one: Sheet, other: Sheet) -> None:
    def without_trailing_blanks(sheet: Sheet) -> Sheet:
        while sheet[0] and all(row[-1][0] is None for row in sheet):
            sheet = [row[:-1] for row in sheet]
        return sheet

    same = without_trailing_blanks(one) == without_trailing_blanks(other)
    assert (content_sha256(cells(one)) == content_sha256(cells(other))) == same


def test_text_that_moves_to_the_next_cell_changes_the_hash() -> None:
    one = cells([[("ab", CellTag.TEXT)], [("c", CellTag.TEXT)]])
    other = cells([[("a", CellTag.TEXT)], [("bc", CellTag.TEXT)]])
    assert content_sha256(one) != content_sha256(other)


def test_a_column_of_one_kind_sends_one_tag() -> None:
    uniform = cells([[("1", CellTag.NUMBER)], [(None, CellTag.EMPTY)]])
    mixed = cells([[("1", CellTag.NUMBER)], [("x", CellTag.TEXT)]])
    assert uniform.tags == (CellTag.NUMBER,)
    assert not isinstance(mixed.tags[0], int)


@pytest.mark.parametrize("value", [b"", b"garbage", b"\xff" * 100])
def test_what_is_no_chunk_is_poison(value: bytes) -> None:
    with pytest.raises(Poison):
        decode(value)


def test_a_newer_version_waits_for_the_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = cells([[("1", CellTag.NUMBER)]])
    monkeypatch.setattr(rows_chunked, "SCHEMA_VERSION", 2)
    value = encode(meta(), sheet)
    monkeypatch.setattr(rows_chunked, "SCHEMA_VERSION", 1)
    with pytest.raises(UnknownVersion):
        decode(value)

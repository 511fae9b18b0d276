"""A sheet is cut into the same chunks however its rows arrive."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parser.domain.chunk_policy import ChunkPolicy, policy_of
from parser.domain.chunker import Chunker, Cut
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import content_sha256
from xlsx_reader import RowRun

SMALL = ChunkPolicy(rows=7, bytes=120, row_bytes=200)
Row = list[str | None]
rows_of_text = st.lists(
    st.lists(
        st.one_of(st.none(), st.text("aé\U0001f600", max_size=30)), min_size=1, max_size=4
    ).map(lambda row: [text or None for text in row]),
    max_size=60,
)


BLANK: Row = [None]
ENDED_BY_BYTES_THEN_BY_ROWS: list[Row] = [["a" * 50], ["a" * 60], *([BLANK] * 16)]
"""The first chunk ends by its bytes inside a span of rows; the next must still end by its rows."""


def run_of(rows: list[Row], first_line: int, end_offset: int) -> RowRun:
    width = max(map(len, rows))
    padded = [row + [None] * (width - len(row)) for row in rows]
    columns = list(zip(*padded, strict=True))
    tags = [bytes(CellTag.TEXT if text else CellTag.EMPTY for text in col) for col in columns]
    return RowRun(range(first_line, first_line + len(rows)), columns, tags, end_offset)


def cut(rows: list[Row], splits: list[int], policy: ChunkPolicy = SMALL) -> list[Cut]:
    """Cut rows that arrive in runs which end at `splits`; every row takes 10 bytes of sheet."""
    chunker, start = Chunker(policy), 0
    cuts: list[Cut] = []
    for stop in [*sorted(splits), len(rows)]:
        if start < stop <= len(rows):
            cuts += chunker.add(run_of(rows[start:stop], start + 2, stop * 10))
            start = stop
    return [*cuts, *chunker.finish()]


def size(row: Row) -> int:
    return sum(len(text.encode()) + 8 for text in row if text)


@example(ENDED_BY_BYTES_THEN_BY_ROWS, [], [1, 2, 3, 4, 5])
@given(rows_of_text, st.lists(st.integers(1, 60)), st.lists(st.integers(1, 60)))
def test_how_rows_arrive_is_not_visible_in_the_chunks(
    rows: list[Row], one: list[int], other: list[int]
) -> None:
    first, second = cut(rows, one), cut(rows, other)
    assert [content_sha256(c.cells) for c in first] == [content_sha256(c.cells) for c in second]
    assert [c.covered_bytes for c in first] == [c.covered_bytes for c in second]


@given(rows_of_text, st.lists(st.integers(1, 60)))
def test_no_row_is_lost_doubled_or_moved(rows: list[Row], splits: list[int]) -> None:
    cuts = cut(rows, splits)
    lines = [line for c in cuts for line in c.cells.lines.to_pylist()]
    assert lines == list(range(2, 2 + len(rows)))
    assert [c.chunk_no for c in cuts] == list(range(len(cuts)))
    assert sum(c.covered_bytes for c in cuts) == len(rows) * 10
    texts = [
        [column[k].as_py() for column in c.cells.columns]
        for c in cuts
        for k in range(len(c.cells.lines))
    ]
    for found, given_ in zip(texts, rows, strict=True):
        if size(given_) <= SMALL.row_bytes:
            assert [text for text in found if text] == [text for text in given_ if text]


@example(ENDED_BY_BYTES_THEN_BY_ROWS)
@given(rows_of_text)
def test_a_chunk_ends_at_its_rows_or_before_its_bytes(rows: list[Row]) -> None:
    for chunk in cut(rows, []):
        lines = chunk.cells.lines.to_pylist()
        assert len(lines) <= SMALL.rows
        sizes = [size(rows[line - 2]) for line in lines]
        if len(lines) > 1:
            assert sum(s if s <= SMALL.row_bytes else 8 for s in sizes) <= SMALL.bytes


def counted(rows: list[Row], policy: ChunkPolicy) -> int:
    """What rows count by the rules; a mark has one filled cell, whose text counts nothing."""
    kept = [row if size(row) <= policy.row_bytes else [""] for row in rows]
    width = max((k for row in kept for k, text in enumerate(row, 1) if text is not None), default=0)
    filled = sum(text is not None for row in kept for text in row)
    text_bytes = sum(len(text.encode()) for row in kept for text in row if text)
    return text_bytes + 8 * filled + policy.empty_bytes * (len(kept) * width - filled)


def cut_by_hand(rows: list[Row], policy: ChunkPolicy) -> list[list[int]]:
    """The rules, row by row: the lines of each chunk."""
    chunks: list[list[int]] = [[]]
    for line in range(2, 2 + len(rows)):
        lines = [*chunks[-1], line]
        is_full = len(chunks[-1]) == policy.rows_of(len(chunks) - 1)
        too_much = counted([rows[k - 2] for k in lines], policy) > policy.bytes
        if chunks[-1] and (is_full or too_much):
            chunks.append([])
        chunks[-1].append(line)
    return [chunk for chunk in chunks if chunk]


@pytest.mark.parametrize(
    "policy",
    [
        SMALL,
        ChunkPolicy(rows=7, bytes=200, row_bytes=120, small_chunks=2, small_rows=3),
        ChunkPolicy(rows=7, bytes=40, row_bytes=60, small_chunks=1, small_rows=30),
        ChunkPolicy(rows=7, bytes=60, row_bytes=60, small_chunks=0, empty_bytes=0),
    ],
)
@example(ENDED_BY_BYTES_THEN_BY_ROWS, [])
@given(rows_of_text, st.lists(st.integers(1, 60)))
def test_chunks_end_where_the_rules_say(
    policy: ChunkPolicy, rows: list[Row], splits: list[int]
) -> None:
    found = [c.cells.lines.to_pylist() for c in cut(rows, splits, policy)]
    assert found == cut_by_hand(rows, policy)


def steady_rows() -> list[Row]:
    """Short ones first, so that rows end a chunk, then long ones, so that bytes do."""
    return [
        [str(n), "é" * (n % 41), "x" * (n % 700 * (1 + n // 8000 * 2)) if n % 3 else None]
        for n in range(12_000)
    ]


@pytest.mark.parametrize(
    ("version", "most_rows", "lengths", "sha256"),
    [
        (
            1,
            None,
            [1000] * 8 + [682, 683, 680, 677, 677, 601],
            "fd813988409a0844533b9c9025a9b2bd7fbe464b2752547a08d58a43ddd7d618",
        ),
        (1, 250, [250] * 48, "5ba89437b160fb78a6e833e5f4d103926e6a07f1cce6787ac52da3a8582d8104"),
        (
            1,
            5000,
            [1880, 1685, 1827, 1710, 1186, 690, 692, 690, 688, 690, 262],
            "46266ee947bab19ca2a0d8661aac2a086a0f97031a85787a921555fb3512c729",
        ),
        (
            2,
            None,
            [1000] * 8 + [1362, 1353, 1285],
            "b1eb61e731b6d2a9dc7318e6383c95a4f44a0b20cb05832753a88717ab983efd",
        ),
    ],
)
def test_a_version_of_the_chunker_never_cuts_otherwise(
    version: int, most_rows: int | None, lengths: list[int], sha256: str
) -> None:
    """A job that was begun by an older release is read again as that one did."""
    cuts = cut(steady_rows(), [700, 2_222, 5_000], policy_of(version, most_rows))
    hashes = "".join(content_sha256(c.cells) for c in cuts)
    assert [len(c.cells.lines) for c in cuts] == lengths
    assert hashlib.sha256(hashes.encode()).hexdigest() == sha256


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="version 3"):
        policy_of(3, 1000)


def test_a_row_too_large_to_send_becomes_a_mark() -> None:
    rows: list[Row] = [["a"], ["x" * 300], ["b"]]
    cells = [c.cells for c in cut(rows, [])]
    marks = [c for c in cells if c.tags and c.tags[0] == CellTag.ROW_TOO_LARGE]
    mixed = [c for c in cells if c.tags and not isinstance(c.tags[0], int)]
    found = [c.columns[0].to_pylist() for c in cells]
    assert found == [["a", "308", "b"]]
    assert marks == []
    tags = mixed[0].tags[0]
    assert not isinstance(tags, int)
    assert tags.to_pylist() == [CellTag.TEXT, CellTag.ROW_TOO_LARGE, CellTag.TEXT]


@pytest.mark.parametrize("splits", [[], [1], [2], [3]])
def test_a_mark_that_is_a_whole_chunk_is_hashed_over_its_own_line(splits: list[int]) -> None:
    """However the runs begin, and as the first release of version 1 hashed it."""
    rows: list[Row] = [["a"], ["b"], ["x" * 800_000], ["c"]]
    mark = cut(rows, splits, policy_of(1, 1))[2].cells
    assert (mark.lines.to_pylist(), mark.columns[0].to_pylist()) == ([4], ["800008"])
    sha256 = "ef96780b668691f45bcb4be8fbf4c6567a34956d0e152ff39deca076029a13b3"
    assert content_sha256(mark) == sha256


def test_the_rows_above_the_header_are_left_out() -> None:
    rows: list[Row] = [["title"], ["id"], ["1"], ["2"]]
    chunker = Chunker(SMALL)
    cuts = [*chunker.add(run_of(rows, 1, 40), from_row=2), *chunker.finish()]
    assert [c.cells.lines.to_pylist() for c in cuts] == [[3, 4]]
    assert chunker.rows == 2

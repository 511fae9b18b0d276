"""A sheet is cut into the same chunks however its rows arrive."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from parser.domain.chunker import Chunker, ChunkPolicy, Cut
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


def test_the_rows_above_the_header_are_left_out() -> None:
    rows: list[Row] = [["title"], ["id"], ["1"], ["2"]]
    chunker = Chunker(SMALL)
    cuts = [*chunker.add(run_of(rows, 1, 40), from_row=2), *chunker.finish()]
    assert [c.cells.lines.to_pylist() for c in cuts] == [[3, 4]]
    assert chunker.rows == 2

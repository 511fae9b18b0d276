"""The writer's small decisions: what an error means, who wins a key, how counts add up."""

from __future__ import annotations

from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.writer.tests.writer_world import chunk_of

from writer.domain.conflicts import HeldKey, LostLine, first_line_wins
from writer.domain.ledger import LineOutcomes, RisingLines, chunk_of_line, entries_of
from writer.domain.prepared import by_key, repeated_lines, without_lines
from writer.domain.rejections import Rejection, first_by_chunk, within_cap
from writer.domain.repeats import RepeatPolicy, wait_s
from writer.domain.sqlstate import Meaning, meaning_of

JOB = UUID(int=1)
METAS = [
    chunk_of(JOB, 0, [2, 3, 5], [("a", None)] * 3).meta,
    chunk_of(JOB, 1, [6, 7], [("a", None)] * 2).meta,
]


def rejection(line: int, chunk_no: int, error_no: int = 0) -> Rejection:
    return Rejection(sheet_line=line, chunk_no=chunk_no, error_no=error_no, code="C", message="m")


@pytest.mark.parametrize(
    ("sqlstate", "meaning"),
    [
        ("40P01", Meaning.REPEAT),
        ("55P03", Meaning.REPEAT),
        ("57014", Meaning.REPEAT),
        ("23505", Meaning.DATA),
        ("22003", Meaning.DATA),
        ("P0001", Meaning.DATA),
        ("42P01", Meaning.CRITICAL),
        ("42501", Meaning.CRITICAL),
        ("XX000", Meaning.BUG),
        (None, Meaning.BUG),
    ],
)
def test_a_sqlstate_means_one_thing(sqlstate: str | None, meaning: Meaning) -> None:
    assert meaning_of(sqlstate) is meaning


def test_the_first_line_of_a_job_wins_and_the_table_wins_over_both() -> None:
    held = [
        HeldKey(5, JOB, 9, ("x",)),
        HeldKey(6, JOB, 2, None),
        HeldKey(7, UUID(int=2), 1, None),
        HeldKey(8, None, None, None),
    ]
    displacing, lost = first_line_wins(held, JOB)
    assert displacing == [5]
    assert lost == [
        LostLine(9, 5, 5, ("x",)),
        LostLine(6, 6, 2),
        LostLine(7, 7, None),
        LostLine(8, 8, None),
    ]


def test_counts_go_to_the_chunk_of_their_line() -> None:
    outcomes = LineOutcomes(
        inserted=[7, 2], updated=[3], skipped=[5], rejections=(rejection(6, 1), rejection(6, 1, 1))
    )
    entries = entries_of(METAS, 4, outcomes)
    counts = [(e.run, e.inserted, e.updated, e.skipped, e.failed) for e in entries]
    assert counts == [(4, 1, 1, 1, 0), (4, 1, 0, 0, 1)]


def test_a_chunk_that_does_not_add_up_is_never_committed() -> None:
    with pytest.raises(ArithmeticError, match="chunk 0 has 3 rows and accounts for 2"):
        entries_of(METAS, 1, LineOutcomes(inserted=[2, 3, 6, 7]))


@given(st.sets(st.sampled_from([2, 3, 5, 6, 7])), st.integers(0, 5))
def test_lines_that_stay_in_arrow_are_counted_like_others(lines: set[int], cut: int) -> None:
    rising = sorted(lines)
    parts = [pa.array(part, pa.int32()) for part in (rising[:cut], rising[cut:])]
    kept = RisingLines(pa.chunked_array(parts))
    assert (list(kept), kept[1:], len(kept)) == (rising, rising[1:], len(rising))
    missing = [rejection(line, 0 if line < 6 else 1) for line in (2, 3, 5, 6, 7)]
    rejections = tuple(r for r in missing if r.sheet_line not in lines)
    counted = entries_of(METAS, 1, LineOutcomes(inserted=kept, rejections=rejections))
    assert counted == entries_of(METAS, 1, LineOutcomes(inserted=rising, rejections=rejections))


def test_a_line_between_the_chunks_is_in_none() -> None:
    assert [chunk_of_line(METAS, line) for line in (2, 5, 6, 7)] == [0, 0, 1, 1]
    for line in (1, 8):
        with pytest.raises(LookupError):
            chunk_of_line(METAS, line)


def test_a_fact_names_a_line_once_and_only_the_first_lines() -> None:
    found = first_by_chunk([rejection(k, k % 2, e) for k in range(9, 0, -1) for e in (0, 1)], 2)
    assert {no: [(r.sheet_line, r.error_no) for r in rs] for no, rs in found.items()} == {
        0: [(2, 0), (4, 0)],
        1: [(1, 0), (3, 0)],
    }


@given(st.lists(st.integers(1, 3), max_size=8), st.integers(0, 12))
def test_the_cap_never_tears_a_line(errors_of_lines: list[int], room: int) -> None:
    errors = [rejection(k, 0, e) for k, n in enumerate(errors_of_lines) for e in range(n)]
    kept = within_cap(errors, room)
    assert len(kept) <= room
    for line, wanted in enumerate(errors_of_lines):
        assert sum(r.sheet_line == line for r in kept) in {0, wanted}


@given(st.lists(st.tuples(st.integers(-5, 5), st.text(max_size=2)), max_size=20))
def test_rows_are_written_by_rising_key(rows: list[tuple[int, str]]) -> None:
    table = pa.table(
        {
            "a": pa.array([a for a, _ in rows], pa.int64()),
            "b": pa.array([b for _, b in rows], pa.string()),
            "sluice_line": pa.array(range(len(rows)), pa.int32()),
        }
    )
    assert by_key(table, ["a"])["a"].to_pylist() == sorted(a for a, _ in rows)
    both = by_key(table, ["a", "b"])
    pairs = list(zip(both["a"].to_pylist(), both["b"].to_pylist(), strict=True))
    assert pairs == sorted(rows, key=lambda pair: (pair[0], pair[1].encode()))
    assert without_lines(table, [0, 2])["sluice_line"].to_pylist() == [
        k for k in range(len(rows)) if k not in {0, 2}
    ]


@given(st.lists(st.none() | st.integers(0, 4), max_size=12), st.booleans())
def test_repeated_numbers_are_told_with_the_row_that_stays(
    keys: list[int | None], keep_last: bool
) -> None:
    table = pa.table(
        {"k": pa.array(keys, pa.int64()), "sluice_line": pa.array(range(len(keys)), pa.int32())}
    )
    expected = []
    for line, key in enumerate(keys):
        same = [k for k, other in enumerate(keys) if other == key]
        kept = same[-1] if keep_last else same[0]
        if key is not None and kept != line:
            expected.append((line, kept))
    found = repeated_lines(table, ["k"], {"k": "bigint"}, keep_last=keep_last)
    assert found is not None
    assert sorted(found) == expected


def test_what_is_equal_among_texts_is_left_to_the_database() -> None:
    table = pa.table({"t": ["a", "A"], "k": [1, 1], "sluice_line": pa.array([2, 3], pa.int32())})
    types = {"t": "text", "k": "bigint"}
    assert repeated_lines(table, ["t"], types, keep_last=False) is None
    assert repeated_lines(table, ["k", "t"], types, keep_last=False) is None


@pytest.mark.parametrize(
    ("arrow_type", "own", "other"),
    [
        (pa.int64(), "integer", "numeric"),
        (pa.decimal128(12, 4), "numeric(12,4)", "numeric(12,2)"),
        (pa.date32(), "date", "timestamp without time zone"),
        (pa.timestamp("us"), "timestamp without time zone", "timestamp with time zone"),
        (pa.timestamp("us"), "timestamp without time zone", "timestamp(0) without time zone"),
    ],
)
def test_what_another_type_makes_equal_is_left_to_the_database(
    arrow_type: pa.DataType, own: str, other: str
) -> None:
    table = pa.table({"k": pa.nulls(2, arrow_type), "sluice_line": pa.array([2, 3], pa.int32())})
    assert repeated_lines(table, ["k"], {"k": own}, keep_last=False) == []
    assert repeated_lines(table, ["k"], {"k": other}, keep_last=False) is None


def test_waiting_grows_to_five_seconds() -> None:
    waits = [wait_s(RepeatPolicy(), n) for n in (1, 2, 3, 6, 60)]
    assert waits == [0.2, 0.4, 0.8, 5.0, 5.0]

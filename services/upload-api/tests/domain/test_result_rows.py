"""Where a row's cells stand in the file of rows that were not written."""

from collections.abc import Iterator

import pytest

from sluice.job_layout import JobLayout, MappedColumn
from upload_api.domain.result_rows import ResultRow, result_layout
from upload_api.domain.unprocessed_lines import DeadChunk, unprocessed_lines
from upload_api.domain.unwritten_rows import (
    NO_CELLS,
    FailedLine,
    FileRow,
    RowsUnreadable,
    failed_rows,
)


def layout(*headers: str, line_column: int | None = None) -> JobLayout:
    columns = tuple(
        MappedColumn(index=at, header=header, field=None) for at, header in enumerate(headers)
    )
    return JobLayout(
        sheet="a", header_line=1, estimated_rows=1, columns=columns, line_column=line_column
    )


def test_a_cell_right_of_all_columns_is_kept_behind_the_reason() -> None:
    """A delimiter that nobody quoted makes a row too wide: its last cell must not be lost."""
    result = result_layout(layout("a", "b"), widest=2)
    row = ResultRow(3, ("1", "2", None, "=3", ""), "why")
    assert result.cells(row) == ["1", "2", 3, "why", None, "'=3"]


def test_columns_without_a_header_keep_their_letters() -> None:
    result = result_layout(layout("a", "", "c"), widest=4)
    assert result.header() == ["a", None, "c", None, "_row", "_errors"]
    assert result.cells(ResultRow(3, ("1",), "why")) == ["1", None, None, None, 3, "why"]


def test_a_header_that_looks_like_a_formula_is_a_text_too() -> None:
    assert result_layout(layout("=a"), widest=0).header()[0] == "'=a"


@pytest.mark.parametrize(
    ("told", "line"), [("77", 77), (None, None), ("x", "x"), ("=7", "'=7"), ("\u0661", "\u0661")]
)
def test_a_corrections_row_names_the_line_of_the_root(told: str | None, line: object) -> None:
    result = result_layout(layout("a", "_row", "_errors", line_column=1), widest=5)
    assert result.header() == ["a", None, None, "_row", "_errors"]
    row = ResultRow(3, ("1", told, "old reason"), "why")
    assert result.cells(row) == ["1", None, None, line, "why"]


def test_rows_that_cannot_be_read_again_are_there_without_their_cells() -> None:
    def broken() -> Iterator[FileRow]:
        yield 2, ("healed meanwhile",)
        yield 4, ("four",)
        raise RowsUnreadable("no more")

    lines = [
        FailedLine(line=3, texts=("three",), messages=("a", "b")),
        FailedLine(line=4, texts=None, messages=("c",)),
        FailedLine(line=5, texts=None, messages=("d",)),
        FailedLine(line=6, texts=None, messages=("e",)),
    ]
    assert list(failed_rows(lines, broken(), are_guarded=False)) == [
        ResultRow(3, ("three",), "a; b"),
        ResultRow(4, ("four",), "c"),
        ResultRow(5, (), f"d {NO_CELLS}"),
        ResultRow(6, (), f"e {NO_CELLS}"),
    ]


def test_a_line_of_a_dead_chunk_says_its_reason() -> None:
    dead = [DeadChunk(first_line=5, last_line=6, code="BAD")]
    lines = unprocessed_lines(1, [(2, 4)], dead, "else")
    assert list(lines.wanted.within(1, 9)) == [(5, 2**31 - 1)]
    assert [("BAD" in lines.why(line)) for line in (4, 5, 6, 7)] == [False, True, True, False]

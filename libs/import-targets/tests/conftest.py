"""Builders of small batches, for all tests of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from import_targets import CoalescedCells, TargetColumn, TargetDefinition, coalesce, validate
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import ChunkMeta, RowsChunked, cells_of
from sluice.job_layout import JobLayout, MappedColumn

Cell = tuple[str | None, CellTag]
ChunkOf = Callable[[Sequence[Sequence[Cell]], int], RowsChunked]
Answer = Callable[[TargetColumn, Sequence[Cell], bool], list[Any]]


def _chunk(rows: Sequence[Sequence[Cell]], first_line: int = 2) -> RowsChunked:
    lines = range(first_line, first_line + len(rows))
    columns = list(zip(*rows, strict=True))
    meta = ChunkMeta(
        job_id=UUID(int=1),
        run=1,
        chunk_no=0,
        rows=len(rows),
        first_line=first_line,
        last_line=first_line + len(rows) - 1,
        covered_bytes=0,
        sha256="",
        chunker_version=1,
        date_1904=False,
    )
    texts = [[text for text, _ in column] for column in columns]
    tags = [bytes(tag for _, tag in column) for column in columns]
    return RowsChunked(meta=meta, cells=cells_of(lines, texts, tags))


def _layout(fields: Sequence[str | None]) -> JobLayout:
    columns = [MappedColumn(index=k, header=f or "?", field=f) for k, f in enumerate(fields)]
    return JobLayout(sheet="1", header_line=1, estimated_rows=1, columns=tuple(columns))


def _answers(
    column: TargetColumn,
    cells: Sequence[Cell],
    date_1904: bool = False,
) -> list[Any]:
    """Return for each cell its value, or the list of its error codes."""
    definition = TargetDefinition(name="t", kind="typed", table="t", columns=(column,))
    batch = coalesce([_chunk([[cell] for cell in cells])])
    got = validate(definition, _layout([column.name]), batch, date_1904)
    answers: list[Any] = [[] for _ in cells]
    positions = range(len(cells)) if got.good_positions is None else got.good_positions.to_pylist()
    for position, value in zip(positions, got.rows.column(column.name).to_pylist(), strict=True):
        answers[position] = value
    for error in got.errors:
        assert error.sheet_line == error.position + 2
        answers[error.position].append(error.code)
    return answers


@pytest.fixture(name="chunk", scope="session")
def _chunk_fixture() -> ChunkOf:
    return _chunk


@pytest.fixture(name="batch", scope="session")
def _batch_fixture() -> Callable[[Sequence[Sequence[Cell]]], CoalescedCells]:
    return lambda rows: coalesce([_chunk(rows)])


@pytest.fixture(name="layout", scope="session")
def _layout_fixture() -> Callable[[Sequence[str | None]], JobLayout]:
    return _layout


@pytest.fixture(name="answers", scope="session")
def _answers_fixture() -> Answer:
    return _answers

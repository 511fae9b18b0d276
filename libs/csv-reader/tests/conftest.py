from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from csv_reader import CsvFile, CsvHead, Dialect, Wish, peek

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[tuple[int, list[str | None]]]


@pytest.fixture
def head_of(tmp_path: Path) -> Callable[..., CsvHead]:
    """Return a function that looks at the head of a file of these bytes."""

    def look(content: bytes, name: str = "a.csv", **wish: str) -> CsvHead:
        path = tmp_path / "stored"
        path.write_bytes(content)
        return peek(path, name, Wish(**wish))  # type: ignore[arg-type]  # literals in each test

    return look


@pytest.fixture
def rows_of(tmp_path: Path) -> Callable[..., Rows]:
    """Return a function that reads all rows of a file of these bytes, numbered."""

    def read(content: bytes, block_bytes: int = 64, **dialect: str) -> Rows:
        path = tmp_path / "stored"
        path.write_bytes(content)
        told = {"encoding": "utf-8", "delimiter": ",", **dialect}
        return read_rows(path, Dialect(**told), block_bytes)  # type: ignore[arg-type]  # literals

    return read


def read_rows(path: Path, dialect: Dialect, block_bytes: int) -> Rows:
    """Return each row's number and cells, without the empty ones at its end."""
    rows: Rows = []
    with CsvFile(path, dialect, block_bytes=block_bytes) as file:
        for run in file.runs():
            for number, line in enumerate(run.lines):
                cells = [column[number] for column in run.columns]
                assert [bool(tags[number]) for tags in run.tags] == [bool(cell) for cell in cells]
                while cells and cells[-1] is None:
                    cells.pop()
                rows.append((line, cells))
    return rows

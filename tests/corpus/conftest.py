"""A measured reader for the whole run, and each case's file on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.corpus.measured_reader import MeasuredReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sample_data.corpus import Case


@pytest.fixture(scope="session")
def reader() -> Iterator[MeasuredReader]:
    process = MeasuredReader()
    yield process
    process.close()


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[[Case], Path]]:
    """Return a function that writes a case; the file goes at once after the test."""
    path = tmp_path / "case.xlsx"

    def write(case: Case) -> Path:
        case.write(path)
        return path

    yield write
    path.unlink(missing_ok=True)

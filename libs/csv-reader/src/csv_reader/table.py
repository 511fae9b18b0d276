"""A table is read alike, whether it is a sheet of a workbook or a text file."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csv_reader.csv_file import CsvFile
from xlsx_reader import Workbook

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from csv_reader.dialect import Dialect
    from xlsx_reader import RowRun, RunRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An open table; `size_bytes` is what the runs' `end_offset` counts up to."""

    size_bytes: int
    date_1904: bool
    runs: Iterator[RowRun]


@contextmanager
def open_table(
    path: str | os.PathLike[str],
    *,
    sheet: str,
    dialect: Dialect | None,
    spill_dir: str | None = None,
    room: RunRoom | None = None,
) -> Iterator[Table]:
    """Lend a sheet by its name, or with a dialect a text file.

    `room` is what `Workbook.runs` takes.

    Raises:
        WorkbookError, CsvError: it cannot be read; the runs raise them too.
        OSError: the file cannot be opened.
    """
    if dialect is not None:
        with CsvFile(path, dialect) as text:
            yield Table(size_bytes=text.size_bytes, date_1904=False, runs=text.runs())
        return
    with Workbook.open(path, spill_dir=spill_dir) as workbook:
        info = workbook.sheet_named(sheet)
        yield Table(
            size_bytes=info.size_bytes, date_1904=workbook.date_1904, runs=workbook.runs(info, room)
        )

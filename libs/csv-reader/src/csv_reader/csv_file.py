"""An open text file, as the parser, the upload and the program `sluice` read it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

from csv_reader.limits import Limits
from csv_reader.records import Records
from csv_reader.text_blocks import text_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from csv_reader.dialect import Dialect
    from xlsx_reader import RowRun

# 1M rows of 10 columns: 2.4 to 2.6 CPU s with 64 KiB, 256 KiB and 1 MiB alike, but the last takes
# 20 MB more memory (benchmarks/read_speed.py).
DEFAULT_BLOCK_BYTES = 256 * 1024


class CsvFile:
    """A context manager that owns the file; each call of `runs` reads it from its beginning."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        dialect: Dialect,
        *,
        limits: Limits = Limits(),  # noqa: B008  frozen
        block_bytes: int = DEFAULT_BLOCK_BYTES,
    ) -> None:
        """Open the file; raises OSError."""
        self._dialect = dialect
        self._limits = limits
        self._block_bytes = block_bytes
        self._file = Path(path).open("rb")  # noqa: SIM115 - closed by `close`
        self.size_bytes = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def runs(self) -> Iterator[RowRun]:
        """Yield the rows from the top, the header among them, in runs; raises CsvError."""
        self._file.seek(0)
        blocks = text_blocks(
            self._file, self._dialect, self._block_bytes, self._limits.max_row_chars
        )
        yield from Records(blocks, self._dialect, self._limits).runs()

"""The seam between a sheet's bytes and its rows: what splits bytes stands behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from xlsx_reader.cells import RowRun
from xlsx_reader.errors import WorkbookError, WorkbookErrorCode
from xlsx_reader.limits import Limits
from xlsx_reader.number_formats import NumberStyles

# Of shared texts in one run: a cell of 26 bytes may show a text of 32 KB.
MOST_RUN_BYTES = 8 * 1024 * 1024


class Tokenizer(StrEnum):
    """Which path reads the rows: AUTO is the fastest one here, the others are for tests.

    AUTO is compiled code where it is installed, else PYTHON, which picks by what it sees.
    """

    AUTO = "auto"
    PYTHON = "python"
    TEMPLATE = "template"
    CELL = "cell"
    STRICT = "strict"


class TextsTooLarge(Exception):
    """The texts asked for are more than should be held at once: ask for fewer."""


class StringTable(Protocol):
    """The workbook's shared strings by index."""

    @property
    def may_hold_empty(self) -> bool: ...

    @property
    def longest(self) -> int:
        """The most bytes that a text read so far takes."""
        ...

    def text(self, index: int) -> str: ...

    def texts(self, indexes: Iterable[bytes], most_bytes: int) -> list[bytes]:
        """The texts in UTF-8 at many indexes; raises TextsTooLarge, before any is decoded."""
        ...


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What a tokenizer has to know about the workbook around its sheet."""

    sheet_name: str
    strings: StringTable
    styles: NumberStyles
    limits: Limits

    def place(self, line: int | None = None, column: str | None = None) -> str:
        parts = [f"sheet {self.sheet_name!r}"]
        if line is not None:
            parts.append(f"line {line}")
        if column is not None:
            parts.append(f"column {column}")
        return ", ".join(parts)

    def error(
        self,
        code: WorkbookErrorCode,
        message: str,
        line: int | None = None,
        column: str | None = None,
    ) -> WorkbookError:
        return WorkbookError(code, message, self.place(line, column))


RunRoom: TypeAlias = Callable[[], tuple[int, int]]
"""How many rows the run that begins now should have at most, and how many bytes: those of its text
and 8 for each filled cell. A wish: who cannot gather rows over regions gives runs of any size."""


class RegionRows(Protocol):
    """Takes regions of whole rows, one after the other."""

    @property
    def last_line(self) -> int: ...

    def runs(self, region: bytes, end_offset: int) -> Iterable[RowRun]: ...

    def rest(self, end_offset: int) -> Iterable[RowRun]:
        """The rows that are held; the last of them ends at `end_offset` of the part."""
        ...


class SheetTokenizer(Protocol):
    """Takes the inflated sheet part in pieces of any size and gives back its rows.

    Every implementation gives the same cells, lines and tags; only where runs end may differ.
    """

    def feed(self, data: bytes) -> Iterable[RowRun]: ...

    def finish(self) -> Iterable[RowRun]: ...

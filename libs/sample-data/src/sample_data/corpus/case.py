"""One workbook of the corpus: what is wrong with it, how it is made, and what must happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Cell: TypeAlias = "tuple[str, str] | None"
"""The name of a cell's tag and its text; None for a cell that is empty."""
Rows: TypeAlias = "dict[int, tuple[Cell, ...]]"
"""Data rows by sheet line, from column A to the last filled cell."""
RowFault: TypeAlias = "tuple[int, str, str]"
"""Sheet line, column letter and code of one row error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The upload is answered with this status and code, and nothing of it is kept.

    `reader_code` is what the reader says of a file that the upload refuses by itself; "" where the
    reader can read it, and only its header cannot be used.
    """

    code: str
    status: int = 422
    place: str = ""
    reader_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fails:
    """The upload is accepted, since its head is sound; the job fails with this code."""

    code: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The job ends by itself: so many data rows, of which those with an error are rejected.

    `cells` are all data rows, cell by cell; None where there are too many to list.
    """

    rows: int
    cells: Rows | None = None
    errors: tuple[RowFault, ...] = ()


Verdict: TypeAlias = "Refused | Fails | Accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file, why it is in the corpus and what must become of it; the target is `records`."""

    name: str
    why: str
    write: Callable[[Path], None]
    must: Verdict
    sheet: str | None = None
    target: str = "records"


def accepted(cells: Rows, *errors: RowFault) -> Accepted:
    """The verdict on a workbook whose data rows are all listed."""
    return Accepted(rows=len(cells), cells=cells, errors=errors)


def text(value: str) -> Cell:
    return ("TEXT", value)


def number(value: str) -> Cell:
    return ("NUMBER", value)

"""Who wins a key: a function of the file and of what was in the table, never of who was faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from writer.domain.rejections import DUPLICATE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

UNTOLD = "the table did not take the row: a trigger left it out, or an index has its values"


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A line of ours whose key a row of the table has, and whose row that is."""

    sheet_line: int
    holder_job: UUID | None
    holder_line: int | None
    holder_texts: tuple[str | None, ...] | None
    """The row's values where it is a later line of our own job."""


@dataclass(frozen=True, slots=True)
class LostLine:
    """A line that does not get its key, and who has it: a line of the file, or the table."""

    sheet_line: int
    found_by: int
    """The line in whose chunk the loss is counted."""
    other_line: int | None
    texts: tuple[str | None, ...] | None = None
    """Of a row that was in the table and is not any more."""
    is_untold: bool = False
    """The table did not take it, and nobody is found who has its key."""


def first_line_wins(held: Iterable[HeldKey], job_id: UUID) -> tuple[list[int], list[LostLine]]:
    """Return the lines that take the place of a later line of their own job, and all that lose.

    Whoever displaces counts nothing for itself: its insert stands in the other line's entry.
    """
    displacing, lost = [], []
    for key in held:
        line, other = key.sheet_line, key.holder_line
        if key.holder_job != job_id or other is None:
            lost.append(LostLine(line, line, None))
        elif other < line:
            lost.append(LostLine(line, line, other))
        else:
            displacing.append(line)
            lost.append(LostLine(other, line, line, key.holder_texts))
    return displacing, lost


def duplicate_message(key: tuple[str, ...], other: str | None, *, is_later: bool = False) -> str:
    """Return what people read of a line that lost its key to another, or to the table.

    `is_later`: the other is below it and was written before it, which only upserts let stand.
    """
    name = ", ".join(key)
    if other is None:
        return f"{name}: already in the table"
    if is_later:
        return f"{name}: also on {other}, which was written first"
    return f"{name}: also on {other}, and the first of them is kept"


def refusal_code(sqlstate: str | None) -> str:
    """Return the stable code of a row that the database alone could refuse."""
    exact = {
        "23502": "REQUIRED",
        "23503": "UNKNOWN_REFERENCE",
        "23505": DUPLICATE_KEY,
        "23514": "CHECK_FAILED",
        "23P01": "CONFLICTING_ROW",
    }
    return exact.get(sqlstate or "", "REFUSED_BY_DATABASE")

"""How columns of a sheet are named to people: by their letter, and by their header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.job_layout import column_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER_CHARACTERS = 60


def named(index: int, header: str) -> str:
    """Return a column's letter and, unless it is blank, its header: `E ('Qty')`."""
    text = header.strip()
    if not text:
        return column_letter(index)
    shown = text if len(text) <= _HEADER_CHARACTERS else f"{text[:_HEADER_CHARACTERS]}…"
    return f"{column_letter(index)} ('{shown}')"


def and_joined(texts: Sequence[str]) -> str:
    """Return `A`, `A and B`, or `A, B and C`."""
    return f"{', '.join(texts[:-1])} and {texts[-1]}" if len(texts) > 1 else "".join(texts)


def columns_told(headers: Sequence[tuple[int, str]], most: int) -> str:
    """Return the columns with a header by letter and header, so many at most."""
    told = [named(index, header) for index, header in headers if header.strip()]
    if len(told) > most:
        told = [*told[:most], f"{len(told) - most} more"]
    noun = "the column" if len(told) == 1 else "the columns"
    return f"{noun} {and_joined(told)}" if told else "no headers"

"""Where a fault stands: as the row that a spreadsheet program shows and the line of an editor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csv_reader.dialect import Dialect


class Within(Enum):
    """What a place is inside of."""

    CELL_START = auto()
    PLAIN_CELL = auto()
    QUOTED_CELL = auto()
    BEHIND_QUOTE = auto()
    STRAY_TEXT = auto()
    """Behind a closing quote, where only a delimiter or a line end may be: the walk ends."""


@dataclass(slots=True)
class Place:
    """A place in a text, counted from where the walk began; columns from 0."""

    row: int = 0
    line: int = 0
    column: int = 0
    within: Within = Within.CELL_START
    cell_line: int = 0
    """The line on which the cell begins."""


def walk(text: str, dialect: Dialect, to_row: int | None = None) -> Place:
    """Walk over a text that begins with a row, to its end or to text behind a closing quote.

    Slow, and only for what is refused; `to_row` stops at the beginning of that row.
    """
    place = Place()
    special = re.escape(dialect.quote + dialect.delimiter)
    token = re.compile(f"[^\r\n{special}]+|\r\n|.", re.DOTALL)
    at, size = 0, len(text)
    while at < size and place.row != to_row:
        if place.within is Within.QUOTED_CELL:
            end = text.find(dialect.quote, at)
            place.line += _line_ends(text[at : end if end >= 0 else size])
            if end < 0:
                break
            place.within, at = Within.BEHIND_QUOTE, end + 1
            continue
        found = token.match(text, at)
        characters = found[0] if found else ""
        at += len(characters)
        if characters[0] in "\r\n":
            place.row, place.line = place.row + 1, place.line + 1
            place.column, place.within, place.cell_line = 0, Within.CELL_START, place.line
        elif not _step(place, characters, dialect):
            break
    return place


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _step(place: Place, characters: str, dialect: Dialect) -> bool:
    """Take what stands outside of quotes; False when it cannot stand there."""
    if characters == dialect.delimiter:
        place.column += 1
        place.within, place.cell_line = Within.CELL_START, place.line
    elif place.within is Within.BEHIND_QUOTE:
        is_doubled = characters == dialect.quote
        place.within = Within.QUOTED_CELL if is_doubled else Within.STRAY_TEXT
        return is_doubled
    elif place.within is Within.CELL_START:
        is_quote = characters == dialect.quote
        place.within = Within.QUOTED_CELL if is_quote else Within.PLAIN_CELL
    return True


def spelled(row: int, line: int, column: int | None = None) -> str:
    """Return a place in words; the line is left out where it is the row's own number."""
    words = f"row {row:,}" if row == line else f"row {row:,}, line {line:,} of the file"
    return words if column is None else f"{words}, column {letter_of(column)}"


def letter_of(column: int) -> str:
    """Return the spreadsheet's name of a 0-based column."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

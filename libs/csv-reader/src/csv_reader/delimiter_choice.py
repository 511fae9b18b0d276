"""Which delimiter a file uses: the one by which most rows are as wide as the header."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from typing import Final

from csv_reader.dialect import DELIMITER_NAMES, DecimalMark
from csv_reader.errors import CsvError

HEAD_ROWS: Final = 100
_SEP_LINE: Final = re.compile(r'\A"?sep=([^\w\s"]|\t)"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
# In ASCII digits: a cell in those of another script is no number to the parser either.
_COMMA_FRACTION: Final = re.compile(
    r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),(?:\d{1,2}|\d{4,})", re.ASCII
)
_POINT_FRACTION: Final = re.compile(
    r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)\.(?:\d{1,2}|\d{4,})", re.ASCII
)

Rows = list[list[str]]


def sep_line(text: str) -> tuple[str, int] | None:
    """Return the delimiter of Excel's `sep=;` in a file's first line, and that line's length."""
    found = _SEP_LINE.match(text)
    return (found[1], found.end()) if found else None


def choose_delimiter(text: str, file_name: str, quote: str = '"') -> str:
    """Return the delimiter of a text that begins with the header; raises CsvError.

    A candidate must split the header. Of those, the one wins by which most of the first rows have
    the header's width, and quotes in pairs (a wrong one cuts through quoted cells). Two that fit
    equally well are refused, for a wrong one reads as well as the right one. A header that nothing
    splits has one column.
    """
    shares = {}
    for delimiter in DELIMITER_NAMES:
        rows = head_rows(text, delimiter, quote)
        if rows and len(rows[0]) > 1:
            fits = (_fits(row, len(rows[0]), quote) for row in rows)
            shares[delimiter] = sum(fits) / len(rows)
    if not shares:
        return "\t" if file_name.lower().endswith((".tsv", ".tab")) else ","
    best = max(shares.values())
    fitting = [delimiter for delimiter, share in shares.items() if share == best]
    if len(fitting) > 1:
        names = " and by ".join(f"{DELIMITER_NAMES[delimiter]}s" for delimiter in fitting)
        message = (
            f"The rows can be split by {names} equally well. "
            "Say which is meant: upload with the field delimiter."
        )
        raise CsvError("DELIMITER_AMBIGUOUS", message, "the first rows")
    return fitting[0]


def _fits(row: list[str], width: int, quote: str) -> bool:
    return len(row) == width and not any(cell.count(quote) % 2 for cell in row)


def choose_decimal(rows: Rows) -> DecimalMark:
    """Return the decimal mark: a comma only when numbers of the head show it and none a point.

    `12,5` and `1.234,50` show a comma; `1,234` shows nothing, for it may be a thousand.
    """
    cells = [cell.strip() for row in rows for cell in row if cell]
    comma = any(_COMMA_FRACTION.fullmatch(cell) for cell in cells)
    point = any(_POINT_FRACTION.fullmatch(cell) for cell in cells)
    return "," if comma and not point else "."


def head_rows(text: str, delimiter: str, quote: str) -> Rows:
    """Return the first rows that are not blank, read leniently: faults are told by the reader."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    try:
        rows = list(islice((row for row in reader if any(row)), HEAD_ROWS))
    except csv.Error:  # a cell above the module's limit
        return []
    return rows

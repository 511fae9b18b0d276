"""What a text file can be refused for: one exception with a stable code."""

from __future__ import annotations

from typing import Literal

CsvErrorCode = Literal[
    "DELIMITER_AMBIGUOUS",  # two delimiters split the head equally well
    "ENCODING_INVALID",  # bytes that the encoding does not know
    "NOT_TEXT",  # a picture, a PDF, HTML, JSON, …
    "QUOTE_INVALID",  # text behind a closing quote
    "QUOTE_UNCLOSED",  # a quoted cell that does not end
    "ROW_TOO_LONG",  # one row is larger than what is held at once
    "TOO_MANY_COLUMNS",
    "TOO_MANY_ROWS",
]


class CsvError(Exception):
    """The file cannot be read: a stable code, the place of the fault and what to do."""

    def __init__(self, code: CsvErrorCode, message: str, place: str = "") -> None:
        super().__init__(code, message, place)
        self.code: CsvErrorCode = code
        self.message = message
        self.place = place

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.code}: {self.message}{where}"

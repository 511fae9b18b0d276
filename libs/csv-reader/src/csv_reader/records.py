"""Rows of a text, by the standard library's csv module, in runs by column.

A row's number is that of the record, blank ones counted: it is what Excel and LibreOffice show
beside the row when they open the file, and differs from the line of a text editor behind a cell
with a line break. Messages about the file itself name both.
"""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, NoReturn

from csv_reader.delimiter_choice import sep_line
from csv_reader.errors import CsvError
from csv_reader.fault_place import Place, Within, spelled, walk
from csv_reader.run_columns import run_of
from csv_reader.text_blocks import BadBytes, LineTooLong, TextBlock

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterator

    from csv_reader.dialect import Dialect
    from csv_reader.limits import Limits
    from xlsx_reader import RowRun

RUN_ROWS = 1024
"""A run is also ended by its block, so that what is held is bounded whatever the rows' size."""


class Records:
    """One reading of a text from its first block on; keeps the text of the run it is about."""

    def __init__(self, blocks: Iterator[TextBlock], dialect: Dialect, limits: Limits) -> None:
        self._blocks = blocks
        self._dialect = dialect
        self._limits = limits
        self._sep_lines = 0
        self._rows = self._lines = 0
        """Rows and lines in front of the held text; a `sep=` line is a line, but no row."""
        self._held: list[str] = []
        self._text = ""
        self._current = io.StringIO()
        self._block_no = 0
        self._block_begin = self._block_end = 0
        self._rows_when_asked = -1
        self._open_chars = 0
        """Of the row that is being read: the blocks in which no row ended."""

    def runs(self) -> Iterator[RowRun]:
        """Yield the rows that are not blank; raises CsvError."""
        # The module's own limit must not be in the way of ours; it is one for the whole process
        csv.field_size_limit(max(csv.field_size_limit(), 4 * self._limits.max_row_chars))
        reader = csv.reader(
            chain.from_iterable(self._lines_of_blocks()),
            delimiter=self._dialect.delimiter,
            quotechar=self._dialect.quote,
            strict=True,
        )
        try:
            yield from self._collected(reader)
        except csv.Error:
            self._refuse_quote("")
        except BadBytes as bad:
            self._refuse_bytes(bad)
        except LineTooLong as long:
            self._refuse_length(long.text)

    def _collected(self, reader: Reader) -> Iterator[RowRun]:
        rows: list[list[str]] = []
        block_no = 1
        for row in reader:
            rows.append(row)
            if len(rows) >= RUN_ROWS or self._block_no != block_no:
                yield from self._end_run(rows, reader.line_num)
                rows, block_no = [], self._block_no
        if rows:
            yield from self._end_run(rows, reader.line_num)

    def _lines_of_blocks(self) -> Iterator[io.StringIO]:
        for block in self._blocks:
            text = block.text
            if self._block_no == 0 and (found := sep_line(text)) is not None:
                text = text[found[1] :]
                self._sep_lines = self._lines = 1
            self._watch_open_row()
            self._text = text
            self._held.append(text)
            self._block_begin, self._block_end = self._block_end, block.end_offset
            self._current = io.StringIO(text, newline="")
            self._block_no += 1
            yield self._current

    def _watch_open_row(self) -> None:
        """Refuse a row that goes on through too many blocks."""
        if self._rows == self._rows_when_asked:
            self._open_chars += len(self._text)
            if self._open_chars > self._limits.max_row_chars:
                self._refuse_length("")
        else:
            self._open_chars = 0
        self._rows_when_asked = self._rows

    def _end_run(self, rows: list[list[str]], lines: int) -> Iterator[RowRun]:
        """Turn rows into a run, and forget their text."""
        self._check_size(rows)
        at = self._current.tell()
        run = run_of(rows, self._rows + 1, self._offset_at(at))
        self._rows += len(rows)
        self._lines = self._sep_lines + lines
        self._held = [self._text[at:]]
        if run is not None:
            yield run

    def _offset_at(self, position: int) -> int:
        """Return the offset in the file of a position in the block, as if bytes were even."""
        begin, end = self._block_begin, self._block_end
        return begin + (end - begin) * position // max(1, len(self._text))

    def _check_size(self, rows: list[list[str]]) -> None:
        if self._rows + len(rows) > self._limits.max_rows:
            message = f"The file has more than {self._limits.max_rows:,} rows. Split it."
            raise CsvError("TOO_MANY_ROWS", message, f"row {self._limits.max_rows + 1:,}")
        most = self._limits.max_columns
        if max(map(len, rows)) <= most:
            return
        for number, row in enumerate(rows):
            while row and not row[-1]:
                row.pop()
            if len(row) > most:
                place = walk("".join(self._held), self._dialect, to_row=number)
                message = f"The row has {len(row):,} cells; at most {most} can be read."
                where = spelled(self._rows + number + 1, self._lines + place.line + 1)
                raise CsvError("TOO_MANY_COLUMNS", message, where)

    def _refuse_quote(self, more: str) -> NoReturn:
        place = walk("".join(self._held) + more, self._dialect)
        if place.within is Within.QUOTED_CELL:
            message = (
                "The quoted cell that begins here does not end. Write a closing quote, "
                "or double the quote if it belongs to the text."
            )
            raise CsvError("QUOTE_UNCLOSED", message, self._spelled(place, place.cell_line))
        message = (
            "Text stands behind the closing quote of a cell. "
            'Double each quote that belongs to the text, as in "a 3"" pipe".'
        )
        raise CsvError("QUOTE_INVALID", message, self._spelled(place, place.line))

    def _refuse_length(self, more: str) -> NoReturn:
        place = walk("".join(self._held) + more, self._dialect)
        if place.within in {Within.QUOTED_CELL, Within.STRAY_TEXT}:
            self._refuse_quote(more)
        most = self._limits.max_row_chars
        message = f"The row is longer than {most:,} characters. Are its line ends missing?"
        raise CsvError("ROW_TOO_LONG", message, self._spelled(place))

    def _refuse_bytes(self, bad: BadBytes) -> NoReturn:
        place = walk("".join(self._held) + bad.text, self._dialect)
        found = " ".join(f"{byte:02X}" for byte in bad.raw)
        message = (
            f"The bytes {found} are no {self._dialect.encoding} text. "
            "Save the file as UTF-8, or upload it with the field encoding."
        )
        where = f"{self._spelled(place)}, byte {bad.offset:,}"
        raise CsvError("ENCODING_INVALID", message, where)

    def _spelled(self, place: Place, line: int | None = None) -> str:
        return spelled(
            self._rows + place.row + 1,
            self._lines + (place.line if line is None else line) + 1,
            place.column,
        )

"""Look at the head of a text only: how it is to be read, its first rows, about how many more."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from csv_reader.csv_file import CsvFile
from csv_reader.delimiter_choice import choose_decimal, choose_delimiter, head_rows, sep_line
from csv_reader.dialect import Dialect, Wish
from csv_reader.encoding_choice import EncodingChoice, check_mark, choose_encoding
from csv_reader.limits import MIB, Limits
from xlsx_reader import CellTag, HeadRow, SheetHead, SheetInfo

if TYPE_CHECKING:
    import os

    from xlsx_reader import RowRun

_HEAD_BYTES: Final = MIB
_CHOICE_CHARS: Final = 64 * 1024
"""The delimiter is chosen by the first 100 rows, or those of them in so many characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvHead:
    """The dialect that was chosen and the head read with it, in the shape of a sheet's head.

    The sheet has no name and no part: a text holds one table.
    """

    dialect: Dialect
    encoding_is_guess: bool
    sheet: SheetHead


def peek(
    path: str | os.PathLike[str],
    file_name: str,
    wish: Wish = Wish(),  # noqa: B008  frozen
    max_rows: int = 20,
    limits: Limits = Limits(),  # noqa: B008  frozen
) -> CsvHead:
    """Read about the first 1 MiB; `file_name` is the name that the user knows it by.

    Raises CsvError for what is no text, cannot be told or cannot be read.
    """
    with Path(path).open("rb") as file:
        head = file.read(_HEAD_BYTES)
        is_whole = not file.read(1)
    encoding = _encoding_of(head, wish, is_whole=is_whole)
    dialect = _dialect_of(head, file_name, wish, encoding.name, is_whole=is_whole)
    with CsvFile(path, dialect, limits=limits) as text:
        sheet = _sheet_head(text, max_rows)
    return CsvHead(dialect=dialect, encoding_is_guess=encoding.is_guess, sheet=sheet)


def _encoding_of(head: bytes, wish: Wish, *, is_whole: bool) -> EncodingChoice:
    if wish.encoding is None:
        return choose_encoding(head, is_whole=is_whole)
    check_mark(head, wish.encoding)
    return EncodingChoice(name=wish.encoding, is_guess=False)


def _dialect_of(
    head: bytes, file_name: str, wish: Wish, encoding: str, *, is_whole: bool
) -> Dialect:
    found = Dialect(encoding=encoding, delimiter=wish.delimiter or ",")
    decoder = codecs.getincrementaldecoder(found.codec)("replace")
    text = decoder.decode(head.removeprefix(found.byte_order_mark))[:_CHOICE_CHARS]
    sep = sep_line(text)
    if sep is not None:
        text = text[sep[1] :]
    if not is_whole or len(text) == _CHOICE_CHARS:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    delimiter = wish.delimiter or (sep[0] if sep else choose_delimiter(text, file_name))
    decimal = wish.decimal or choose_decimal(head_rows(text, delimiter, found.quote))
    return Dialect(encoding=encoding, delimiter=delimiter, decimal=decimal)


def _sheet_head(text: CsvFile, max_rows: int) -> SheetHead:
    rows: list[HeadRow] = []
    seen_rows = end_offset = 0
    is_whole = True
    for run in text.runs():
        if len(rows) < max_rows:
            rows.extend(_head_rows(run, max_rows - len(rows)))
        seen_rows += len(run.lines)
        end_offset = run.end_offset
        if end_offset >= _HEAD_BYTES:
            is_whole = False
            break
    if not is_whole:
        seen_rows = round(seen_rows * text.size_bytes / end_offset)
    sheet = SheetInfo(name="", index=0, visible=True, part="", size_bytes=text.size_bytes)
    return SheetHead((sheet,), sheet, date_1904=False, rows=tuple(rows), estimated_rows=seen_rows)


def _head_rows(run: RowRun, most: int) -> list[HeadRow]:
    return [
        HeadRow(
            line,
            tuple(
                (column[row], CellTag(tags[row]))
                for column, tags in zip(run.columns, run.tags, strict=True)
            ),
        )
        for row, line in enumerate(run.lines[:most])
    ]

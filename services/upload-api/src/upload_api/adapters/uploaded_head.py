"""Step 1: looks at the head of an uploaded file, with the reader that its kind needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import csv_reader
import xlsx_reader
from csv_reader import KIND_HEAD_BYTES, FileKind, Wish, kind_of_file
from sluice.job_layout import TextDialect
from upload_api.domain.intake import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from xlsx_reader import SheetHead

HEAD_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedHead:
    """The first rows, and for a text file how it is read."""

    sheet: SheetHead
    dialect: TextDialect | None = None


def kind_of(path: Path, name: str) -> FileKind:
    """Return what a stored file that came under a name is read as."""
    with path.open("rb") as file:
        return kind_of_file(file.read(KIND_HEAD_BYTES), name)


def read_head(
    path: Path, name: str, sheet: str | None, wish: Wish, rows: int = HEAD_ROWS
) -> UploadedHead:
    """Read the first rows of a stored file that came under a name.

    Raises:
        WorkbookError, CsvError: it cannot be read.
        Refused: what was asked for means nothing for a file of its kind.
    """
    if kind_of(path, name) is FileKind.WORKBOOK:
        head = xlsx_reader.peek(path, sheet, rows)
        if wish != Wish():
            message = "Encoding, delimiter and decimal are of text files: upload without them."
            raise Refused("FIELD_NOT_FOR_WORKBOOK", message)
        return UploadedHead(sheet=head)
    if sheet:
        message = "A text file holds one table and no sheets: upload it without the field sheet."
        raise Refused("SHEET_UNKNOWN", message)
    text = csv_reader.peek(path, name, wish, rows)
    return UploadedHead(
        sheet=text.sheet,
        dialect=TextDialect(**asdict(text.dialect), encoding_is_guess=text.encoding_is_guess),
    )

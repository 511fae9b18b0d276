"""Which part of a sheet feeds which field of a target; decided at upload, kept with the job."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class MappedColumn(BaseModel):
    """One column of the sheet; `field` is None when the target does not take it."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    index: int
    """0-based: 0 is column A."""
    header: str
    field: str | None


class TextDialect(BaseModel):
    """How a text file (CSV, TSV) is read; chosen at upload, and shown to the user there."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    encoding: str
    encoding_is_guess: bool = False
    """Whether another encoding could have written the same head; people are told."""
    delimiter: str
    quote: str = '"'
    decimal: Literal[".", ","] = "."
    """What stands between units and tenths in cells that are to become numbers."""
    line_basis: Literal["record"] = "record"
    """What `sheet_line` counts: records, as a spreadsheet program numbers rows, blank ones too."""


class JobLayout(BaseModel):
    """What is read of a file: the sheet, from the line behind its header on."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    sheet: str
    header_line: int
    """1-based sheet line of the header; data rows are behind it."""
    estimated_rows: int
    columns: tuple[MappedColumn, ...]
    line_column: int | None = None
    """In a correction: the 0-based column that names the line of the root."""
    root_decimal: Literal[".", ","] | None = None
    """In a correction by workbook of a text file: the decimal mark that its texts have kept."""
    dialect: TextDialect | None = None
    """None for a workbook; a text file has this, and a sheet without a name."""

    @property
    def decimal(self) -> Literal[".", ","] | None:
        """The decimal mark of texts that are to become numbers; None: those of a workbook."""
        return self.dialect.decimal if self.dialect is not None else self.root_decimal

    def field_columns(self) -> dict[str, int]:
        """Return, for each field of the target that the sheet feeds, its 0-based column."""
        return {c.field: c.index for c in self.columns if c.field is not None}


def column_letter(index: int) -> str:
    """Return the spreadsheet's name of a 0-based column: 0 is A, 26 is AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

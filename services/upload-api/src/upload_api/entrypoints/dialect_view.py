"""Step 1: how a text file is read, as people and programs are told."""

from csv_reader import DELIMITER_NAMES
from sluice.job_layout import TextDialect
from upload_api.entrypoints.callers import View


class DialectView(View):
    """How a text file is read: chosen by its head, or as the form said."""

    encoding: str
    encoding_is_guess: bool
    delimiter: str
    decimal: str


def dialect_view(told: TextDialect | None) -> DialectView | None:
    """Return the view of a dialect, None for a workbook."""
    if told is None:
        return None
    return DialectView(
        encoding=told.encoding,
        encoding_is_guess=told.encoding_is_guess,
        delimiter=DELIMITER_NAMES.get(told.delimiter, told.delimiter),
        decimal=told.decimal,
    )

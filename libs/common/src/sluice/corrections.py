"""The file of a job's failed rows, which is corrected and uploaded again: what both ways share."""

from __future__ import annotations

import re

ROW_HEADER = "_row"
"""Behind the original columns: the sheet line that the row has in the root job's file."""
ERRORS_HEADER = "_errors"
"""Behind `ROW_HEADER`: why the row failed, as sentences; ignored on the way back."""

_FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def neutralised(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula; numbers stay as they are.

    Texts that look guarded already get one more apostrophe, so that `restored` gives back every
    text.
    """
    if _FORMULA_LIKE.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def restored(text: str) -> str:
    """Return the text that was `neutralised`."""
    return text[1:] if _GUARDED.match(text) else text

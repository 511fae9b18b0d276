"""How a command can end; scripts decide by these."""

from __future__ import annotations

import click

DONE = 0
ROW_ERRORS = 1
"""All rows are accounted for, and some of them are rejected, or stayed in an undo."""
UNUSABLE = 2
"""The command could not be done: a wrong argument, an unreadable workbook, no server."""
FAILED = 3
"""The server refused the workbook, or the job did not come to its end."""
INTERRUPTED = 130


class Failure(click.ClickException):
    """What went wrong, in words for people, and how the program ends."""

    def __init__(self, message: str, exit_code: int = UNUSABLE) -> None:
        super().__init__(message)
        self.exit_code = exit_code

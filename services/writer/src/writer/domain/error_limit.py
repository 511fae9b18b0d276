"""Whether so many rows of a job are bad that the file, or its mapping, must be the wrong one."""

from __future__ import annotations

TOO_MANY_ERRORS = "TOO_MANY_ERRORS"
AT_LEAST_ROWS = 1_000
"""A share counts only from so many rows on: a bad first row is not a bad file."""


def why_too_many(limit_percent: float, rows: int, failed: int) -> str:
    """Return why the job shall not go on, as a sentence; empty while it may.

    Args:
        limit_percent: the share that is still accepted.
        rows: those that were handled so far.
        failed: those of them that were rejected.
    """
    if rows < AT_LEAST_ROWS or failed * 100 <= limit_percent * rows:
        return ""
    return (
        f"{failed:,} of the first {rows:,} rows were rejected, more than the {limit_percent:g} %"
        " that are accepted: look at the errors, and import the right file or mapping, or with a"
        " higher limit"
    )

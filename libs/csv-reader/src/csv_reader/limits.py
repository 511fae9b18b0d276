"""What a text file may cost, as one value."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked while reading.

    Rows are counted by a PostgreSQL integer. A longer row than `max_row_chars` is most often a
    quote that nobody closed; the parser makes a row error of those above 768 KiB.
    """

    max_columns: int = 500
    max_rows: int = 2_147_483_647
    max_row_chars: int = MIB

"""Finds the rows that a table refuses and no query can name, by savepoints and halving."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import psycopg

from sluice.db.pool import is_outage
from writer.domain.prepared import LINE
from writer.domain.sqlstate import Meaning, meaning_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from sluice.db.pool import Connection


PART_ROWS = 1_000
"""So many rows at most are searched between two signs of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the database refuses a row."""

    sqlstate: str | None
    message: str
    field: str | None

    @classmethod
    def of(cls, error: psycopg.Error) -> Refusal:
        told = error.diag
        return cls(
            sqlstate=error.sqlstate,
            message=told.message_primary or "",
            field=told.column_name or None,
        )


def refused_rows(
    conn: Connection, rows: pa.Table, search: Callable[[pa.Table], dict[int, Refusal]]
) -> dict[int, Refusal]:
    """Return each refused sheet line and the database's reason; nothing stays written.

    Good rows stay until the end of the search, so that a row refused for the sake of another of
    the batch (an exclusion constraint) is found too.

    Args:
        conn: within a transaction.
        rows: all that are searched.
        search: does it for one of the equal parts that the search begins with.

    Raises:
        psycopg.Error: an error that is no row's fault.
    """
    refused: dict[int, Refusal] = {}
    with conn.transaction(force_rollback=True):
        for part in _equal_parts(rows):
            refused |= search(part)
    return refused


def _equal_parts(rows: pa.Table) -> Iterator[pa.Table]:
    count = -(-rows.num_rows // PART_ROWS)
    ends = [rows.num_rows * number // count for number in range(count + 1)] if count else []
    for start, end in pairwise(ends):
        yield rows.slice(start, end - start)


def refused_by_halves(
    conn: Connection, rows: pa.Table, write: Callable[[pa.Table], object]
) -> dict[int, Refusal]:
    """Return what `write` refuses of some rows; one bad row of 1,000 costs 10 halvings."""
    refused: dict[int, Refusal] = {}
    waiting = [rows] if rows.num_rows else []
    while waiting:
        part = waiting.pop()
        refusal = _refusal(conn, part, write)
        if refusal is None:
            continue
        if part.num_rows == 1:
            refused[part[LINE][0].as_py()] = refusal
            continue
        half = part.num_rows // 2
        waiting += [part.slice(half), part.slice(0, half)]
    return refused


def _refusal(
    conn: Connection, part: pa.Table, write: Callable[[pa.Table], object]
) -> Refusal | None:
    try:
        with conn.transaction():
            write(part)
    except psycopg.Error as error:
        if not is_refusal(error):
            raise
        return Refusal.of(error)
    return None


def is_refusal(error: psycopg.Error) -> bool:
    """Tell whether an error is a row's fault."""
    return not is_outage(error) and meaning_of(error.sqlstate) is Meaning.DATA

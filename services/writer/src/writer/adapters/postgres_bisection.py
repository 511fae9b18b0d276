"""Finds the rows that a table refuses and no query can name, by savepoints and halving."""

from __future__ import annotations

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


def refused_rows(
    conn: Connection,
    rows: pa.Table,
    write: Callable[[pa.Table], object],
    begin_part: Callable[[], object],
) -> dict[int, psycopg.Error]:
    """Return each refused sheet line and the database's reason; nothing stays written.

    Good parts stay until the end of the search, so that a row refused for the sake of another of
    the batch (an exclusion constraint) is found too. One bad row of 1,000 costs 10 halvings.

    Args:
        conn: within a transaction.
        rows: all that are searched.
        write: writes some of them, or raises.
        begin_part: called before each of the equal parts that the search begins with.

    Raises:
        psycopg.Error: an error that is no row's fault.
    """
    refused: dict[int, psycopg.Error] = {}
    with conn.transaction(force_rollback=True):
        for part in _equal_parts(rows):
            begin_part()
            refused |= _refused_of(conn, part, write)
    return refused


def _equal_parts(rows: pa.Table) -> Iterator[pa.Table]:
    count = -(-rows.num_rows // PART_ROWS)
    ends = [rows.num_rows * number // count for number in range(count + 1)] if count else []
    for start, end in pairwise(ends):
        yield rows.slice(start, end - start)


def _refused_of(
    conn: Connection, rows: pa.Table, write: Callable[[pa.Table], object]
) -> dict[int, psycopg.Error]:
    refused: dict[int, psycopg.Error] = {}
    waiting = [rows]
    while waiting:
        part = waiting.pop()
        error = _refusal(conn, part, write)
        if error is None:
            continue
        if part.num_rows == 1:
            refused[part[LINE][0].as_py()] = error
            continue
        half = part.num_rows // 2
        waiting += [part.slice(half), part.slice(0, half)]
    return refused


def _refusal(
    conn: Connection, part: pa.Table, write: Callable[[pa.Table], object]
) -> psycopg.Error | None:
    try:
        with conn.transaction():
            write(part)
    except psycopg.Error as error:
        if is_outage(error) or meaning_of(error.sqlstate) is not Meaning.DATA:
            raise
        return error
    return None

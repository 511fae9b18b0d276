"""Rejected lines and their errors, in the transaction that wrote their neighbours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sluice.events import RejectedLine
from writer.adapters.postgres_rows import as_sql
from writer.adapters.sql_files import statement
from writer.domain.rejections import count_errors, rejected_lines, within_cap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.domain.ledger import LedgerEntry
    from writer.domain.rejections import Rejection


class RejectedRows:
    """Stores rejections; remembers which jobs have used up their cap."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._full: set[UUID] = set()

    def store(self, conn: Connection, job_id: UUID, rejections: Sequence[Rejection]) -> None:
        """Store every line, count every error, and keep those that the job's cap has room for."""
        if not rejections:
            return
        lines, chunk_nos = zip(*rejected_lines(rejections), strict=True)
        values = {"job_id": job_id, "lines": list(lines), "chunk_nos": list(chunk_nos)}
        conn.execute(statement("insert_rejected_lines"), values)
        with conn.cursor() as cursor, cursor.copy(as_sql(statement("copy_error_counts"))) as copy:
            for group, errors in sorted(count_errors(rejections).items()):
                copy.write_row((job_id, *group, errors))
        kept = within_cap(rejections, self._room(conn, job_id))
        copy_errors(conn, job_id, kept)

    def _room(self, conn: Connection, job_id: UUID) -> int:
        if job_id in self._full:
            return 0
        values = {"job_id": job_id, "cap": self._cap}
        found = conn.execute(statement("count_rejected_rows"), values).fetchone()
        stored = int(found[0]) if found else 0
        if stored >= self._cap:
            self._full.add(job_id)
        return self._cap - stored


def copy_errors(conn: Connection, job_id: UUID, rejections: Sequence[Rejection]) -> None:
    """Store errors with their values; none of their lines may have any stored."""
    if not rejections:
        return
    with conn.cursor() as cursor, cursor.copy(as_sql(statement("copy_rejected_rows"))) as copy:
        for rejection in rejections:
            copy.write_row(_row_of(job_id, rejection))


def _row_of(job_id: UUID, rejection: Rejection) -> tuple[object, ...]:
    cells = None if rejection.cells is None else json.dumps(rejection.cells, ensure_ascii=False)
    return (
        job_id,
        rejection.sheet_line,
        rejection.error_no,
        rejection.chunk_no,
        rejection.column_letter,
        rejection.field,
        rejection.code,
        rejection.message,
        rejection.value,
        rejection.other_line,
        cells,
        rejection.root_line,
    )


def read_first_rejected(
    conn: Connection, job_id: UUID, entry: LedgerEntry, limit: int
) -> tuple[RejectedLine, ...]:
    """Return the first errors of a chunk that was written before, for its fact."""
    if not entry.failed:
        return ()
    values = {
        "job_id": job_id,
        "chunk_no": entry.chunk_no,
        "first_line": entry.first_line,
        "last_line": entry.last_line,
        "limit": limit,
    }
    found = conn.execute(statement("read_rejected"), values)
    return tuple(RejectedLine(line=line, column=letter, code=code) for line, letter, code in found)


def for_fact(rejections: Sequence[Rejection]) -> tuple[RejectedLine, ...]:
    """Return what a public fact may say of rejected rows: where and why, never a value."""
    return tuple(
        RejectedLine(line=r.sheet_line, column=r.column_letter, code=r.code) for r in rejections
    )

"""The errors of a job's rows: page by page, and by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.rows import dict_row

from sluice.db.statements import statement

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE: Final = "upload_api"
SAMPLES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFilter:
    """Which errors; None: all. The column "" is the row as a whole."""

    code: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorTotals:
    """How many errors there are, and how many of them are kept.

    `truncated`: rows are rejected of which no error is kept; then `total` counts the errors that
    were found, corrected ones included.
    """

    total: int
    stored: int
    open_lines: int
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorKind:
    """The errors of one code in one column; "" is the row as a whole."""

    column: str
    field: str
    code: str
    errors: int
    samples: tuple[dict[str, Any], ...]
    """Of the first rows that are kept: `line`, `message`, `value`."""


def list_row_errors(
    conn: Connection,
    job_id: UUID,
    after: tuple[int, int],
    limit: int,
    only: ErrorFilter = ErrorFilter(),
) -> list[dict[str, Any]]:
    """Return errors in sheet order, behind the (line, error number) of `after`."""
    values = {
        "job_id": job_id,
        "line": after[0],
        "error_no": after[1],
        "limit": limit,
        "code": only.code,
        "column": only.column,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_row_errors"), values).fetchall()


def count_row_errors(conn: Connection, job_id: UUID, only: ErrorFilter) -> ErrorTotals:
    """Count the errors that a filter chooses."""
    values = {"job_id": job_id, "code": only.code, "column": only.column}
    row = conn.execute(statement(PACKAGE, "count_kept_errors"), values).fetchone()
    stored, lines = row or (0, 0)
    open_lines = _open_lines(conn, job_id)
    total = stored
    if open_lines > lines:
        counted = _counted(conn, job_id)
        total = max(stored, sum(kind.errors for kind in counted if _is_chosen(kind, only)))
    return ErrorTotals(
        total=total, stored=stored, open_lines=open_lines, truncated=open_lines > lines
    )


def summarise_errors(conn: Connection, job_id: UUID) -> tuple[ErrorTotals, list[ErrorKind]]:
    """Return the errors by kind, the most frequent first."""
    values = {"job_id": job_id, "samples": SAMPLES}
    with conn.cursor(row_factory=dict_row) as cursor:
        kept = cursor.execute(statement(PACKAGE, "summarise_errors"), values).fetchall()
    stored = sum(row["errors"] for row in kept)
    open_lines = _open_lines(conn, job_id)
    kinds = [_kind(row, tuple(row["samples"])) for row in kept]
    truncated = open_lines > sum(row["lines"] for row in kept)
    if truncated:
        samples = {(kind.column, kind.field, kind.code): kind.samples for kind in kinds}
        kinds = _counted(conn, job_id, samples) or kinds
    total = max(stored, sum(kind.errors for kind in kinds))
    totals = ErrorTotals(total=total, stored=stored, open_lines=open_lines, truncated=truncated)
    return totals, kinds


Samples = dict[tuple[str, str, str], tuple[dict[str, Any], ...]]


def _counted(conn: Connection, job_id: UUID, samples: Samples | None = None) -> list[ErrorKind]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement(PACKAGE, "count_errors"), {"job_id": job_id}).fetchall()
    known = samples or {}
    return [
        _kind(row, known.get((row["column_letter"], row["field"], row["code"]), ())) for row in rows
    ]


def _kind(row: dict[str, Any], samples: tuple[dict[str, Any], ...]) -> ErrorKind:
    return ErrorKind(
        column=row["column_letter"],
        field=row["field"],
        code=row["code"],
        errors=row["errors"],
        samples=samples,
    )


def _is_chosen(kind: ErrorKind, only: ErrorFilter) -> bool:
    return only.code in (None, kind.code) and only.column in (None, kind.column)


def _open_lines(conn: Connection, job_id: UUID) -> int:
    row = conn.execute(statement(PACKAGE, "count_open_lines"), {"job_id": job_id}).fetchone()
    return int(row[0]) if row else 0

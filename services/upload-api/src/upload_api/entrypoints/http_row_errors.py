"""`/api/jobs/{id}/errors`: what is wrong with which rows, one by one and by kind."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right
from sluice.db.pool import Connection
from sluice.job_layout import column_letter
from sluice.web.problems import Problem
from upload_api.adapters import postgres_jobs
from upload_api.adapters.postgres_row_errors import (
    ErrorFilter,
    ErrorTotals,
    count_row_errors,
    list_row_errors,
    summarise_errors,
)
from upload_api.domain.page_cursor import CursorInvalid, decode_cursor, encode_cursor
from upload_api.entrypoints.callers import AppParts, CurrentUser, problems
from upload_api.entrypoints.row_error_views import (
    ErrorSummaryView,
    Headers,
    RowErrorPage,
    error_summary_view,
    row_error_view,
)
from upload_api.parts import Parts

router = APIRouter(prefix="/api/jobs", tags=["results"])
Limit = Annotated[int, Query(ge=1, le=500)]
Letter = Annotated[
    str | None,
    Query(pattern="^[A-Za-z]{0,3}$", description="its letter; empty: the row as a whole"),
]
Code = Annotated[str | None, Query(pattern="^[A-Z0-9_]{1,64}$", description="as in the summary")]
ANSWERS = problems(400, 401, 403, 404, 503)
START = (0, -1)


async def filter_of(column: Letter = None, code: Code = None) -> ErrorFilter:
    return ErrorFilter(code=code, column=None if column is None else column.upper())


@router.get("/{job_id}/errors", responses=ANSWERS)
async def get_errors(
    parts: AppParts,
    user: CurrentUser,
    job_id: UUID,
    only: Annotated[ErrorFilter, Depends(filter_of)],
    cursor: str | None = None,
    limit: Limit = 100,
) -> RowErrorPage:
    """The errors that are kept, in the order of the sheet; all errors of a row are told.

    Values and sentences, which quote them, are for whoever may control the job.
    """
    after = START if cursor is None else _after(cursor)
    right = await parts.authenticator.require_right(user, job_id, Right.VIEW)

    def read() -> tuple[list[dict[str, Any]], ErrorTotals | None, Headers]:
        with parts.connection() as conn:
            rows = list_row_errors(conn, job_id, after, limit + 1, only)
            totals = count_row_errors(conn, job_id, only) if cursor is None else None
            return rows, totals, _headers(conn, job_id)

    rows, totals, headers = await run_in_threadpool(read)
    page = rows[:limit]
    shows_values = right >= Right.CONTROL
    next_cursor = encode_cursor(page[-1]["sheet_line"], page[-1]["error_no"]) if page else ""
    return RowErrorPage(
        job_id=job_id,
        errors=[row_error_view(row, headers, shows_values=shows_values) for row in page],
        total_errors=totals.total if totals else None,
        stored_errors=totals.stored if totals else None,
        truncated=totals.truncated if totals else None,
        next_cursor=next_cursor if len(rows) > limit else None,
    )


@router.get("/{job_id}/errors/summary", responses=ANSWERS)
async def get_error_summary(parts: AppParts, user: CurrentUser, job_id: UUID) -> ErrorSummaryView:
    """All errors by column and code, with the first rows of each kind."""
    right = await parts.authenticator.require_right(user, job_id, Right.VIEW)
    return await run_in_threadpool(_summary, parts, job_id, shows_values=right >= Right.CONTROL)


def _summary(parts: Parts, job_id: UUID, *, shows_values: bool) -> ErrorSummaryView:
    with parts.connection() as conn:
        headers = _headers(conn, job_id)
        totals, kinds = summarise_errors(conn, job_id)
    return error_summary_view(job_id, totals, kinds, headers, shows_values=shows_values)


def _headers(conn: Connection, job_id: UUID) -> Headers:
    row = postgres_jobs.get_job(conn, job_id)
    if row is None:
        raise Problem(404, "JOB_UNKNOWN", "There is no such job.")
    columns = row["layout"].get("columns", ())
    return {column_letter(column["index"]): column["header"] for column in columns}


def _after(cursor: str) -> tuple[int, int]:
    try:
        line, error_no = map(int, decode_cursor(cursor, 2))
    except (CursorInvalid, ValueError):
        raise _cursor_invalid() from None
    if not (0 <= line <= 2**31 - 1 and 0 <= error_no <= 2**15 - 1):
        raise _cursor_invalid()
    return line, error_no


def _cursor_invalid() -> Problem:
    return Problem(400, "CURSOR_INVALID", "The cursor is not one that this list gave.")

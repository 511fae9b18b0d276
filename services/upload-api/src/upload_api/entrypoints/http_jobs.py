"""`/api/jobs`: the jobs of whoever asks; also the fallback for who cannot stream progress."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right, User
from sluice.job_status import JobStatus
from sluice.web.problems import Problem
from upload_api.adapters import postgres_jobs
from upload_api.adapters.postgres_jobs import JobFilter, JobScope
from upload_api.adapters.postgres_previews import find_kept_content
from upload_api.adapters.postgres_row_errors import list_row_errors
from upload_api.adapters.postgres_undos import get_undo
from upload_api.domain.page_cursor import CursorInvalid, decode_cursor, encode_cursor
from upload_api.entrypoints.callers import AppParts, CurrentUser, problems
from upload_api.entrypoints.job_views import (
    JobDetailView,
    JobPage,
    ListedJobView,
    job_members,
    plan_of,
)
from upload_api.entrypoints.undo_views import UndoView
from upload_api.parts import Parts

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
FIRST_ERRORS = 10
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL takes no text with a NUL in it."""
Limit = Annotated[int, Query(ge=1, le=500)]


def wanted_of(
    user: CurrentUser,
    scope: JobScope | None = None,
    status: Annotated[list[JobStatus] | None, Query()] = None,
    target: Annotated[str | None, Query(max_length=200, pattern=NO_NUL)] = None,
    name_part: Annotated[str | None, Query(alias="q", max_length=200, pattern=NO_NUL)] = None,
) -> JobFilter:
    """Return the filter; `q` is a part of the file's name. An operator's scope is all, if unsaid.

    Raises:
        Problem: 403, the scope is not for this user.
    """
    if scope is None:
        scope = JobScope.ALL if user.is_operator else JobScope.VISIBLE
    if scope is JobScope.ALL and not user.is_operator:
        raise Problem(403, "OPERATOR_ONLY", "All jobs are for operators and admins.")
    statuses = tuple(status) if status else None
    return JobFilter(
        user=user, scope=scope, statuses=statuses, target=target, name_part=name_part or None
    )


@router.get("", responses=problems(400, 401, 403, 503))
async def list_jobs(
    parts: AppParts,
    wanted: Annotated[JobFilter, Depends(wanted_of)],
    cursor: str | None = None,
    limit: Limit = 50,
) -> JobPage:
    """List jobs; without a scope an operator's are all, anybody else's the visible ones."""
    before = _jobs_before(cursor)

    def read() -> list[dict[str, Any]]:
        with parts.connection() as conn:
            return postgres_jobs.list_jobs(conn, wanted, before, limit + 1)

    rows = await run_in_threadpool(read)
    page = rows[:limit]
    after = (
        encode_cursor(page[-1]["created_at"].isoformat(), str(page[-1]["job_id"])) if page else ""
    )
    return JobPage(
        jobs=[
            ListedJobView(**job_members(row), right=Right(row["right_no"]).name.lower())
            for row in page
        ],
        next_cursor=after if len(rows) > limit else None,
    )


@router.get("/{job_id}", responses=problems(400, 401, 403, 404, 503))
async def get_job(parts: AppParts, user: CurrentUser, job_id: UUID) -> JobDetailView:
    """Show a job with its counts and first row errors: also the polling fallback."""
    right = await parts.authenticator.require_right(user, job_id, Right.VIEW)
    return await run_in_threadpool(_read_job, parts, user, job_id, right)


def _read_job(parts: Parts, user: User, job_id: UUID, right: Right) -> JobDetailView:
    with parts.connection() as conn:
        row = postgres_jobs.get_job(conn, job_id)
        if row is None:
            raise Problem(404, "JOB_UNKNOWN", "There is no such job.")
        first = list_row_errors(conn, job_id, (0, -1), FIRST_ERRORS)
        asked = get_undo(conn, job_id)
        kept = find_kept_content(conn, user.user_id, row["file_sha256"])
    # A message quotes the cell it is about: viewers get the code
    shown = "message" if right >= Right.CONTROL else "code"
    told = [f"Row {error['sheet_line']}: {error[shown]}" for error in first]
    undo = UndoView(**asked) if asked is not None else None
    return JobDetailView(
        **job_members(row),
        right=right.name.lower(),
        errors=told,
        undo=undo,
        plan=plan_of(row, kept) if right >= Right.CONTROL else None,
    )


def _jobs_before(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    try:
        at, job_id = decode_cursor(cursor, 2)
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None:
            raise _cursor_invalid()
        return moment, UUID(str(job_id))
    except (CursorInvalid, ValueError):
        raise _cursor_invalid() from None


def _cursor_invalid() -> Problem:
    return Problem(400, "CURSOR_INVALID", "The cursor is not one that this list gave.")

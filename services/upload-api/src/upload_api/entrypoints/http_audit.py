"""`/api/jobs/{id}/audit` and `/api/ops/audit`: who looked, who acted."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool

from sluice.audit.records import Action
from sluice.auth.access import Right
from sluice.web.problems import Problem
from upload_api.adapters.postgres_audit import AuditFilter, list_audit
from upload_api.domain.page_cursor import CursorInvalid, decode_cursor, encode_cursor
from upload_api.entrypoints.callers import (
    AppParts,
    CurrentOperator,
    CurrentUser,
    View,
    problems,
)
from upload_api.parts import Parts

router = APIRouter(prefix="/api", tags=["audit"])
Limit = Annotated[int, Query(ge=1, le=500)]
MAX_ID = 2**63 - 1


class AuditEntryView(View):
    """One act; `requestId` leads to its log lines."""

    audit_id: int
    at: datetime
    action: str
    user_id: UUID | None
    username: str | None
    job_id: UUID | None
    ip: str | None
    user_agent: str | None
    request_id: UUID | None
    details: dict[str, Any]


class AuditPage(View):
    """Some acts, newest first."""

    entries: list[AuditEntryView]
    next_cursor: str | None


@router.get("/jobs/{job_id}/audit", responses=problems(400, 401, 403, 404, 503))
async def audit_of_job(
    parts: AppParts,
    user: CurrentUser,
    job_id: UUID,
    cursor: str | None = None,
    limit: Limit = 100,
) -> AuditPage:
    """Return who looked at a job and who acted on it; for its owner."""
    before = _before(cursor)
    await parts.authenticator.require_right(user, job_id, Right.OWN)
    return await run_in_threadpool(_page, parts, AuditFilter(job_id=job_id), before, limit)


@router.get("/ops/audit", responses=problems(400, 401, 403, 503))
async def audit_of_all(  # noqa: PLR0913 - each filter is a parameter of the address
    parts: AppParts,
    _user: CurrentOperator,
    *,
    action: Action | None = None,
    user_id: Annotated[UUID | None, Query(alias="userId")] = None,
    job_id: Annotated[UUID | None, Query(alias="jobId")] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> AuditPage:
    """Return the acts of everybody, filtered."""
    wanted = AuditFilter(action=action, user_id=user_id, job_id=job_id, since=since, until=until)
    return await run_in_threadpool(_page, parts, wanted, _before(cursor), limit)


def _page(parts: Parts, wanted: AuditFilter, before: int | None, limit: int) -> AuditPage:
    with parts.connection() as conn:
        rows = list_audit(conn, wanted, before, limit + 1)
    page = rows[:limit]
    return AuditPage(
        entries=[AuditEntryView(**row) for row in page],
        next_cursor=encode_cursor(page[-1]["audit_id"]) if len(rows) > limit else None,
    )


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        audit_id = int(decode_cursor(cursor, 1)[0])
    except (CursorInvalid, ValueError):
        audit_id = -1
    if not 0 <= audit_id <= MAX_ID:
        raise Problem(400, "CURSOR_INVALID", "The cursor is not one that this list gave.")
    return audit_id

"""`/api/ops/dlq`: dead letters for operators, who see all but the cells."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right, User, right_on_job
from sluice.web.problems import Problem
from upload_api.adapters import postgres_dead_letters
from upload_api.adapters.postgres_audit import Actor, put_audit
from upload_api.adapters.postgres_dead_letters import Histogram
from upload_api.domain.dead_letters import LetterFilter, LetterState
from upload_api.domain.page_cursor import CursorInvalid, decode_cursor, encode_cursor
from upload_api.domain.payload_view import payload_view, shown_headers
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentOperator, problems
from upload_api.entrypoints.dead_letter_views import (
    BIGGEST_ID,
    DeadLetterDetail,
    DeadLetterPage,
    DeadLetterView,
    Discarded,
    DiscardRequest,
    HistogramView,
    histogram_view,
)
from upload_api.parts import Parts

router = APIRouter(prefix="/api/ops/dlq", tags=["operations"])
Limit = Annotated[int, Query(ge=1, le=500)]
LetterIdInPath = Annotated[int, Path(ge=1, le=BIGGEST_ID)]


def wanted_of(
    job_id: Annotated[UUID | None, Query(alias="jobId")] = None,
    error_class: Annotated[str | None, Query(alias="errorClass", max_length=200)] = None,
    state: Annotated[list[LetterState] | None, Query()] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> LetterFilter:
    return LetterFilter(
        job_id=job_id,
        error_class=error_class,
        states=tuple(state) if state else None,
        since=since,
        until=until,
    )


Wanted = Annotated[LetterFilter, Depends(wanted_of)]


@router.get("", responses=problems(400, 401, 403, 503))
async def list_dead_letters(
    parts: AppParts,
    _user: CurrentOperator,
    wanted: Wanted,
    cursor: str | None = None,
    limit: Limit = 50,
) -> DeadLetterPage:
    """List dead letters, newest first, with their counts by state."""
    before = _before(cursor)

    def read() -> tuple[list[dict[str, Any]], Histogram]:
        with parts.connection() as conn:
            rows = postgres_dead_letters.list_letters(conn, wanted, before, limit + 1)
            return rows, postgres_dead_letters.histogram(conn, wanted)

    rows, counted = await run_in_threadpool(read)
    page = rows[:limit]
    return DeadLetterPage(
        letters=[DeadLetterView(**row) for row in page],
        counts={"total": counted.total} | counted.by_state,
        next_cursor=encode_cursor(page[-1]["dead_letter_id"]) if len(rows) > limit else None,
    )


@router.get("/summary", responses=problems(400, 401, 403, 503))
async def summarize_dead_letters(
    parts: AppParts, _user: CurrentOperator, wanted: Wanted
) -> HistogramView:
    """Count dead letters by class, job and state."""

    def read() -> HistogramView:
        with parts.connection() as conn:
            return histogram_view(postgres_dead_letters.histogram(conn, wanted))

    return await run_in_threadpool(read)


@router.post("/discards", responses=problems(400, 401, 403, 422, 503))
async def discard_dead_letters(
    parts: AppParts, _user: CurrentOperator, actor: CurrentActor, request: DiscardRequest
) -> Discarded:
    """Give letters up, with a reason that the audit keeps."""
    wanted = request.wanted(LetterState.OPEN, LetterState.PARKED)

    def discard() -> int:
        with parts.connection() as conn:
            return postgres_dead_letters.discard_letters(conn, wanted, request.reason, actor)

    return Discarded(discarded=await run_in_threadpool(discard))


@router.get("/{dead_letter_id}", responses=problems(400, 401, 403, 404, 503))
async def show_dead_letter(
    parts: AppParts, user: CurrentOperator, actor: CurrentActor, dead_letter_id: LetterIdInPath
) -> DeadLetterDetail:
    """Show a letter with its record: cells in full for admins and who may control the job."""
    return await run_in_threadpool(_show, parts, user, actor, dead_letter_id)


def _show(parts: Parts, user: User, actor: Actor, dead_letter_id: int) -> DeadLetterDetail:
    with parts.connection() as conn:
        row = postgres_dead_letters.get_letter(conn, dead_letter_id)
        if row is None:
            raise Problem(404, "DEAD_LETTER_UNKNOWN", "There is no such dead letter.")
        right = right_on_job(conn, user, row["job_id"]) if row["job_id"] else None
    shows_cells = user.role == "admin" or (right or Right.NONE) >= Right.CONTROL
    record = parts.records.fetch(row["topic"], row["partition"], row["kafka_offset"])
    with parts.connection() as conn:
        details = {"deadLetterId": dead_letter_id, "cells": shows_cells}
        put_audit(conn, "dlq_viewed", actor, row["job_id"], details)
    if record is None:
        return DeadLetterDetail(**row, record=None)
    payload = payload_view(row["original_topic"], record.value, shows_cells=shows_cells)
    shown = {"headers": shown_headers(record.headers), "payload": payload}
    return DeadLetterDetail(**row, record=shown)


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        [before] = decode_cursor(cursor, 1)
    except CursorInvalid:
        before = ""
    if not isinstance(before, int) or not 0 < before <= BIGGEST_ID:
        raise Problem(400, "CURSOR_INVALID", "The cursor is not one that this list gave.")
    return before

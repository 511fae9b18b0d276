"""`/api/jobs/{id}/undo`: the owner takes an import back, and sees what stayed and why."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right
from sluice.db.pool import Connection
from sluice.web.problems import RETRY_AFTER_S, Problem
from upload_api.adapters.gate_patience import GateBusy
from upload_api.adapters.postgres_audit import Actor
from upload_api.adapters.postgres_undos import (
    JobGone,
    RowPlace,
    ask_for_undo,
    get_undo,
    list_undo_rows,
)
from upload_api.domain.page_cursor import CursorInvalid, decode_cursor, encode_cursor
from upload_api.domain.undo_rules import AlreadyUndone, UndoReason, UndoRefused
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentUser, problems
from upload_api.entrypoints.documented import Refusal, refusals
from upload_api.entrypoints.undo_views import UndoPage, UndoRowView, UndoView
from upload_api.parts import Parts

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
Limit = Annotated[int, Query(ge=1, le=500)]
Outcome = Literal["kept", "refused"]
REFUSED = Refusal(
    status=409,
    code="UNDO_REFUSED",
    detail="The job is processing: cancel it or wait for its end.",
    members={"reason": UndoReason.NOT_ENDED},
)
DONE = Refusal(status=409, code="INVALID_STATE", detail="The job was undone before.")
BUSY = Refusal(
    status=503,
    code="JOB_BUSY",
    detail="The job is being written to without a pause: try again in a few seconds.",
)
NO_UNDO = Refusal(status=404, code="UNDO_UNKNOWN", detail="Nobody asked to undo this job.")


@router.post(
    "/{job_id}/undo",
    status_code=202,
    responses=problems(400, 401, 403, 404) | refusals(REFUSED, DONE, BUSY),
)
async def undo_job(
    parts: AppParts, user: CurrentUser, actor: CurrentActor, job_id: UUID
) -> UndoView:
    """Take the rows of an import back, and those of its corrections; for its owner.

    Rows that others changed since are kept, rows that others refer to are refused; both are
    counted and listed. Asked again while it runs, it answers the same. Refused with a `reason`:
    `NOT_ENDED`, `DRY_RUN`, `CORRECTION`, `CORRECTION_RUNS`, `NO_LINEAGE` or `REPLACED_NOT_KEPT`.
    """
    await parts.authenticator.require_right(user, job_id, Right.OWN)
    return await run_in_threadpool(_undo_now, parts, job_id, actor)


def _undo_now(parts: Parts, job_id: UUID, actor: Actor) -> UndoView:
    with parts.connection() as conn:
        try:
            ask_for_undo(conn, job_id, actor)
        except UndoRefused as refused:
            raise Problem(409, REFUSED.code, str(refused), reason=refused.reason) from None
        except AlreadyUndone:
            raise Problem(DONE.status, DONE.code, DONE.detail) from None
        except JobGone:
            raise Problem(404, "JOB_UNKNOWN", "There is no such job.") from None
        except GateBusy:
            after = {"Retry-After": str(RETRY_AFTER_S)}
            raise Problem(BUSY.status, BUSY.code, BUSY.detail, headers=after) from None
        return UndoView(**_undo_of(conn, job_id))


@router.get("/{job_id}/undo", responses=problems(400, 401, 403, 503) | refusals(NO_UNDO))
async def show_undo(
    parts: AppParts,
    user: CurrentUser,
    job_id: UUID,
    *,
    outcome: Outcome | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> UndoPage:
    """Return how far an undo is, and the rows that stayed, in sheet order, with the reason."""
    after = _after(cursor)
    right = await parts.authenticator.require_right(user, job_id, Right.VIEW)

    def read() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        with parts.connection() as conn:
            undo = _undo_of(conn, job_id)
            return undo, list_undo_rows(conn, job_id, outcome, after, limit + 1)

    undo, rows = await run_in_threadpool(read)
    page = rows[:limit]
    return UndoPage(
        **undo,
        rows=[_row_view(row, shows_row=right >= Right.CONTROL) for row in page],
        next_cursor=_cursor_behind(page[-1]) if len(rows) > limit else None,
    )


def _undo_of(conn: Connection, job_id: UUID) -> dict[str, Any]:
    undo = get_undo(conn, job_id)
    if undo is None:
        raise Problem(NO_UNDO.status, NO_UNDO.code, NO_UNDO.detail)
    return undo


def _row_view(row: dict[str, Any], *, shows_row: bool) -> UndoRowView:
    return UndoRowView(
        line=row["sheet_line"],
        outcome=row["outcome"],
        reason=row["reason"] if shows_row else None,
        key=row["row_key"] if shows_row else None,
    )


def _cursor_behind(row: dict[str, Any]) -> str:
    return encode_cursor(row["sheet_line"], row["row_table"], row["row_tid"])


def _after(cursor: str | None) -> RowPlace:
    if cursor is None:
        return RowPlace()
    try:
        line, table, tid = decode_cursor(cursor, 3)
        page, item = map(int, str(tid).removeprefix("(").removesuffix(")").split(","))
        place = RowPlace(int(line), int(table), f"({page},{item})")
    except (CursorInvalid, ValueError):
        place = RowPlace(line=-2)
        page = item = 0
    is_ours = (
        0 <= place.line < 2**31
        and 0 <= place.table < 2**32
        and 0 <= page < 2**32
        and 0 <= item < 2**16
    )
    if not is_ours:
        raise Problem(400, "CURSOR_INVALID", "The cursor is not one that this list gave.")
    return place

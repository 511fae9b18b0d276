"""`POST /api/jobs/{id}/pause|resume|cancel|retry`: whoever may control a job does."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right, User
from sluice.db.pool import Connection
from sluice.web.problems import RETRY_AFTER_S, Problem
from upload_api.adapters import postgres_jobs
from upload_api.adapters.gate_patience import GateBusy
from upload_api.adapters.postgres_audit import Actor
from upload_api.adapters.postgres_controls import ControlAsked, control_job
from upload_api.adapters.postgres_slots import NoSlotFree
from upload_api.domain.job_controls import Control, ControlRefused
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentUser, View, problems
from upload_api.entrypoints.job_views import JobView, job_members
from upload_api.entrypoints.slot_problems import no_slot
from upload_api.parts import Parts

router = APIRouter(prefix="/api/jobs", tags=["jobs"])
ANSWERS = problems(400, 401, 403, 404, 409, 422, 503)


class ControlRequest(View):
    """What a control may be told; `run`: the run it is meant for, else the current one."""

    run: int | None = Field(None, ge=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Who asks for a control, and for which run."""

    parts: Parts
    user: User
    actor: Actor
    run: int | None


async def asked_of(
    parts: AppParts,
    user: CurrentUser,
    actor: CurrentActor,
    request: Annotated[ControlRequest | None, Body()] = None,
) -> _Asked:
    run = request.run if request else None
    return _Asked(parts=parts, user=user, actor=actor, run=run)


Asked = Annotated[_Asked, Depends(asked_of)]


@router.post("/{job_id}/pause", status_code=202, responses=ANSWERS)
async def pause_job(job_id: UUID, asked: Asked) -> JobView:
    """Stop reading; chunks on their way are skipped, and emitted again on resume."""
    return await _control(asked, job_id, Control.PAUSE)


@router.post("/{job_id}/resume", status_code=202, responses=ANSWERS)
async def resume_job(job_id: UUID, asked: Asked) -> JobView:
    """Go on with what is not written yet."""
    return await _control(asked, job_id, Control.RESUME)


@router.post("/{job_id}/cancel", status_code=202, responses=ANSWERS)
async def cancel_job(job_id: UUID, asked: Asked) -> JobView:
    """End it: what is written stays and is counted, the rest is unprocessed."""
    return await _control(asked, job_id, Control.CANCEL)


@router.post("/{job_id}/retry", status_code=202, responses=ANSWERS | problems(429))
async def retry_job(job_id: UUID, asked: Asked) -> JobView:
    """Run a failed or cancelled job again; what is written is not written twice."""
    return await _control(asked, job_id, Control.RETRY)


async def _control(asked: _Asked, job_id: UUID, control: Control) -> JobView:
    parts = asked.parts
    await parts.authenticator.require_right(asked.user, job_id, Right.CONTROL)
    view = await run_in_threadpool(_control_now, asked, job_id, control)
    parts.relay.wake()
    return view


def _control_now(asked: _Asked, job_id: UUID, control: Control) -> JobView:
    """Control a job; runs in a worker thread."""
    parts = asked.parts
    max_unfinished = parts.settings.max_unfinished_jobs
    with parts.connection() as conn:
        wish = ControlAsked(
            job_id=job_id,
            control=control,
            seen_run=asked.run or _read(conn, job_id).run,
            actor=asked.actor,
            max_unfinished=max_unfinished,
        )
        try:
            control_job(conn, wish, parts.clock.now())
        except ControlRefused as refused:
            raise _conflict(str(refused), _read(conn, job_id)) from None
        except NoSlotFree:
            raise no_slot(max_unfinished) from None
        except GateBusy:
            raise _busy() from None
        return _read(conn, job_id)


def _read(conn: Connection, job_id: UUID) -> JobView:
    row = postgres_jobs.get_job(conn, job_id)
    if row is None:
        raise Problem(404, "JOB_UNKNOWN", "There is no such job.")
    return JobView(**job_members(row))


def _conflict(detail: str, job: JobView) -> Problem:
    """Return the 409 that tells the state the job is in."""
    return Problem(
        409, "JOB_STATE_CONFLICT", detail, jobStatus=job.status, desired=job.desired, run=job.run
    )


def _busy() -> Problem:
    detail = "The job is being written to without a pause: try again in a few seconds."
    return Problem(503, "JOB_BUSY", detail, headers={"Retry-After": str(RETRY_AFTER_S)})

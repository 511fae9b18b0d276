"""`DELETE /api/jobs/{id}`: erases all that is kept of a job."""

from uuid import UUID

import psycopg
import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right
from sluice.errors import Outage
from sluice.web.problems import RETRY_AFTER_S, Problem
from upload_api.adapters.gate_patience import GateBusy
from upload_api.adapters.postgres_audit import Actor
from upload_api.adapters.postgres_erasures import begin_erasure
from upload_api.domain.erasure_rules import EraseRefused
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentUser, problems
from upload_api.entrypoints.documented import Refusal, refusals
from upload_api.parts import Parts

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/api/jobs", tags=["jobs"])
BUSY = "The job is being written to without a pause: try again in a few seconds."
RUNS = "The job is processing: wait for its end, or cancel it."


@router.delete(
    "/{job_id}",
    status_code=204,
    responses=problems(400, 401, 403, 404)
    | refusals(
        Refusal(status=409, code="ERASE_REFUSED", detail=RUNS),
        Refusal(status=503, code="JOB_BUSY", detail=BUSY),
    ),
)
async def erase_job(parts: AppParts, user: CurrentUser, actor: CurrentActor, job_id: UUID) -> None:
    """Erase an ended job with its corrections: file, errors, ledger, shares, progress.

    The rows that it wrote stay in the target's table (undo the import first to take them back), and
    the audit keeps that it was erased. Kafka forgets its records when their retention ends.
    """
    await parts.authenticator.require_right(user, job_id, Right.OWN)
    await run_in_threadpool(_begin, parts, job_id, actor)
    try:
        for erasure in await run_in_threadpool(parts.eraser.open):
            await run_in_threadpool(parts.eraser.delete_rows, erasure)
            if await parts.storage_threads.run(parts.eraser.delete_file, erasure):
                await run_in_threadpool(parts.eraser.end, erasure)
    except (Outage, psycopg.Error) as error:  # the job is erased: the rest follows by itself
        log.warning("an erasure waits", job_id=str(job_id), reason=type(error).__name__)


def _begin(parts: Parts, job_id: UUID, actor: Actor) -> None:
    try:
        with parts.connection() as conn:
            begin_erasure(conn, job_id, actor, "asked for")
    except EraseRefused as refused:
        raise Problem(409, "ERASE_REFUSED", str(refused)) from None
    except GateBusy:
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise Problem(503, "JOB_BUSY", BUSY, headers=headers) from None

"""Step 1: the job of a stored file: no job without its file, no file without its job."""

from uuid import UUID

import psycopg
import structlog
from starlette.concurrency import run_in_threadpool

from sluice.failpoints import failpoint
from sluice.web.problems import RETRY_AFTER_S, Problem
from upload_api.adapters.postgres_audit import Caller
from upload_api.adapters.postgres_idempotency import KeyInFlight
from upload_api.adapters.postgres_jobs import (
    CommitUnknown,
    JobTerms,
    NewJob,
    UsedKey,
    insert_job,
    was_committed,
)
from upload_api.adapters.postgres_slots import NoSlotFree, check_slot
from upload_api.domain.corrections import CorrectionRefused
from upload_api.entrypoints.slot_problems import no_slot
from upload_api.parts import Parts

log = structlog.get_logger(__name__)


def refuse_without_slot(parts: Parts, owner_id: UUID) -> None:
    """Spare a user the upload of a file that could not become a job; raises `Problem`: 429.

    It is no promise: others of their uploads may be faster, and `make_job` decides.
    """
    limit = parts.settings.max_unfinished_jobs
    try:
        with parts.connection() as conn:
            check_slot(conn, owner_id, limit)
    except NoSlotFree:
        raise no_slot(limit) from None


async def make_job(
    parts: Parts, job: NewJob, caller: Caller, key: UsedKey | None = None
) -> UUID | None:
    """Make the job of a stored file; return an earlier job of the same bytes.

    When there is no job, the file is deleted. Only while that cannot be told it stays, and while
    storage does not answer: the sweeper deletes it when after its time no job has it.

    Raises:
        Problem: 429, the owner has too many unfinished jobs; 409, another upload has the key, or
            the corrected job does not allow it any more; 503, the corrected job is busy.
        Outage: PostgreSQL is away.
    """
    terms = JobTerms(caller=caller, max_unfinished=parts.settings.max_unfinished_jobs, key=key)
    try:
        return await _make(parts, job, terms)
    except NoSlotFree:
        raise no_slot(terms.max_unfinished) from None
    except KeyInFlight:
        raise key_in_flight() from None
    except CorrectionRefused as refused:
        raise correction_refused(refused) from None
    except psycopg.errors.LockNotAvailable:
        if job.correction_of is None:
            raise
        raise _busy() from None


async def _make(parts: Parts, job: NewJob, terms: JobTerms) -> UUID | None:
    try:
        duplicate_of = await run_in_threadpool(_insert, parts, job, terms)
    except CommitUnknown:
        if await run_in_threadpool(_is_there, parts, job):
            return None
        await parts.storage_threads.delete(parts.storage, job.file_url)
        raise
    except Exception:  # a request that is cancelled leaves its thread, which may make the job yet
        await parts.storage_threads.delete(parts.storage, job.file_url)
        raise
    else:  # the job may be made: whatever fails from here on, its file stays
        failpoint("upload.after_commit")
        return duplicate_of


def _insert(parts: Parts, job: NewJob, terms: JobTerms) -> UUID | None:
    with parts.connection() as conn:
        return insert_job(conn, job, terms, parts.clock.now())


def _is_there(parts: Parts, job: NewJob) -> bool:
    with parts.connection() as conn:
        found = was_committed(conn, job)
    log.warning("a job's commit was unknown", job_id=str(job.job_id), committed=found)
    return found


def key_in_flight() -> Problem:
    """Return the 409 of an upload whose twin is not answered yet."""
    detail = "An upload with this Idempotency-Key is on its way: ask again in a few seconds."
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return Problem(409, "IDEMPOTENCY_KEY_IN_USE", detail, headers=headers)


def correction_refused(refused: CorrectionRefused) -> Problem:
    """Return the 409 that says why a job cannot be corrected."""
    return Problem(409, "CORRECTION_REFUSED", str(refused))


def _busy() -> Problem:
    detail = "The job to correct is being changed: try again in a few seconds."
    return Problem(503, "JOB_BUSY", detail, headers={"Retry-After": str(RETRY_AFTER_S)})

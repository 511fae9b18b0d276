"""Step 1: the job of a stored file: no job without its file, no file without its job."""

from uuid import UUID

import structlog

from upload_api.adapters.postgres_audit import Caller
from upload_api.adapters.postgres_jobs import CommitUnknown, NewJob, insert_job, was_committed
from upload_api.adapters.postgres_slots import NoSlotFree, check_slot
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


def make_job(parts: Parts, job: NewJob, caller: Caller) -> UUID | None:
    """Make the job of a stored file; return an earlier job of the same bytes.

    When there is no job, the file is deleted. Only while that cannot be told it stays: the sweeper
    deletes it when after its time no job has it.

    Raises:
        Problem: 429, the owner has too many unfinished jobs.
        Outage: PostgreSQL is away.
    """
    limit = parts.settings.max_unfinished_jobs
    try:
        with parts.connection() as conn:
            return insert_job(conn, job, caller, limit, parts.clock.now())
    except CommitUnknown:
        if _is_there(parts, job):
            return None
        parts.storage.delete(job.file_url)
        raise
    except NoSlotFree:
        parts.storage.delete(job.file_url)
        raise no_slot(limit) from None
    except BaseException:
        parts.storage.delete(job.file_url)
        raise


def _is_there(parts: Parts, job: NewJob) -> bool:
    with parts.connection() as conn:
        found = was_committed(conn, job)
    log.warning("a job's commit was unknown", job_id=str(job.job_id), committed=found)
    return found

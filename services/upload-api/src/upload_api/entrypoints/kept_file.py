"""Step 1: the file of an upload: from its body, or kept by a preview before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from sluice.auth.access import User
from sluice.storage import FileMissing
from sluice.web.problems import Problem
from upload_api.adapters.postgres_previews import find_kept
from upload_api.entrypoints.multipart_upload import ReceivedFile, problem_of_storage
from upload_api.parts import Parts


@asynccontextmanager
async def file_of(
    parts: Parts, user: User, received: ReceivedFile | None, preview_id: UUID | None, job_id: UUID
) -> AsyncIterator[ReceivedFile]:
    """Lend the received file, or a kept one under a temporary name of its own.

    The kept file stays as it is, so that it serves a dry run and then the import.

    Raises:
        Problem: 404, the file is not kept (any more), or is somebody else's.
        Outage: PostgreSQL or storage is away.
    """
    if received is not None or preview_id is None:
        if received is None:
            raise Problem(400, "MISSING_FILE", "The form has neither a file nor a previewId.")
        yield received
        return
    kept = await run_in_threadpool(_kept, parts, user, preview_id, job_id)
    try:
        yield kept
    finally:
        kept.stored.discard()


def _kept(parts: Parts, user: User, preview_id: UUID, job_id: UUID) -> ReceivedFile:
    with parts.connection() as conn:
        kept = find_kept(conn, user.user_id, preview_id)
    if kept is None:
        raise _unknown()
    try:
        stored = parts.storage.again(job_id, kept.file_url)
    except FileMissing:
        raise _unknown() from None
    except OSError as error:
        raise problem_of_storage(error) from error
    return ReceivedFile(
        stored=stored,
        raw_name=kept.file_name,
        size_bytes=kept.file_size_bytes,
        sha256=kept.file_sha256,
    )


def _unknown() -> Problem:
    detail = "You have no file kept under this previewId (any more): upload the file."
    return Problem(404, "PREVIEW_UNKNOWN", detail)

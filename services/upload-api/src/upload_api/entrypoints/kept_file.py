"""Step 1: the file of an upload: from its body, or kept by a preview before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from sluice.auth.access import User
from sluice.storage import FileMissing
from sluice.web.problems import Problem
from upload_api.adapters.postgres_previews import KeptFile, find_kept, keep_file
from upload_api.domain.file_names import clean_file_name
from upload_api.entrypoints.multipart_upload import ReceivedFile, problem_of_storage
from upload_api.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class LentFile:
    """A file for the time of a request; `preview_id`, until `kept_until`, where it was kept."""

    received: ReceivedFile
    preview_id: UUID | None = None
    kept_until: datetime | None = None


@asynccontextmanager
async def file_of(
    parts: Parts, user: User, received: ReceivedFile | None, preview_id: UUID | None, job_id: UUID
) -> AsyncIterator[LentFile]:
    """Lend the received file, or a kept one under a temporary name of its own.

    The kept file stays as it is, so that it serves a dry run and then the import.

    Raises:
        Problem: 404, the file is not kept (any more), or is somebody else's.
        Outage: PostgreSQL or storage is away.
    """
    if received is not None or preview_id is None:
        if received is None:
            raise Problem(400, "MISSING_FILE", "The form has neither a file nor a previewId.")
        yield LentFile(received=received)
        return
    kept = await run_in_threadpool(_find, parts, user, preview_id)
    lent = await parts.storage_threads.run(_lend, parts, kept, job_id)
    try:
        yield lent
    finally:
        await parts.storage_threads.discard(lent.received.stored)


async def keep(parts: Parts, user: User, file: ReceivedFile, preview_id: UUID) -> datetime:
    """Keep a file that was received under the preview's id; return until when.

    What a crash leaves between file and row is an orphan, and is swept.

    Raises:
        Problem: 507, the disk is full.
        Outage: PostgreSQL or storage is away.
    """
    try:
        file_url = await parts.storage_threads.run(file.stored.commit)
    except OSError as error:
        raise problem_of_storage(error) from error
    kept = KeptFile(
        preview_id=preview_id,
        owner_id=user.user_id,
        file_name=clean_file_name(file.raw_name),
        file_url=file_url,
        file_size_bytes=file.size_bytes,
        file_sha256=file.sha256,
    )
    try:
        kept_until, dropped = await run_in_threadpool(_note, parts, kept)
    except Exception:
        await parts.storage_threads.delete(parts.storage, file_url)
        raise
    for url in dropped:
        await parts.storage_threads.delete(parts.storage, url)
    return kept_until


def _note(parts: Parts, kept: KeptFile) -> tuple[datetime, list[str]]:
    settings = parts.settings
    time = timedelta(seconds=settings.preview_keep_s)
    with parts.connection() as conn:
        return keep_file(conn, kept, time, settings.max_kept_previews)


def _find(parts: Parts, user: User, preview_id: UUID) -> KeptFile:
    with parts.connection() as conn:
        kept = find_kept(conn, user.user_id, preview_id)
    if kept is None:
        raise _unknown()
    return kept


def _lend(parts: Parts, kept: KeptFile, job_id: UUID) -> LentFile:
    try:
        stored = parts.storage.again(job_id, kept.file_url)
    except FileMissing:
        raise _unknown() from None
    except OSError as error:
        raise problem_of_storage(error) from error
    file = ReceivedFile(
        stored=stored,
        raw_name=kept.file_name,
        size_bytes=kept.file_size_bytes,
        sha256=kept.file_sha256,
    )
    return LentFile(received=file, preview_id=kept.preview_id, kept_until=kept.expires_at)


def _unknown() -> Problem:
    detail = "You have no file kept under this previewId (any more): upload the file."
    return Problem(404, "PREVIEW_UNKNOWN", detail)

"""Step 1: `POST /api/upload/excel`: a file becomes a job, and the answer comes at once."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right, User
from sluice.metrics import took
from sluice.web.problems import Problem
from upload_api.adapters.postgres_jobs import get_job
from upload_api.adapters.postgres_roots import find_root
from upload_api.domain.corrections import CorrectedJob
from upload_api.domain.idempotency import EarlierUpload, fingerprint
from upload_api.domain.upload_form import UPLOAD_FIELDS
from upload_api.entrypoints.accept_upload import ReceivedUpload, accept
from upload_api.entrypoints.callers import AppParts, CurrentUser, caller_of
from upload_api.entrypoints.claimed_key import REPLAYED, claimed_key
from upload_api.entrypoints.form_problems import form_of
from upload_api.entrypoints.kept_file import file_of
from upload_api.entrypoints.make_job import key_in_flight, refuse_without_slot
from upload_api.entrypoints.multipart_upload import FileLimits, ReceivedFile
from upload_api.entrypoints.receive_body import received_upload
from upload_api.entrypoints.upload_answer import JobFacts, UploadAccepted, answer_of
from upload_api.entrypoints.upload_docs import UPLOAD_ANSWERS, UPLOAD_FORM
from upload_api.entrypoints.upload_limits import refuse_over_limit, taken_upload
from upload_api.entrypoints.upload_trace import UploadTrace
from upload_api.metrics import UPLOADED_BYTES, UPLOADS
from upload_api.parts import Parts

router = APIRouter(prefix="/api/upload", tags=["upload"])


@router.post(
    "/excel",
    response_model_exclude_none=True,
    responses=UPLOAD_ANSWERS,
    openapi_extra=UPLOAD_FORM,
)
async def upload_excel(
    trace: UploadTrace, parts: AppParts, user: CurrentUser, request: Request, response: Response
) -> UploadAccepted:
    """Import a workbook or a text file (CSV, TSV): the job is made at once, its rows follow.

    With an `Idempotency-Key` the same upload may be sent again for 24 hours: it is answered with
    the same job and `Idempotent-Replayed: true`.
    """
    job_id, begun_s = uuid4(), parts.clock.monotonic_s()
    async with claimed_key(parts, request, user.user_id, job_id) as key:
        if key.earlier is None:
            await run_in_threadpool(refuse_without_slot, parts, user.user_id)
            await refuse_over_limit(parts, user.user_id)
        async with received_upload(
            request,
            limits_of(parts),
            parts.settings.body_timeout_s,
            lambda: parts.storage.create(job_id),
            parts.uploads,
            parts.storage_threads,
        ) as (received, fields):
            form = form_of(fields, UPLOAD_FIELDS)
            async with file_of(parts, user, received, form.preview_id, job_id) as lent:
                file = lent.received
                if key.earlier is not None:
                    earlier = key.earlier
                    again = await run_in_threadpool(_again, parts, earlier, file, fields)
                    response.headers.update(REPLAYED | {"Location": again.links.self})
                    return again
                upload = ReceivedUpload(
                    job_id=job_id,
                    user=user,
                    caller=caller_of(request),
                    file=file,
                    fields=fields,
                    form=form,
                    root=await _root_of(parts, user, form.correction_of),
                    claim=key.claim,
                )
                async with taken_upload(parts, user.user_id, file.size_bytes) as told:
                    accepted = await accept(parts, upload)
    parts.relay.wake()
    took("upload", parts.clock.monotonic_s() - begun_s)
    trace.set({"sluice.job.id": str(job_id), "sluice.file.bytes": file.size_bytes})
    UPLOADS.inc()
    UPLOADED_BYTES.inc(file.size_bytes)
    response.headers.update(told | {"Location": accepted.links.self})
    return accepted


def limits_of(parts: Parts) -> FileLimits:
    """Return the most bytes of a file, by its kind."""
    settings = parts.settings
    return FileLimits(workbook=settings.max_upload_bytes, text=settings.max_text_upload_bytes)


async def _root_of(parts: Parts, user: User, job_id: UUID | None) -> CorrectedJob | None:
    """Return the root that an upload corrects, if it corrects one.

    Raises:
        Problem: 404, there is no such job; 403, it is not theirs to correct.
    """
    if job_id is None:
        return None
    root = await run_in_threadpool(_find_root, parts, job_id)
    if root is None:
        raise Problem(404, "JOB_UNKNOWN", "There is no such job as correctionOf names.")
    await parts.authenticator.require_right(user, root.job_id, Right.CONTROL)
    return root


def _find_root(parts: Parts, job_id: UUID) -> CorrectedJob | None:
    with parts.connection() as conn:
        return find_root(conn, job_id)


def _again(
    parts: Parts, earlier: EarlierUpload, file: ReceivedFile, fields: Mapping[str, str]
) -> UploadAccepted:
    """Answer as the earlier upload was; raises `Problem`: 422, it was another upload."""
    if fingerprint(file.sha256, fields) != earlier.fingerprint:
        detail = "This Idempotency-Key was used for another file or other fields: use a new one."
        raise Problem(422, "IDEMPOTENCY_KEY_REUSED", detail)
    with parts.connection() as conn:
        row = get_job(conn, earlier.job_id)
    if row is None:  # erased just now, and the key with it
        raise key_in_flight()
    facts = JobFacts(**{name: row[name] for name in JobFacts.__slots__})
    return answer_of(facts, earlier.duplicate_of)

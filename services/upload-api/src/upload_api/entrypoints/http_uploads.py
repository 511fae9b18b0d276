"""Step 1: `POST /api/upload/excel`: a file becomes a job, and the answer comes at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from prometheus_client import Counter
from starlette.concurrency import run_in_threadpool

from csv_reader import KNOWN_WISHES, CsvError, WishUnknown, read_wish
from import_targets import TargetDefinition
from sluice.auth.access import User
from sluice.failpoints import failpoint
from sluice.job_layout import JobLayout
from sluice.web.problems import Problem
from upload_api.adapters.postgres_audit import Caller
from upload_api.adapters.postgres_jobs import NewJob
from upload_api.adapters.uploaded_head import UploadedHead, read_head
from upload_api.domain.file_names import clean_file_name
from upload_api.domain.intake import Refused, layout_of, status_of_workbook_error
from upload_api.entrypoints.callers import AppParts, CurrentUser, View, caller_of, problems
from upload_api.entrypoints.dialect_view import DialectView, dialect_view
from upload_api.entrypoints.job_views import JobLinks, links_of
from upload_api.entrypoints.make_job import make_job, refuse_without_slot
from upload_api.entrypoints.multipart_upload import FileLimits, ReceivedFile, problem_of_storage
from upload_api.entrypoints.receive_body import received_upload
from upload_api.parts import Parts
from xlsx_reader import WorkbookError

router = APIRouter(prefix="/api/upload", tags=["upload"])
DEFAULT_TARGET = "records"
_LATER_FIELDS = ("mapping", "correctionOf")

UPLOADS = Counter("sluice_uploads", "Uploads that became a job")
UPLOADED_BYTES = Counter("sluice_uploaded_bytes", "Bytes of uploads that became a job")


class UploadAccepted(View):
    """The job that an upload became; `duplicateOf` is an earlier job of the same bytes."""

    success: bool = True
    job_id: UUID
    file_name: str
    total_rows: int
    total_is_estimate: bool = True
    message: str
    links: JobLinks
    duplicate_of: UUID | None = None
    dialect: DialectView | None = None


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "target": {"type": "string", "default": DEFAULT_TARGET},
                        "sheet": {"type": "string"},
                        **{
                            field: {"type": "string", "enum": list(known)}
                            for field, known in KNOWN_WISHES.items()
                        },
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is known of an upload once its body is read."""

    job_id: UUID
    user: User
    caller: Caller
    file: ReceivedFile
    fields: Mapping[str, str]


@router.post(
    "/excel",
    response_model_exclude_none=True,
    responses=problems(400, 401, 408, 413, 415, 422, 429, 503, 507),
    openapi_extra=_FORM,
)
async def upload_excel(
    parts: AppParts, user: CurrentUser, request: Request, response: Response
) -> UploadAccepted:
    job_id = uuid4()
    settings = parts.settings
    await run_in_threadpool(refuse_without_slot, parts, user.user_id)
    async with received_upload(
        request,
        FileLimits(workbook=settings.max_upload_bytes, text=settings.max_text_upload_bytes),
        settings.body_timeout_s,
        lambda: parts.storage.create(job_id),
        parts.uploads,
    ) as (file, fields):
        received = _Request(
            job_id=job_id, user=user, caller=caller_of(request), file=file, fields=fields
        )
        # Idempotency keys are to be looked up here: the content's hash is known, no job is made
        accepted = await run_in_threadpool(_accept, parts, received)
    parts.relay.wake()
    UPLOADS.inc()
    UPLOADED_BYTES.inc(file.size_bytes)
    response.headers["Location"] = accepted.links.self
    return accepted


def _accept(parts: Parts, received: _Request) -> UploadAccepted:
    """Make the job; runs in a worker thread.

    Raises:
        Problem: 415, 422, 429 or 507; the caller discards the file.
        Outage: PostgreSQL or storage is away.
    """
    target = _target_of(received.fields, parts.targets)
    head = _head_of(received)
    layout = _layout_of(head, target)
    try:
        file_url = received.file.stored.commit()
    except OSError as error:
        raise problem_of_storage(error) from error
    failpoint("upload.after_rename")
    job = _new_job(received, target, layout, file_url)
    duplicate_of = make_job(parts, job, received.caller)
    failpoint("upload.after_commit")
    return UploadAccepted(
        job_id=job.job_id,
        file_name=job.file_name,
        total_rows=job.total_rows,
        message=f"{job.file_name} is accepted: {_told(head, layout)}",
        links=links_of(job.job_id),
        duplicate_of=duplicate_of,
        dialect=dialect_view(head.dialect),
    )


def _told(head: UploadedHead, layout: JobLayout) -> str:
    """Return about how many rows of what, and for a text file how it is read."""
    about = f"about {layout.estimated_rows:,} rows" if layout.estimated_rows else "no rows"
    if head.dialect is None:
        return f"{about} of sheet {layout.sheet!r}."
    told = f"{about}, read as {head.dialect_words}."
    if head.dialect.encoding_is_guess:
        told += (
            " The encoding is a guess: if letters look wrong, upload it with the field encoding."
        )
    return told


def _target_of(
    fields: Mapping[str, str], targets: Mapping[str, TargetDefinition]
) -> TargetDefinition:
    """Return the target; what this release cannot do is refused, never silently left out."""
    name = fields.get("target") or DEFAULT_TARGET
    target = targets.get(name)
    if target is None:
        known = sorted(targets)
        detail = f"There is no target {name[:100]!r}; the known ones: {', '.join(known)}."
        raise Problem(422, "TARGET_UNKNOWN", detail, targets=known)
    unsupported = [field for field in _LATER_FIELDS if fields.get(field)]
    if fields.get("dryRun", "false").lower() not in {"", "false", "0"}:
        unsupported.append("dryRun")
    if fields.get("mode", "") not in {"", str(target.mode)}:
        unsupported.append("mode")
    if unsupported:
        detail = f"Not supported yet: {', '.join(unsupported)}. Upload without."
        raise Problem(422, "FIELD_NOT_SUPPORTED", detail, fields=unsupported)
    return target


def _head_of(received: _Request) -> UploadedHead:
    file, fields = received.file, received.fields
    try:
        wish = read_wish(fields)
        return read_head(
            file.stored.temporary_path, file.raw_name, fields.get("sheet") or None, wish
        )
    except WishUnknown as unknown:
        code = f"{unknown.field.upper()}_UNKNOWN"
        raise Problem(422, code, unknown.message, known=list(unknown.known)) from None
    except (WorkbookError, CsvError) as error:
        detail = f"{error.message} ({error.place})" if error.place else error.message
        raise Problem(status_of_workbook_error(error.code), error.code, detail) from None
    except Refused as refused:
        raise Problem(422, refused.code, refused.message) from None


def _layout_of(head: UploadedHead, target: TargetDefinition) -> JobLayout:
    try:
        return layout_of(head.sheet, target, head.dialect)
    except Refused as refused:
        members: dict[str, Any] = {"faults": list(refused.faults)} if refused.faults else {}
        raise Problem(422, refused.code, refused.message, **members) from None


def _new_job(
    received: _Request, target: TargetDefinition, layout: JobLayout, file_url: str
) -> NewJob:
    return NewJob(
        job_id=received.job_id,
        owner_id=received.user.user_id,
        target=target.name,
        target_definition=target.to_json(),
        mode=str(target.mode),
        layout=layout.model_dump(mode="json", by_alias=True),
        file_name=clean_file_name(received.file.raw_name),
        file_url=file_url,
        file_size_bytes=received.file.size_bytes,
        file_sha256=received.file.sha256,
        total_rows=layout.estimated_rows,
    )

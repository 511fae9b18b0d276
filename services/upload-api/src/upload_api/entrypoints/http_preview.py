"""Step 1: `POST /api/upload/preview`: what an upload would do, told from the head of the file."""

from uuid import uuid4

from fastapi import APIRouter, Request

from upload_api.domain.upload_form import PREVIEW_FIELDS
from upload_api.entrypoints.callers import AppParts, CurrentUser
from upload_api.entrypoints.form_problems import form_of
from upload_api.entrypoints.http_uploads import limits_of
from upload_api.entrypoints.kept_file import file_of, keep
from upload_api.entrypoints.preview_views import Preview
from upload_api.entrypoints.read_preview import read_preview
from upload_api.entrypoints.receive_body import received_upload
from upload_api.entrypoints.upload_docs import PREVIEW_ANSWERS, PREVIEW_FORM

router = APIRouter(prefix="/api/upload", tags=["upload"])


@router.post("/preview", responses=PREVIEW_ANSWERS, openapi_extra=PREVIEW_FORM)
async def preview_upload(parts: AppParts, user: CurrentUser, request: Request) -> Preview:
    """Look at a file before it is imported: nothing is imported, and nothing is kept.

    Only the head of the sheet is read. With `keep` the file stays for an hour: further previews
    (of another sheet, with another mapping) and uploads take it by `previewId`: it is sent once.
    """
    preview_id = uuid4()
    async with received_upload(
        request,
        limits_of(parts),
        parts.settings.body_timeout_s,
        lambda: parts.storage.create(preview_id),
        parts.uploads,
        parts.storage_threads,
    ) as (received, fields):
        form = form_of(fields, PREVIEW_FIELDS)
        async with file_of(parts, user, received, form.preview_id, preview_id) as file:
            told = await read_preview(parts, user, file, form)
            if not form.keep or file.preview_id is not None:
                return told
            kept_until = await keep(parts, user, file.received, preview_id)
            kept: dict[str, object] = {"preview_id": preview_id, "kept_until": kept_until}
            return told.model_copy(update=kept)

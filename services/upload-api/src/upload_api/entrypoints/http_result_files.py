"""`/api/jobs/{id}/failed-rows` and `/unprocessed-rows`: what was not written, as a file."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from sluice.auth.access import Right, User
from upload_api.entrypoints.callers import AppParts, CurrentUser, problems
from upload_api.entrypoints.documented import Refusal, refusals
from upload_api.entrypoints.result_files import CSV, XLSX, FileFormat, ResultKind, result_file
from upload_api.parts import Parts

router = APIRouter(prefix="/api/jobs", tags=["results"])

_REFUSALS = problems(400, 401, 403, 404) | refusals(
    Refusal(
        status=410,
        code="FILE_GONE",
        detail="The uploaded file is deleted, and its rows are kept nowhere else.",
    ),
    Refusal(
        status=422,
        code="FILE_UNREADABLE",
        detail="The uploaded file cannot be read again: BAD_ZIP: it is cut off.",
    ),
    Refusal(
        status=503,
        code="READERS_BUSY",
        detail="Other files are being read again: try again in a few seconds.",
    ),
)
_TOO_MANY = Refusal(
    status=409,
    code="TOO_MANY_ROWS",
    detail="2,000,000 rows do not fit a workbook: take the CSV file.",
)
_RUNNING = Refusal(
    status=409,
    code="JOB_STATE_CONFLICT",
    detail="The job is processing: wait for its end, or cancel it.",
)
Responses = dict[int | str, dict[str, Any]]


def _responses(form: FileFormat, *conflicts: Refusal) -> Responses:
    headers = {name: {"schema": {"type": "string"}} for name in ("Content-Disposition", "ETag")}
    file = {
        "description": "The file; its header alone when there are no such rows.",
        "content": {form.media_type: {"schema": {"type": "string", "format": "binary"}}},
        "headers": headers,
    }
    unchanged = {"description": "Nothing has changed since the ETag in If-None-Match."}
    return {200: file, 304: unchanged, **_REFUSALS, **refusals(*conflicts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Who asks for a file, and with which headers."""

    parts: Parts
    user: User
    request: Request

    async def answer(self, job_id: UUID, kind: ResultKind, form: FileFormat) -> Response:
        """Send the file to who may see what the job's cells hold."""
        await self.parts.authenticator.require_right(self.user, job_id, Right.CONTROL)
        return await result_file(self.parts, job_id, kind, form, self.request)


async def asked_of(parts: AppParts, user: CurrentUser, request: Request) -> _Asked:
    return _Asked(parts=parts, user=user, request=request)


Asked = Annotated[_Asked, Depends(asked_of)]


@router.get(
    "/{job_id}/failed-rows.xlsx",
    response_class=Response,
    responses=_responses(XLSX, _TOO_MANY),
)
async def failed_rows_workbook(job_id: UUID, asked: Asked) -> Response:
    """Every rejected row that is not corrected yet, in the order of the sheet.

    The columns are the original ones at their letters, then `_row` (the line in the sheet) and
    `_errors`. Correct the cells, leave `_row` alone and upload the file with `correctionOf`. All
    cells are texts; one that looks like a formula has an apostrophe in front, which is taken off
    on the way back.
    """
    return await asked.answer(job_id, ResultKind.FAILED, XLSX)


@router.get("/{job_id}/failed-rows.csv", response_class=Response, responses=_responses(CSV))
async def failed_rows_text(job_id: UUID, asked: Asked) -> Response:
    """The same as a text file, with the delimiter of the uploaded one."""
    return await asked.answer(job_id, ResultKind.FAILED, CSV)


@router.get(
    "/{job_id}/unprocessed-rows.xlsx",
    response_class=Response,
    responses=_responses(XLSX, _TOO_MANY, _RUNNING),
)
async def unprocessed_rows_workbook(job_id: UUID, asked: Asked) -> Response:
    """The rows that a failed or cancelled job did not come to, read again from the file."""
    return await asked.answer(job_id, ResultKind.UNPROCESSED, XLSX)


@router.get(
    "/{job_id}/unprocessed-rows.csv",
    response_class=Response,
    responses=_responses(CSV, _RUNNING),
)
async def unprocessed_rows_text(job_id: UUID, asked: Asked) -> Response:
    """The same as a text file, with the delimiter of the uploaded one."""
    return await asked.answer(job_id, ResultKind.UNPROCESSED, CSV)

"""The forms of uploads and previews, and all their refusals, for the interface's description."""

from typing import Any

from csv_reader import KNOWN_WISHES
from upload_api.domain.idempotency import MAX_CHARACTERS
from upload_api.domain.upload_form import MODES
from upload_api.entrypoints.documented import Refusal, refusals
from upload_api.entrypoints.file_refusals import FILE_REFUSALS
from upload_api.entrypoints.form_problems import DEFAULT_TARGET, TARGET_UNKNOWN

_TEXT: dict[str, Any] = {"type": "string"}
_UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
_FLAG: dict[str, Any] = {"type": "boolean", "default": False}


def _told(kind: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {**kind, "description": description, **more}


_MAPPING_FIELDS = {
    "mapping": _told(
        _TEXT,
        "JSON: which column feeds which field, by header or, where no header is so, by letter; "
        "null: none. It goes before what the headers say.",
        examples=['{"columns": {"Order no": "order_id", "C": null}}'],
    ),
    "mappingName": _told(
        _TEXT, "A saved mapping instead; its target is the default of target.", maxLength=100
    ),
}
_COMMON_FIELDS = {
    "file": {"type": "string", "format": "binary"},
    "previewId": _told(
        _UUID, "Instead of file: one that POST /api/upload/preview kept, by the same user."
    ),
    "sheet": _told(_TEXT, "Of a workbook; else the first visible one."),
    "headerLine": _told(
        {"type": "integer", "minimum": 1},
        "The row of the header, as the file counts it; one of the first 20 that hold anything. "
        "Else the first of them that fits.",
    ),
    **_MAPPING_FIELDS,
    **{
        name: _told(_TEXT, "Of a text file; else told by its head.", enum=list(known))
        for name, known in KNOWN_WISHES.items()
    },
}
_UPLOAD_FIELDS = {
    **_COMMON_FIELDS,
    "target": _told(_TEXT, "Where the rows go.", default=DEFAULT_TARGET),
    "mode": _told(
        _TEXT,
        "What becomes of a row whose key is in the table already; else as the target says. All "
        "but insert need a target with a key.",
        enum=list(MODES),
    ),
    "dryRun": _told(_FLAG, "Do everything but write: the counts and errors are the real ones."),
    "correctionOf": _told(
        _UUID,
        "The job whose failed rows this file corrects: its failed-rows file, with the column _row. "
        "Target, columns and mode are the job's.",
    ),
    "maxErrorPercent": _told(
        {"type": "number", "minimum": 0, "maximum": 100},
        "Stop the job when more of its rows are rejected (looked at from 1,000 rows on); else the "
        "target's limit, else the server's, else none.",
    ),
}
_PREVIEW_FIELDS = {
    **_COMMON_FIELDS,
    "target": _told(_TEXT, "What to match the headers with; else the target that fits best."),
    "keep": _told(_FLAG, "Keep the file for an hour, to be used by the answer's previewId."),
}


def _form(fields: dict[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": fields,
        "additionalProperties": False,
        "oneOf": [{"required": ["file"]}, {"required": ["previewId"]}],
    }
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


UPLOAD_FORM = _form(_UPLOAD_FIELDS) | {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
            "description": "In quotes or bare; yours alone. Again, the same upload with it makes "
            "no second job for 24 hours; the key of an upload that was refused is free again.",
        }
    ]
}
PREVIEW_FORM = _form(_PREVIEW_FIELDS)

_FORM_REFUSALS = (
    Refusal(
        status=422,
        code="HEADER_LINE_UNKNOWN",
        detail="Row 40 cannot be the header: it is empty, or not among the first 20 rows that "
        "hold anything.",
    ),
    Refusal(
        status=422,
        code="FIELD_UNKNOWN",
        detail="The form has fields that mean nothing here: 'dryrun'; known are target, dryRun, …",
        members={"fields": ["dryrun"], "known": ["target", "dryRun"]},
    ),
    Refusal(
        status=422,
        code="FIELD_INVALID",
        detail="The field maxErrorPercent is '150'; allowed is a number from 0 to 100.",
        members={"field": "maxErrorPercent", "allowed": "a number from 0 to 100"},
    ),
    Refusal(
        status=422,
        code="FIELD_CONFLICT",
        detail="Send mapping or mappingName, not both.",
        members={"fields": ["mapping", "mappingName"]},
    ),
    TARGET_UNKNOWN,
    Refusal(
        status=422,
        code="MAPPING_UNKNOWN",
        detail="You have no saved mapping 'monthly'; GET /api/mappings lists yours.",
        members={"field": "mappingName"},
    ),
    Refusal(
        status=422,
        code="MAPPING_INVALID",
        detail="The mapping 'monthly' is for the target 'orders', not 'customers'.",
        members={"faults": ["The mapping 'monthly' is for the target 'orders', not 'customers'."]},
    ),
    Refusal(
        status=404,
        code="PREVIEW_UNKNOWN",
        detail="You have no file kept under this previewId (any more): upload the file.",
    ),
)
_UPLOAD_REFUSALS = (
    Refusal(
        status=400,
        code="IDEMPOTENCY_KEY_INVALID",
        detail="Send one Idempotency-Key of 1 to 200 ASCII characters.",
    ),
    Refusal(
        status=403,
        code="JOB_FORBIDDEN",
        detail="You lack the right to control this job.",
    ),
    Refusal(
        status=404,
        code="JOB_UNKNOWN",
        detail="There is no such job as correctionOf names.",
    ),
    Refusal(
        status=409,
        code="IDEMPOTENCY_KEY_IN_USE",
        detail="An upload with this Idempotency-Key is on its way: ask again in a few seconds.",
    ),
    Refusal(
        status=409,
        code="CORRECTION_REFUSED",
        detail="No row of the job is rejected: there is nothing to correct.",
    ),
    Refusal(
        status=422,
        code="IDEMPOTENCY_KEY_REUSED",
        detail="This Idempotency-Key was used for another file or other fields: use a new one.",
    ),
    Refusal(
        status=422,
        code="HEADER_INVALID",
        detail="The header in row 1 of the sheet 'Data' does not fit: no column feeds 'quantity'.",
        members={"faults": ["No column feeds the required field 'quantity'."]},
    ),
    Refusal(
        status=422,
        code="HEADER_DUPLICATE",
        detail="The header in row 1 of the sheet 'Data' does not fit: B and D feed 'quantity'.",
        members={"faults": ["Columns B and D all feed 'quantity'."]},
    ),
    Refusal(
        status=422,
        code="CORRECTION_HEADER",
        detail="The column '_row' is missing, which names the line that each row had.",
    ),
    Refusal(
        status=422,
        code="EMPTY",
        detail="There is no header: the sheet 'Data' is empty. Put one above the data.",
    ),
    Refusal(
        status=429,
        code="TOO_MANY_JOBS",
        detail="You have 5 unfinished jobs, the most at a time: wait until one ends.",
        members={"maxUnfinishedJobs": 5},
    ),
    Refusal(
        status=429,
        code="TOO_MANY_UPLOADS",
        detail="You uploaded too many files: try again in 60 seconds.",
        members={"limit": 60, "policy": "uploads"},
    ),
    Refusal(
        status=429,
        code="TOO_MANY_UPLOADED_BYTES",
        detail="You uploaded too many bytes today: try again in 3600 seconds.",
        members={"limit": 10_737_418_240, "policy": "upload-bytes"},
    ),
    Refusal(
        status=503,
        code="JOB_BUSY",
        detail="The job to correct is being changed: try again in a few seconds.",
    ),
)
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The job is made; with `Idempotent-Replayed` it was made before.",
        "headers": {
            "Location": {"schema": _TEXT, "description": "The job's address."},
            "Idempotent-Replayed": {
                "schema": {"type": "string", "enum": ["true"]},
                "description": "The answer to an earlier upload with this Idempotency-Key.",
            },
        },
    }
}
UPLOAD_ANSWERS = _ACCEPTED | refusals(*FILE_REFUSALS, *_FORM_REFUSALS, *_UPLOAD_REFUSALS)
PREVIEW_ANSWERS = refusals(*FILE_REFUSALS, *_FORM_REFUSALS)

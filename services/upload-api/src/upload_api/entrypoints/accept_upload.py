"""Step 1: a received file and its form become a job, or are refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from csv_reader import CsvError, FileKind
from csv_reader.dialect import DecimalMark
from import_targets import TargetDefinition
from sluice import tracing
from sluice.auth.access import User
from sluice.failpoints import failpoint
from sluice.job_layout import JobLayout
from sluice.web.problems import Problem
from upload_api.adapters.postgres_audit import Caller
from upload_api.adapters.postgres_jobs import NewJob, UsedKey
from upload_api.adapters.uploaded_head import HEAD_ROWS, UploadedHead, kind_of, read_head
from upload_api.domain.corrections import (
    CorrectedJob,
    CorrectionRefused,
    check_correctable,
    layout_of_correction,
)
from upload_api.domain.file_names import clean_file_name
from upload_api.domain.idempotency import KeyClaim, fingerprint
from upload_api.domain.intake import Refused, layout_of, status_of_workbook_error
from upload_api.domain.upload_form import UploadForm
from upload_api.entrypoints.form_problems import mode_of, target_named
from upload_api.entrypoints.make_job import correction_refused, make_job
from upload_api.entrypoints.multipart_upload import ReceivedFile, problem_of_storage
from upload_api.entrypoints.named_mapping import ChosenMapping, chosen_mapping
from upload_api.entrypoints.upload_answer import JobFacts, UploadAccepted, answer_of
from upload_api.parts import Parts
from xlsx_reader import WorkbookError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedUpload:
    """What is known of an upload once its body is read."""

    job_id: UUID
    user: User
    caller: Caller
    file: ReceivedFile
    fields: Mapping[str, str]
    form: UploadForm
    root: CorrectedJob | None
    claim: KeyClaim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Where the rows go, and how."""

    target: str
    target_definition: Mapping[str, Any]
    mode: str
    layout: JobLayout
    mapping: ChosenMapping
    max_error_percent: float | None


async def accept(parts: Parts, received: ReceivedUpload) -> UploadAccepted:
    """Make the job; a thread of storage is held for nothing that asks PostgreSQL.

    Raises:
        Problem: 409, 415, 422, 429, 503 or 507; the caller discards the file.
        Outage: PostgreSQL or storage is away.
    """
    mapping = ChosenMapping()
    if received.root is None:
        mapping = await run_in_threadpool(chosen_mapping, parts, received.user, received.form)
    job = await parts.storage_threads.run(
        _store, parts, received, mapping, wait_s=parts.settings.body_timeout_s
    )
    duplicate_of = await make_job(parts, job, received.caller, _used_key(received))
    return answer_of(facts_of(job), duplicate_of)


def facts_of(job: NewJob) -> JobFacts:
    """Return what the answer tells of a new job."""
    return JobFacts(**{name: getattr(job, name) for name in JobFacts.__slots__})


def head_of(
    file: ReceivedFile,
    form: UploadForm,
    *,
    rows: int = HEAD_ROWS,
    decimal: DecimalMark | None = None,
) -> UploadedHead:
    """Read a file's head as the form says; raises `Problem`: 415 or 422.

    Args:
        file: the file.
        form: its form.
        rows: how many rows.
        decimal: the mark of a text file whose form does not say.
    """
    path = file.stored.temporary_path
    try:
        is_text = decimal is not None and kind_of(path, file.raw_name) is FileKind.TEXT
        told = replace(form.wish, decimal=form.wish.decimal or decimal) if is_text else form.wish
        return read_head(path, file.raw_name, form.sheet, told, rows)
    except (WorkbookError, CsvError) as error:
        detail = f"{error.message} ({error.place})" if error.place else error.message
        raise Problem(status_of_workbook_error(error.code), error.code, detail) from None
    except Refused as refused:
        raise unfit(refused) from None


def _store(parts: Parts, received: ReceivedUpload, mapping: ChosenMapping) -> NewJob:
    """Give the file its name, if a job can be made of it."""
    plan = _plan_of_correction(received) if received.root else _plan_of(parts, received, mapping)
    try:
        file_url = received.file.stored.commit()
    except OSError as error:
        raise problem_of_storage(error) from error
    failpoint("upload.after_rename")
    return _new_job(received, plan, file_url)


def _plan_of(parts: Parts, received: ReceivedUpload, mapping: ChosenMapping) -> _Plan:
    form = received.form
    target = target_named(parts.targets, form.target or mapping.target)
    mode = mode_of(form, target)
    head = head_of(received.file, form)
    try:
        layout = layout_of(head.sheet, target, head.dialect, mapping.columns, form.header_line)
    except Refused as refused:
        raise unfit(refused) from None
    return _Plan(
        target=target.name,
        target_definition=target.to_json(),
        mode=mode,
        layout=layout,
        mapping=mapping,
        max_error_percent=_limit_of(parts, form, target),
    )


def _plan_of_correction(received: ReceivedUpload) -> _Plan:
    root = received.root
    if root is None:
        raise TypeError("an upload that corrects nothing")
    try:
        check_correctable(root)
    except CorrectionRefused as refused:
        raise correction_refused(refused) from None
    layout_then = JobLayout.model_validate(root.layout)
    head = head_of(received.file, received.form, decimal=layout_then.decimal)
    try:
        layout = layout_of_correction(head.sheet, layout_then, head.dialect)
    except Refused as refused:
        raise unfit(refused) from None
    return _Plan(
        target=root.target,
        target_definition=root.target_definition,
        mode=root.mode,
        layout=layout,
        mapping=ChosenMapping(),
        max_error_percent=received.form.max_error_percent,
    )


def _limit_of(parts: Parts, form: UploadForm, target: TargetDefinition) -> float | None:
    """Return the breaker's limit: what the form says, else the target, else the settings."""
    limits = (form.max_error_percent, target.max_error_percent, parts.settings.max_error_percent)
    return next((limit for limit in limits if limit is not None), None)


def unfit(refused: Refused) -> Problem:
    """Return the 422 of what cannot become a job, with every fault."""
    members: dict[str, Any] = {"faults": list(refused.faults)} if refused.faults else {}
    return Problem(422, refused.code, refused.message, **members)


def _used_key(received: ReceivedUpload) -> UsedKey | None:
    if received.claim is None:
        return None
    used_for = fingerprint(received.file.sha256, received.fields)
    return UsedKey(claim=received.claim, fingerprint=used_for)


def _new_job(received: ReceivedUpload, plan: _Plan, file_url: str) -> NewJob:
    return NewJob(
        job_id=received.job_id,
        owner_id=received.user.user_id,
        target=plan.target,
        target_definition=plan.target_definition,
        mode=plan.mode,
        layout=plan.layout.model_dump(mode="json", by_alias=True),
        file_name=clean_file_name(received.file.raw_name),
        file_url=file_url,
        file_size_bytes=received.file.size_bytes,
        file_sha256=received.file.sha256,
        total_rows=plan.layout.estimated_rows,
        dry_run=received.form.dry_run,
        correction_of=received.root.job_id if received.root else None,
        mapping_name=plan.mapping.name,
        mapping_version=plan.mapping.version,
        max_error_percent=plan.max_error_percent,
        traceparent=tracing.current().traceparent,
    )

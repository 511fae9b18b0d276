"""A job as people and programs see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sluice.job_layout import JobLayout, TextDialect
from upload_api.adapters.postgres_previews import KeptFile
from upload_api.domain.suggested_mapping import mapping_keys
from upload_api.entrypoints.callers import View
from upload_api.entrypoints.dialect_view import DialectView, dialect_view
from upload_api.entrypoints.undo_views import UndoView


class JobLinks(View):
    """Where to look next."""

    self: str
    progress: str
    stream: str
    errors: str
    error_summary: str
    failed_rows: str


class FailureView(View):
    """Why a job could not be brought to its end."""

    code: str
    message: str


class JobView(View):
    """One job; `successRows = inserted + updated + skipped`."""

    job_id: UUID
    status: str
    desired: str
    run: int
    version: int
    owner: str
    is_public: bool
    file_name: str
    file_size_bytes: int
    target: str
    mode: str
    dry_run: bool
    """The counts are what would be; nothing is written."""
    correction_of: UUID | None
    """The job whose failed rows this one corrects."""
    mapping_name: str | None
    mapping_version: int | None
    max_error_percent: float | None
    sheet: str | None
    dialect: DialectView | None
    """Of a text file; null for a workbook."""
    total_rows: int
    total_is_estimate: bool
    processed_rows: int
    success_rows: int
    inserted_rows: int
    updated_rows: int
    skipped_rows: int
    failed_rows: int
    healed_rows: int
    """Failed before, written by corrections or replays since."""
    unprocessed_rows: int
    undone_rows: int
    """Taken back by an undo."""
    finished_chunks: int
    failure: FailureView | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    links: JobLinks


class JobPlanView(View):
    """How a job was asked for: with it the same can be asked for again, of its file or another."""

    header_line: int
    columns: Mapping[str, str | None]
    """A mapping as an upload takes it."""
    preview_id: UUID | None
    """The job's file as a preview has kept it for whoever asks, until `keptUntil`."""
    kept_until: datetime | None


class JobDetailView(JobView):
    """One job with its first row errors, as sentences; codes for who may only view it."""

    right: str
    """What whoever asks may do: `view`, `control` or `own`."""
    errors: list[str]
    undo: UndoView | None
    """How far the undo is that somebody asked for."""
    plan: JobPlanView | None
    """For who may control the job."""


class ListedJobView(JobView):
    """One job in a list."""

    right: str
    """What whoever asks may do: `view`, `control` or `own`."""


class JobPage(View):
    """Jobs, newest first; `nextCursor` is null on the last page."""

    jobs: list[ListedJobView]
    next_cursor: str | None


def links_of(job_id: UUID) -> JobLinks:
    return JobLinks(
        self=f"/api/jobs/{job_id}",
        progress=f"/api/progress/{job_id}",
        stream=f"/api/progress/{job_id}/stream",
        errors=f"/api/jobs/{job_id}/errors",
        error_summary=f"/api/jobs/{job_id}/errors/summary",
        failed_rows=f"/api/jobs/{job_id}/failed-rows.xlsx",
    )


def job_members(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job row's members of a view."""
    success = row["inserted_rows"] + row["updated_rows"] + row["skipped_rows"]
    failure = None
    if row["failure_code"] is not None:
        failure = FailureView(code=row["failure_code"], message=row["failure_message"] or "")
    derived = {
        "owner": row["owner_name"],
        "sheet": row["layout"].get("sheet"),
        "dialect": _dialect_of(row["layout"]),
        "success_rows": success,
        "processed_rows": success + row["failed_rows"],
        "failure": failure,
        "links": links_of(row["job_id"]),
    }
    names = JobView.model_fields.keys() - derived.keys()
    return {name: row[name] for name in names} | derived


def plan_of(row: Mapping[str, Any], kept: KeptFile | None) -> JobPlanView:
    """Return how a job was asked for, and where its file can still be had."""
    layout = JobLayout.model_validate(row["layout"])
    keys = mapping_keys([(each.index, each.header, each.field) for each in layout.columns])
    named = zip(keys, layout.columns, strict=True)
    return JobPlanView(
        header_line=layout.header_line,
        columns={key: column.field for key, column in named if key is not None},
        preview_id=kept.preview_id if kept else None,
        kept_until=kept.expires_at if kept else None,
    )


def _dialect_of(layout: Mapping[str, Any]) -> DialectView | None:
    told = layout.get("dialect")
    return dialect_view(TextDialect.model_validate(told) if told is not None else None)

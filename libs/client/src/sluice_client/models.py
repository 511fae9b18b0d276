"""What the server answers, as types. Members that a newer server adds are left alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """camelCase outside, snake_case here."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class Uploaded(Model):
    """An accepted upload; `total_rows` is an estimate."""

    job_id: UUID
    message: str
    file_name: str
    target: str
    mode: str
    dry_run: bool
    total_rows: int
    correction_of: UUID | None = None
    duplicate_of: UUID | None = None
    """The same file was imported before, as this job."""
    is_replayed: bool = False
    """An earlier upload with this idempotency key had the same answer."""


class Failure(Model):
    """Why a job could not be brought to its end."""

    code: str
    message: str


class Job(Model):
    """One job; `success_rows = inserted + updated + skipped`."""

    job_id: UUID
    status: str
    desired: str
    run: int
    owner: str
    is_public: bool
    file_name: str
    file_size_bytes: int
    target: str
    mode: str
    dry_run: bool
    correction_of: UUID | None
    total_rows: int
    total_is_estimate: bool
    processed_rows: int
    success_rows: int
    inserted_rows: int
    updated_rows: int
    skipped_rows: int
    failed_rows: int
    healed_rows: int
    unprocessed_rows: int
    undone_rows: int
    failure: Failure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    errors: tuple[str, ...] = ()
    """The first row errors, of a single job."""


class RowError(Model):
    """One error of one row; `value` is for whoever may control the job."""

    line: int
    column: str | None
    header: str | None = None
    field: str | None
    code: str
    message: str
    value: str | None = None
    other_line: int | None = None


class ErrorSample(Model):
    """One of a kind's first errors."""

    line: int
    message: str | None = None
    value: str | None = None


class ErrorKind(Model):
    """All errors of one column and code."""

    column: str | None
    header: str | None
    field: str | None
    code: str
    count: int
    samples: tuple[ErrorSample, ...]


class ErrorSummary(Model):
    """A job's errors by column and code."""

    failed_rows: int
    total_errors: int
    stored_errors: int
    truncated: bool
    kinds: tuple[ErrorKind, ...]


class PreviewHeader(Model):
    """One column: what it looks like, and the field that it feeds."""

    letter: str
    header: str
    samples: tuple[str, ...]
    detected_type: str
    field: str | None
    suggested: str | None
    confidence: float


class SuggestedMapping(Model):
    """A mapping as an upload takes it."""

    columns: dict[str, str | None]
    mapping_name: str | None = None


class Preview(Model):
    """What an upload of the file would do; with `faults` it would be refused."""

    sheet: str
    header_line: int | None
    headers: tuple[PreviewHeader, ...]
    estimated_rows: int
    target: str
    faults: tuple[str, ...]
    suggested_mapping: SuggestedMapping
    duplicate_of: UUID | None
    preview_id: UUID | None
    """Of a file that was kept: `upload(preview_id=…)` takes it."""


class DeadLetter(Model):
    """A record that failed for good."""

    dead_letter_id: int
    topic: str
    job_id: UUID | None
    chunk_no: int | None
    run: int | None
    error_class: str
    error_message: str
    attempts: int
    replay_count: int
    state: str
    first_failed_at: datetime
    last_failed_at: datetime


class Replay(Model):
    """What became of letters that were sent again."""

    replay_id: UUID
    state: str
    selected: int
    waiting: int
    sent: int
    already_written: int
    refused: int
    lost: int
    parked: int
    healed: int


class ReplayAccepted(Model):
    """How many letters a replay takes; of a dry run there is no replay."""

    replay_id: UUID | None
    dry_run: bool
    selected: int
    histogram: dict[str, Any]

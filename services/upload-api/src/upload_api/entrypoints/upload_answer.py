"""Step 1: what an upload is answered with, the first time and whenever it comes again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from csv_reader import Dialect, dialect_name
from import_targets import TargetDefinition, match_headers
from sluice.job_layout import JobLayout, TextDialect
from upload_api.entrypoints.callers import View
from upload_api.entrypoints.dialect_view import DialectView, dialect_view
from upload_api.entrypoints.job_views import JobLinks, links_of


class UploadAccepted(View):
    """The job that an upload became.

    `duplicateOf` is your earlier job that wrote the same bytes into the same target; and
    `mappingVersion` is that of the saved mapping that was used.
    """

    success: bool = True
    job_id: UUID
    file_name: str
    target: str
    mode: str
    dry_run: bool
    correction_of: UUID | None = None
    mapping_name: str | None = None
    mapping_version: int | None = None
    max_error_percent: float | None = None
    total_rows: int
    total_is_estimate: bool = True
    message: str
    links: JobLinks
    duplicate_of: UUID | None = None
    dialect: DialectView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """What the answer tells of a job; all of it stays as it is for the job's whole life."""

    job_id: UUID
    file_name: str
    target: str
    target_definition: Mapping[str, Any]
    mode: str
    layout: Mapping[str, object]
    dry_run: bool
    correction_of: UUID | None
    mapping_name: str | None
    mapping_version: int | None
    max_error_percent: float | None


def answer_of(job: JobFacts, duplicate_of: UUID | None) -> UploadAccepted:
    """Return the answer of an upload that is the job."""
    layout = JobLayout.model_validate(job.layout)
    return UploadAccepted(
        job_id=job.job_id,
        file_name=job.file_name,
        target=job.target,
        mode=job.mode,
        dry_run=job.dry_run,
        correction_of=job.correction_of,
        mapping_name=job.mapping_name,
        mapping_version=job.mapping_version,
        max_error_percent=job.max_error_percent,
        total_rows=layout.estimated_rows,
        message=_message(job, layout, duplicate_of),
        links=links_of(job.job_id),
        duplicate_of=duplicate_of,
        dialect=dialect_view(layout.dialect),
    )


def _message(job: JobFacts, layout: JobLayout, duplicate_of: UUID | None) -> str:
    as_what = ""
    if job.dry_run:
        as_what = " for a dry run"
    elif job.correction_of is not None:
        as_what = f" as a correction of job {job.correction_of}"
    told = f"{job.file_name} is accepted{as_what}: {_told(layout)}"
    told += "".join(f" {slip}" for slip in _slips(job, layout))
    if job.dry_run:
        told += " Nothing will be written."
    if duplicate_of is not None:
        told += f" The same file was imported into {job.target!r} before, by job {duplicate_of}."
    return told


def _slips(job: JobFacts, layout: JobLayout) -> list[str]:
    """Return a sentence for each header that is misspelt and was used all the same."""
    if job.correction_of is not None:  # its headers are the root's, whatever they are
        return []
    target = TargetDefinition.from_json(dict(job.target_definition))
    fed = layout.field_columns()
    headers = [(column.index, column.header) for column in layout.columns]
    return [
        f"Column {found.letter} ({found.header.strip()[:60]!r}) is taken for {found.field!r}."
        for found in match_headers(target, headers).headers
        if found.via == "close" and found.field and fed.get(found.field) == found.index
    ]


def _told(layout: JobLayout) -> str:
    """Return about how many rows of what, and for a text file how it is read."""
    about = f"about {layout.estimated_rows:,} rows" if layout.estimated_rows else "no rows"
    if layout.dialect is None:
        return f"{about} of sheet {layout.sheet!r}."
    told = f"{about}, read as {_words(layout.dialect)}."
    if layout.dialect.encoding_is_guess:
        told += (
            " The encoding is a guess: if letters look wrong, upload it with the field encoding."
        )
    return told


def _words(told: TextDialect) -> str:
    return dialect_name(Dialect(**told.model_dump(exclude={"line_basis", "encoding_is_guess"})))

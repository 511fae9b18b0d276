"""Opens what a result file is made of, before a byte of the answer is sent."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sluice.job_layout import JobLayout
from sluice.job_status import JobStatus
from sluice.storage import FileMissing
from sluice.web.problems import RETRY_AFTER_S, Problem
from upload_api.adapters import postgres_jobs
from upload_api.adapters.postgres_unwritten import failed_facts, failed_page, find_unprocessed
from upload_api.adapters.result_blocks import MAX_SHEET_ROWS, text_blocks, workbook_blocks
from upload_api.adapters.row_reader import ReadersBusy
from upload_api.domain.result_rows import result_layout
from upload_api.domain.unwritten_rows import RowsUnreadable, failed_rows, unprocessed_rows
from upload_api.entrypoints.multipart_upload import problem_of_storage
from upload_api.entrypoints.row_file_response import RowFileResponse, attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from uuid import UUID

    from starlette.requests import Request

    from upload_api.domain.line_ranges import LineRanges
    from upload_api.domain.result_rows import ResultRow
    from upload_api.domain.unwritten_rows import FailedLine, FileRow
    from upload_api.parts import Parts


class ResultKind(StrEnum):
    """Which rows; also a part of the file's name."""

    FAILED = "failed-rows"
    UNPROCESSED = "unprocessed-rows"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How they are written."""

    suffix: str
    media_type: str


XLSX: Final = FileFormat(
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
CSV: Final = FileFormat("csv", "text/csv; charset=utf-8")
COMMA: Final = ","


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What a result file must know of a job."""

    parts: Parts
    row: dict[str, Any]
    layout: JobLayout

    @property
    def job_id(self) -> UUID:
        job_id: UUID = self.row["job_id"]
        return job_id

    @property
    def is_correction(self) -> bool:
        return self.layout.line_column is not None

    def name(self, kind: ResultKind, form: FileFormat) -> str:
        return f"{PurePath(self.row['file_name']).stem}-{kind}.{form.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Which rows; `tag` changes when they do, and `wanted` have to be read from the file again."""

    rows: Callable[[Iterator[FileRow]], Iterator[ResultRow]]
    wanted: LineRanges | None = None
    widest: int = 0
    tag: str


async def result_file(
    parts: Parts, job_id: UUID, kind: ResultKind, form: FileFormat, request: Request
) -> Response:
    """Return the file, or that it has not changed.

    Raises:
        Problem: there is no such file now; see the routes.
    """
    job, found = await run_in_threadpool(_find, parts, job_id, kind, form)
    etag = f'W/"{sha256(f"{kind}:{form.suffix}:{found.tag}".encode()).hexdigest()[:32]}"'
    known = request.headers.get("if-none-match", "")
    if etag in (part.strip() for part in known.split(",")):
        return Response(status_code=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Content-Disposition": attachment(job.name(kind, form))}
    with ExitStack() as opened:
        again: Iterator[FileRow] = iter(())
        if found.wanted:
            again = await parts.storage_threads.run(_read_again, job, found.wanted, opened)
        blocks = _blocks(job, form, found.rows(again), found.widest)
        opened.callback(blocks.close)
        close = opened.pop_all().close
    return RowFileResponse(blocks, close, media_type=form.media_type, headers=headers)


def _find(parts: Parts, job_id: UUID, kind: ResultKind, form: FileFormat) -> tuple[_Job, _Rows]:
    """Find which rows; asks PostgreSQL, so it runs in a worker thread."""
    with parts.connection() as conn:
        row = postgres_jobs.get_job(conn, job_id)
    if row is None:
        raise Problem(404, "JOB_UNKNOWN", "There is no such job.")
    job = _Job(parts=parts, row=row, layout=JobLayout.model_validate(row["layout"]))
    return job, (_failed if kind is ResultKind.FAILED else _unprocessed)(job, form)


def _blocks(
    job: _Job, form: FileFormat, rows: Iterator[ResultRow], widest: int
) -> Generator[bytes, None, None]:
    layout = result_layout(job.layout, widest)
    if form is XLSX:
        return workbook_blocks(layout, rows, job.layout.sheet)
    dialect = job.layout.dialect
    return text_blocks(layout, rows, dialect.delimiter if dialect else COMMA)


def _failed(job: _Job, form: FileFormat) -> _Rows:
    with job.parts.connection() as conn:
        facts = failed_facts(conn, job.job_id)
    if form is XLSX and facts.open_lines > MAX_SHEET_ROWS:
        raise _too_many(facts.open_lines)
    return _Rows(
        rows=lambda again: failed_rows(_failed_lines(job), again, are_guarded=job.is_correction),
        wanted=facts.unstored,
        widest=facts.widest,
        tag=f"{job.job_id}:{facts.open_lines}:{facts.corrected}:{job.row['version']}",
    )


def _too_many(rows: int) -> Problem:
    detail = f"{rows:,} rows do not fit a workbook: take the CSV file."
    return Problem(409, "TOO_MANY_ROWS", detail)


def _failed_lines(job: _Job) -> Iterator[FailedLine]:
    """Yield all open lines, page by page: no connection waits for who downloads them."""
    after = 0
    while True:
        with job.parts.connection() as conn:
            page = failed_page(conn, job.job_id, after)
        if not page:
            return
        yield from page
        after = page[-1].line


def _unprocessed(job: _Job, form: FileFormat) -> _Rows:
    status = JobStatus(job.row["status"])
    if not status.is_terminal:
        detail = f"The job is {status}: wait for its end, or cancel it."
        raise Problem(409, "JOB_STATE_CONFLICT", detail, jobStatus=status)
    tag = f"{job.job_id}:{job.row['version']}"
    if status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        return _Rows(rows=lambda _: iter(()), tag=tag)
    with job.parts.connection() as conn:
        lines = find_unprocessed(conn, job.job_id, job.layout.header_line, _why(job, status))
    if form is XLSX and job.row["unprocessed_rows"] > MAX_SHEET_ROWS:
        raise _too_many(job.row["unprocessed_rows"])
    return _Rows(
        rows=lambda again: unprocessed_rows(lines, again, are_guarded=job.is_correction),
        wanted=lines.wanted,
        tag=tag,
    )


def _why(job: _Job, status: JobStatus) -> str:
    if status is JobStatus.CANCELLED:
        return "Not processed: the job was cancelled."
    told = job.row["failure_message"] or "the job failed before it came to this row."
    return f"Not processed: {told}"


def _read_again(job: _Job, wanted: LineRanges, opened: ExitStack) -> Iterator[FileRow]:
    try:
        lend = partial(job.parts.storage.lend, job.row["file_url"], job.row["file_sha256"])
        return opened.enter_context(job.parts.row_readers.reading(lend, job.layout, wanted))
    except FileMissing:
        detail = "The uploaded file is deleted, and its rows are kept nowhere else."
        raise Problem(410, "FILE_GONE", detail) from None
    except OSError as error:
        raise problem_of_storage(error) from error
    except RowsUnreadable as error:
        detail = f"The uploaded file cannot be read again: {error}"
        raise Problem(422, "FILE_UNREADABLE", detail) from None
    except ReadersBusy:
        raise Problem(
            503,
            "READERS_BUSY",
            "Other files are being read again: try again in a few seconds.",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        ) from None

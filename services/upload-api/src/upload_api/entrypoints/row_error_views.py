"""Row errors as people and programs see them; who may only look sees no cell's value."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from upload_api.adapters.postgres_row_errors import ErrorKind, ErrorTotals
from upload_api.entrypoints.callers import View

Headers = Mapping[str, str]
"""The header of each column by its letter."""


class RowErrorView(View):
    """One error of one row; `value` and the sentence only for who may control the job."""

    line: int
    column: str | None
    header: str | None = None
    field: str | None
    code: str
    message: str
    value: str | None = None
    other_line: int | None = None


class RowErrorPage(View):
    """Errors in sheet order; `nextCursor` is null on the last page.

    The counts are of the errors that the filter chooses, and on the first page only. `truncated`:
    more rows are rejected than errors are kept, so the pages do not hold all of them; then
    `totalErrors` counts all that were found, corrected ones included.
    """

    job_id: UUID
    errors: list[RowErrorView]
    total_errors: int | None
    stored_errors: int | None
    truncated: bool | None
    next_cursor: str | None


class ErrorSampleView(View):
    """One row with such an error; sentence and value only for who may control the job."""

    line: int
    message: str | None = None
    value: str | None = None


class ErrorKindView(View):
    """The errors of one code in one column; `column` is null for the row as a whole."""

    column: str | None
    header: str | None
    field: str | None
    code: str
    count: int
    samples: list[ErrorSampleView]


class ErrorSummaryView(View):
    """All errors by column and code, the most frequent first.

    `failedRows` are the rejected rows that are not corrected yet. `truncated`: not all of their
    errors are kept; the counts are then of all that were found, corrected ones included.
    """

    job_id: UUID
    failed_rows: int
    total_errors: int
    stored_errors: int
    truncated: bool
    kinds: list[ErrorKindView]


def row_error_view(row: Mapping[str, Any], headers: Headers, *, shows_values: bool) -> RowErrorView:
    return RowErrorView(
        line=row["sheet_line"],
        column=row["column_letter"],
        header=headers.get(row["column_letter"] or ""),
        field=row["field"],
        code=row["code"],
        message=row["message"] if shows_values else row["code"],
        value=row["value"] if shows_values else None,
        other_line=row["other_line"],
    )


def error_summary_view(
    job_id: UUID,
    totals: ErrorTotals,
    kinds: list[ErrorKind],
    headers: Headers,
    *,
    shows_values: bool,
) -> ErrorSummaryView:
    return ErrorSummaryView(
        job_id=job_id,
        failed_rows=totals.open_lines,
        total_errors=totals.total,
        stored_errors=totals.stored,
        truncated=totals.truncated,
        kinds=[_kind_view(kind, headers, shows_values=shows_values) for kind in kinds],
    )


def _kind_view(kind: ErrorKind, headers: Headers, *, shows_values: bool) -> ErrorKindView:
    return ErrorKindView(
        column=kind.column or None,
        header=headers.get(kind.column),
        field=kind.field or None,
        code=kind.code,
        count=kind.errors,
        samples=[
            ErrorSampleView(**sample) if shows_values else ErrorSampleView(line=sample["line"])
            for sample in kind.samples
        ],
    )

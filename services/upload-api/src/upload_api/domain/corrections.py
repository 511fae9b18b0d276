"""Step 1: a corrected file of failed rows: which job it corrects, and which column feeds what."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sluice.corrections import ROW_HEADER, neutralised
from sluice.job_layout import JobLayout, MappedColumn, column_letter
from sluice.job_status import JobStatus
from upload_api.domain.intake import Refused, rows_behind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from import_targets.definition import Mode
    from sluice.job_layout import TextDialect
    from xlsx_reader import HeadRow, SheetHead

_CORRECTABLE = frozenset({JobStatus.COMPLETED_WITH_ERRORS, JobStatus.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedJob:
    """The root of a correction, as far as the correction depends on it."""

    job_id: UUID
    target: str
    target_definition: Mapping[str, Any]
    mode: Mode
    layout: Mapping[str, Any]
    status: JobStatus
    is_dry_run: bool
    is_undone: bool
    has_open_lines: bool


class CorrectionRefused(Exception):
    """The job cannot be corrected as it is; the message says why, and what would be possible."""


def check_correctable(root: CorrectedJob) -> None:
    """Check that rows of a job may be corrected.

    Raises:
        CorrectionRefused: they may not.
    """
    if root.is_dry_run:
        raise CorrectionRefused(
            "The job is a dry run, which wrote nothing: correct its file and import that."
        )
    if root.is_undone:
        raise CorrectionRefused("The job is undone: import the whole file again.")
    if root.status not in _CORRECTABLE:
        hint = "retry it instead" if root.status is JobStatus.CANCELLED else "wait for its end"
        if root.status is JobStatus.COMPLETED:
            hint = "nothing of it is rejected"
        raise CorrectionRefused(f"The job is {root.status}: {hint}.")
    if not root.has_open_lines:
        raise CorrectionRefused("No row of the job is rejected: there is nothing to correct.")


def layout_of_correction(
    head: SheetHead, root: JobLayout, dialect: TextDialect | None = None
) -> JobLayout:
    """Return what is to be read of a corrected file: each header feeds what it fed in the root.

    Order and further columns do not matter. Of columns with one header the first is the first.

    Raises:
        Refused: `CORRECTION_HEADER`, the line's column or one that fed a field is not there.
    """
    header = next((row for row in head.rows if _line_column(row) is not None), None)
    line_column = _line_column(header) if header is not None else None
    if header is None or line_column is None:
        raise _refused(
            f"The column '{ROW_HEADER}' is missing, which names the line that each row had: "
            "download the job's failed-rows file and correct that, with its columns."
        )
    texts = [text or "" for text, _ in header.cells]
    fields = _fields(texts, line_column, root)
    columns = [
        MappedColumn(index=index, header=text, field=fields.get(index))
        for index, text in enumerate(texts)
    ]
    return JobLayout(
        sheet=head.sheet.name,
        header_line=header.line,
        estimated_rows=rows_behind(head, header.line),
        columns=tuple(columns),
        line_column=line_column,
        root_decimal=root.decimal if dialect is None else None,
        dialect=dialect,
    )


def _line_column(row: HeadRow) -> int | None:
    """Return the last column of that header: the file may hold one of its own before it."""
    named = [at for at, (text, _) in enumerate(row.cells) if _key(text or "") == ROW_HEADER]
    return named[-1] if named else None


def _fields(texts: Sequence[str], line_column: int, root: JobLayout) -> dict[int, str]:
    found: dict[tuple[str, int], int] = {}
    seen: Counter[str] = Counter()
    for index, text in enumerate(texts):
        if index != line_column:
            found[_key(text), seen[_key(text)]] = index
            seen[_key(text)] += 1
    fields: dict[int, str] = {}
    missing: list[str] = []
    seen.clear()
    for column in root.columns:
        key, harmless = _key(column.header), _key(neutralised(column.header))
        index_in_file = found.get((harmless, seen[key]), found.get((key, seen[key])))
        seen[key] += 1
        if column.field is None:
            continue
        if index_in_file is None:
            missing.append(f"'{column.header.strip() or column_letter(column.index)}'")
        else:
            fields[index_in_file] = column.field
    if missing:
        raise _refused(
            f"Columns of the job are missing: {', '.join(missing)}. A correction writes whole "
            "rows: keep all columns of the failed-rows file."
        )
    return fields


def _key(header: str) -> str:
    return unicodedata.normalize("NFC", header).strip().casefold()


def _refused(message: str) -> Refused:
    return Refused("CORRECTION_HEADER", message)

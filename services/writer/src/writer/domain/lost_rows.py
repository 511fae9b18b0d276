"""Lines without their key, as the rejections that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.job_layout import column_letter
from writer.domain.conflicts import UNTOLD, duplicate_message
from writer.domain.rejections import DUPLICATE_KEY, Rejection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from writer.domain.conflicts import LostLine
    from writer.domain.prepared import PreparedBatch

Texts = tuple[str | None, ...]


def duplicate_rejections(
    batch: PreparedBatch, lost: Sequence[LostLine], columns: tuple[str, ...]
) -> list[Rejection]:
    """Return the rejections of lines whose values in a unique set another line, or a row, has."""
    texts = batch.texts_of([line.sheet_line for line in lost if line.texts is None])
    return [
        _rejection(batch, line, columns, texts.get(line.sheet_line) or _as_in_sheet(batch, line))
        for line in lost
    ]


def _rejection(
    batch: PreparedBatch, lost: LostLine, columns: tuple[str, ...], cells: Texts
) -> Rejection:
    other = None if lost.other_line is None else batch.words_of(lost.other_line)
    is_later = lost.other_line is not None and lost.other_line > lost.sheet_line
    at = batch.plan.field_columns.get(columns[0])
    return Rejection(
        sheet_line=lost.sheet_line,
        chunk_no=batch.chunk_of(lost.found_by),
        code=DUPLICATE_KEY,
        message=UNTOLD if lost.is_untold else duplicate_message(columns, other, is_later=is_later),
        column_letter=None if at is None else column_letter(at),
        field=columns[0],
        value=cells[at] if at is not None and at < len(cells) else None,
        other_line=lost.other_line,
        cells=cells,
        displaced_by=None if lost.texts is None else lost.found_by,
    )


def _as_in_sheet(batch: PreparedBatch, lost: LostLine) -> Texts:
    """Return a row that was in the table as the sheet's columns: its own texts are not in hand."""
    columns = batch.plan.field_columns
    cells: list[str | None] = [None] * (max(columns.values(), default=-1) + 1)
    for field, text in zip(batch.plan.target.fields, lost.texts or (), strict=True):
        if field in columns:
            cells[columns[field]] = text
    return tuple(cells)

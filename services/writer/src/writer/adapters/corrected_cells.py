"""The cells of a corrected file as its author means them, and the root's lines that they name."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sluice.corrections import restored
from sluice.job_layout import JobLayout, TextDialect
from writer.domain.prepared import Correction

if TYPE_CHECKING:
    from import_targets import CoalescedCells
    from writer.domain.prepared import StoredJob

_LINE = re.compile(r"\s*([0-9]{1,9})(?:\.0+)?\s*")


def correction_of(job: StoredJob, layout: JobLayout) -> Correction | None:
    """Return what a plan must know of the job's root; None where it corrects nothing.

    Raises:
        ValueError: the job's layout does not say where the root's lines stand.
    """
    if job.root_id is None:
        return None
    if layout.line_column is None:
        raise ValueError("a correction without a column of lines")
    root = JobLayout.model_validate(job.root_layout)
    fed = layout.field_columns()
    headed = {column.header: column.index for column in reversed(layout.columns)}
    width = max((column.index for column in root.columns), default=-1) + 1
    columns: list[int | None] = [None] * width
    for column in root.columns:
        in_field = None if column.field is None else fed.get(column.field)
        columns[column.index] = headed.get(column.header) if in_field is None else in_field
    return Correction(
        root_id=job.root_id,
        line_column=layout.line_column,
        root_columns=tuple(columns),
        root_field_columns=root.field_columns(),
    )


def as_root_wrote(layout: JobLayout, job: StoredJob) -> JobLayout:
    """Return the layout with the decimal mark of the root: the cells are texts from its file."""
    if job.root_id is None:
        return layout
    root = JobLayout.model_validate(job.root_layout)
    decimal = root.dialect.decimal if root.dialect else "."
    told = layout.dialect or TextDialect(encoding="utf-8", delimiter=",")
    if layout.dialect is None and root.dialect is None:
        return layout
    return layout.model_copy(update={"dialect": told.model_copy(update={"decimal": decimal})})


def restored_cells(cells: CoalescedCells) -> CoalescedCells:
    """Return the cells without the apostrophes that made formulas harmless."""
    return replace(cells, columns=tuple(_restored(column) for column in cells.columns))


def _restored(column: pa.StringArray) -> pa.StringArray:
    guarded = pc.fill_null(pc.starts_with(column, "'"), fill_value=False)
    if not pc.any(guarded).as_py():
        return column
    texts = column.filter(guarded).cast(pa.binary()).to_pylist()
    plain = [
        restored(text.decode(errors="surrogateescape")).encode(errors="surrogateescape")
        for text in texts
    ]
    raw = pc.replace_with_mask(column.cast(pa.binary()), guarded, pa.array(plain, pa.binary()))
    return raw.view(pa.string())


def named_lines(cells: CoalescedCells, line_column: int) -> dict[int, int]:
    """Return the root's line that each line of the file names, where it names any."""
    texts, _ = cells.column(line_column)
    found = {}
    for line, raw in zip(cells.lines.to_pylist(), texts.cast(pa.binary()).to_pylist(), strict=True):
        match = _LINE.fullmatch((raw or b"").decode(errors="replace"))
        if match and int(match[1]) < 2**31:
            found[line] = int(match[1])
    return found

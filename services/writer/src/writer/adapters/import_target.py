"""Validation by the import targets: cells in, rows of the target and rejections out."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from import_targets import TargetDefinition, coalesce, shown_rows, validate
from sluice.errors import Critical
from sluice.job_layout import JobLayout
from writer.adapters.corrected_cells import (
    as_root_wrote,
    correction_of,
    named_lines,
    restored_cells,
)
from writer.domain.prepared import JobPlan, PreparedBatch, StoredJob
from writer.domain.rejections import Rejection
from writer.domain.write_plan import Mode, WriteTarget, twin_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from import_targets import CoalescedCells, RowError
    from sluice.events.rows_chunked import ChunkMeta, RowsChunked

RECORD_FIELD = "data"


@dataclass(frozen=True, slots=True)
class TextsOfLine:
    """Gives back what stood in a line of these cells."""

    cells: CoalescedCells
    date_1904: bool

    def __call__(self, sheet_lines: Sequence[int]) -> list[tuple[str | None, ...]]:
        wanted = pa.array(sheet_lines, self.cells.lines.type)
        positions = pc.index_in(wanted, value_set=self.cells.lines)
        if positions.null_count:
            raise LookupError("a sheet line is in none of the chunks in hand")
        return shown_rows(self.cells, positions.to_pylist(), date_1904=self.date_1904)


class TargetValidation:
    """The port `Validation`, for targets as they are stored with their jobs."""

    def plan(self, job: StoredJob) -> JobPlan:
        """Return the plan of a job.

        Raises:
            Critical: its definition or layout is not one that this release reads.
        """
        try:
            definition = TargetDefinition.from_json(job.target_definition)
            layout = as_root_wrote(JobLayout.model_validate(job.layout), job)
            correction = correction_of(job, layout)
        except (KeyError, TypeError, ValueError) as error:
            raise Critical(
                "TARGET_UNREADABLE",
                f"the job's target cannot be read ({type(error).__name__}): import the file again",
            ) from error
        target = write_target(definition, layout)
        # No row of `records` can meet another: there is nothing to try
        has_twin = job.dry_run and not target.is_records
        return JobPlan(
            job_id=job.job_id,
            mode=Mode.of(job.mode),
            target=twin_of(target, job.job_id) if has_twin else target,
            definition=definition,
            layout=layout,
            field_columns=layout.field_columns(),
            correction=correction,
            dry_run=job.dry_run,
            max_error_percent=job.max_error_percent,
        )

    def prepare(self, plan: JobPlan, chunks: Sequence[RowsChunked]) -> PreparedBatch:
        """Validate chunks of one job, by rising number."""
        metas = tuple(chunk.meta for chunk in chunks)
        cells = coalesce(chunks)
        named = {}
        if plan.correction is not None:
            cells = restored_cells(cells)
            named = named_lines(cells, plan.correction.line_column)
        found = validate(plan.definition, plan.layout, cells, metas[0].date_1904)
        return PreparedBatch(
            plan=plan,
            metas=metas,
            rows=found.rows,
            rejections=_rejections(found.errors, metas, cells),
            lines=tuple(cells.lines.to_pylist()) if plan.correction else (),
            row_texts=TextsOfLine(cells, metas[0].date_1904),
            root_lines=named,
        )


def write_target(definition: TargetDefinition, layout: JobLayout) -> WriteTarget:
    """Return what the writer must know of a target: of its columns, those that rows fill."""
    fed = layout.field_columns()
    schema, _, table = definition.table.rpartition(".")
    is_records = definition.kind == "records"
    filled = tuple(
        column.name
        for column in definition.columns
        if column.name in fed or column.default is not None or column.required
    )
    return WriteTarget(
        schema=schema or None,
        table=table,
        fields=(RECORD_FIELD,) if is_records else filled,
        key=() if is_records else definition.key,
        lineage=is_records or definition.lineage,
        keep_replaced=definition.keep_replaced and definition.lineage,
        is_records=is_records,
    )


def _rejections(
    errors: Sequence[RowError], metas: Sequence[ChunkMeta], cells: CoalescedCells
) -> tuple[Rejection, ...]:
    if not errors:
        return ()
    first_lines = [meta.first_line for meta in metas]
    positions = [error.position for error in errors if error.error_no == 0]
    shown = shown_rows(cells, positions, date_1904=metas[0].date_1904)
    texts = dict(zip(positions, shown, strict=True))
    return tuple(
        Rejection(
            sheet_line=error.sheet_line,
            chunk_no=metas[bisect_right(first_lines, error.sheet_line) - 1].chunk_no,
            error_no=error.error_no,
            column_letter=error.column_letter,
            field=error.field,
            code=error.code,
            message=error.message,
            value=error.value,
            cells=texts[error.position] if error.error_no == 0 else None,
        )
        for error in errors
    )

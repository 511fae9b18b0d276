"""Step 4: a batch of cells becomes the rows to be written, and the errors of those that are bad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.column_conversion import convert_column
from import_targets.converted import Converted, by_tag
from import_targets.json_fragments import json_members, json_objects
from import_targets.row_errors import ColumnOutcome, RowError, bad_rows, row_errors, too_large_rows
from import_targets.storable_texts import storable_texts
from import_targets.text_rows import text_row_outcomes
from import_targets.value_rules import apply_rules, default_of
from sluice.events.cell_tags import CellTag
from sluice.job_layout import JobLayout, column_letter

if TYPE_CHECKING:
    from import_targets.coalesced_cells import CoalescedCells
    from import_targets.definition import TargetColumn, TargetDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedRows:
    """The good rows, one column for each fed or defaulted field and `sluice_line` (int32) last.

    `good_positions` is the place in the batch of each of them, None when all rows are good.
    """

    rows: pa.Table
    good_positions: pa.Int64Array | None
    errors: tuple[RowError, ...]


def validate(
    definition: TargetDefinition, layout: JobLayout, cells: CoalescedCells, date_1904: bool
) -> ValidatedRows:
    """Validate a batch against its target; a bad cell rejects its own row and no other.

    Whole columns are cast and compared; single cells are looked at only to name an error.
    """
    if definition.kind == "records":
        outcomes = _record_outcomes(layout, cells, date_1904=date_1904)
    else:
        outcomes = _typed_outcomes(definition, layout, cells, date_1904=date_1904)
    too_large = too_large_rows(cells)
    table = _table(definition, outcomes, cells)
    if layout.dialect is not None:
        outcomes = [*outcomes, *text_row_outcomes(layout, cells)]
    bad = bad_rows(outcomes, too_large)
    if bad is None:
        return ValidatedRows(rows=table, good_positions=None, errors=())
    good = pc.invert(bad)
    return ValidatedRows(
        rows=table.filter(good),
        good_positions=pc.indices_nonzero(good).cast(pa.int64()),
        errors=row_errors(cells, outcomes, too_large, date_1904=date_1904),
    )


def _table(
    definition: TargetDefinition, outcomes: list[ColumnOutcome], cells: CoalescedCells
) -> pa.Table:
    columns = {outcome.field: outcome.converted.values for outcome in outcomes}
    if definition.kind == "records":
        columns = {"data": json_objects(list(columns.values()), cells.rows)}
    return pa.table({**columns, "sluice_line": cells.lines})


def _typed_outcomes(
    definition: TargetDefinition, layout: JobLayout, cells: CoalescedCells, *, date_1904: bool
) -> list[ColumnOutcome]:
    fed = layout.field_columns()
    decimal = layout.decimal
    return [
        _fed(column, fed[column.name], cells, date_1904=date_1904, decimal=decimal)
        if column.name in fed
        else _unfed(column, cells.rows)
        for column in definition.columns
        if column.name in fed or column.default is not None or column.required
    ]


def _fed(
    column: TargetColumn,
    index: int,
    cells: CoalescedCells,
    *,
    date_1904: bool,
    decimal: str | None,
) -> ColumnOutcome:
    texts, tags = cells.column(index)
    storable, faults = storable_texts(texts)
    converted = convert_column(column, storable, tags, date_1904=date_1904, decimal=decimal)
    converted = Converted(converted.values, (*faults, *converted.faults))
    return ColumnOutcome(
        field=column.name,
        column_letter=column_letter(index),
        column=column,
        texts=texts,
        tags=tags,
        converted=apply_rules(column, converted),
    )


def _unfed(column: TargetColumn, rows: int) -> ColumnOutcome:
    """Return what a field that no column feeds holds: its default, or in each row a fault."""
    arrow_type = column.column_type.arrow
    if column.default is None:
        converted = apply_rules(column, Converted(pa.nulls(rows, arrow_type)))
    else:
        converted = Converted(pa.repeat(default_of(column), rows))
    return ColumnOutcome(
        field=column.name,
        column_letter=None,
        column=column,
        texts=pa.nulls(rows, pa.string()),
        tags=int(CellTag.EMPTY),
        converted=converted,
    )


def _record_fields(layout: JobLayout, width: int) -> list[tuple[str, int]]:
    """Return each field and its column: the headers' and, right of them, letters.

    A value right of the last header belongs to nobody's column, but it must not be lost.
    """
    named = layout.field_columns()
    more = []
    for index in range(len(layout.columns), width):
        letter = column_letter(index)
        more.append((f"column {letter}" if letter in named else letter, index))
    return [*named.items(), *more]


def _record_outcomes(
    layout: JobLayout, cells: CoalescedCells, *, date_1904: bool
) -> list[ColumnOutcome]:
    outcomes = []
    for field, index in _record_fields(layout, len(cells.columns)):
        texts, tags = cells.column(index)
        storable, faults = storable_texts(texts)

        def convert(tag: CellTag, part: pa.StringArray, header: str = field) -> Converted:
            return json_members(header, tag, part, date_1904=date_1904)

        members = by_tag(storable, tags, pa.string(), convert)
        outcomes.append(
            ColumnOutcome(
                field=field,
                column_letter=column_letter(index),
                column=None,
                texts=texts,
                tags=tags,
                converted=Converted(members.values, (*faults, *members.faults)),
            )
        )
    return outcomes

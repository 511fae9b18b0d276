"""What can be wrong with a row of a text file as a whole: it is data, and names its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, holds, is_any
from import_targets.row_errors import ColumnOutcome
from sluice.job_layout import column_letter

if TYPE_CHECKING:
    from import_targets.coalesced_cells import CoalescedCells
    from sluice.job_layout import JobLayout

_MARK: Final = "\ufeff"


def text_row_outcomes(layout: JobLayout, cells: CoalescedCells) -> list[ColumnOutcome]:
    """Return outcomes without values: cells that no header stands above, and a mark in front.

    In a sheet such a cell is a note beside the table; in a text it is the sign of a delimiter
    inside a cell that nobody quoted, and every cell of the row may be in the wrong column.
    """
    width = max((c.index for c in layout.columns if c.header.strip()), default=-1) + 1
    named = pa.repeat(False, cells.rows)
    outcomes = []
    for index in range(width, len(cells.columns)):
        filled = pc.and_not(cells.columns[index].is_valid(), named)
        if is_any(filled):
            named = pc.or_(named, filled)
            outcomes.append(_outcome(cells, index, Fault("TOO_MANY_CELLS", filled)))
    if cells.columns:
        marked = holds(pc.starts_with(cells.columns[0], _MARK))
        if is_any(marked):
            outcomes.append(_outcome(cells, 0, Fault("BOM_INSIDE", marked)))
    return outcomes


def _outcome(cells: CoalescedCells, index: int, fault: Fault) -> ColumnOutcome:
    texts, tags = cells.column(index)
    return ColumnOutcome(
        field="",
        column_letter=column_letter(index),
        column=None,
        texts=texts,
        tags=tags,
        converted=Converted(pa.nulls(cells.rows), found(fault)),
    )

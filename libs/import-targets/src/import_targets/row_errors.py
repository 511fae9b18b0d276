"""The errors of a batch in the order of its rows; only here are single cells touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.coalesced_cells import CoalescedCells, Tags, storable
from import_targets.converted import Converted, is_any
from import_targets.fault_messages import expectation, message_of
from import_targets.shown_texts import shown_column
from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from import_targets.converted import Fault
    from import_targets.definition import TargetColumn

_VALUE_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One error of one row; `column_letter` and `field` are None when the row itself is wrong.

    `position` is the row's place in the batch, `error_no` counts a row's errors from 0.
    """

    position: int
    sheet_line: int
    error_no: int
    column_letter: str | None
    field: str | None
    code: str
    message: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOutcome:
    """What became of one field, with all that its errors' messages need.

    The field is "" where the cells of a column belong to none.
    """

    field: str
    column_letter: str | None
    column: TargetColumn | None
    texts: pa.StringArray
    tags: Tags
    converted: Converted


@dataclass(frozen=True, slots=True)
class _Found:
    """An error before its row and number are known."""

    column_letter: str | None
    field: str | None
    code: str
    message: str
    value: str | None


def too_large_rows(cells: CoalescedCells) -> pa.BooleanArray | None:
    """Return the mask of rows that were too large to send, None when there are none."""
    texts, tags = cells.column(0)
    if isinstance(tags, int):
        return texts.is_valid() if tags == CellTag.ROW_TOO_LARGE else None
    mask = pc.equal(tags, int(CellTag.ROW_TOO_LARGE))
    return mask if is_any(mask) else None


def bad_rows(
    outcomes: Sequence[ColumnOutcome], too_large: pa.BooleanArray | None
) -> pa.BooleanArray | None:
    """Return the mask of rows with any error, None when all are good."""
    masks = [fault.mask for outcome in outcomes for fault in outcome.converted.faults]
    if too_large is not None:
        masks.append(too_large)
    if not masks:
        return None
    bad = masks[0]
    for mask in masks[1:]:
        bad = pc.or_(bad, mask)
    return bad


def row_errors(
    cells: CoalescedCells,
    outcomes: Sequence[ColumnOutcome],
    too_large: pa.BooleanArray | None,
    *,
    date_1904: bool,
) -> tuple[RowError, ...]:
    """Return all errors by row, then by column; a row too large has no other error.

    Values and messages hold what people see in the sheet: of a date its day, not its serial number.
    """
    by_row: dict[int, list[_Found]] = {}
    for outcome in outcomes:
        for fault in outcome.converted.faults:
            for position, error in _errors_of(outcome, fault, date_1904=date_1904):
                by_row.setdefault(position, []).append(error)
    if too_large is not None:
        for position in _positions(too_large).to_pylist():
            size = storable(cells.columns[0][position].as_buffer().to_pybytes())
            by_row[position] = [_too_large(size)]
    positions = sorted(by_row)
    lines = cells.lines.take(pa.array(positions, pa.int64())).to_pylist()
    return tuple(
        RowError(
            position=position,
            sheet_line=line,
            error_no=number,
            column_letter=error.column_letter,
            field=error.field,
            code=error.code,
            message=error.message,
            value=error.value,
        )
        for position, line in zip(positions, lines, strict=True)
        for number, error in enumerate(by_row[position])
    )


def _too_large(size: str | None) -> _Found:
    message = f"the row holds {size} bytes, more than a row may; shorten its texts"
    return _Found(None, None, "ROW_TOO_LARGE", message, size)


def _positions(mask: pa.BooleanArray) -> pa.UInt64Array:
    return pc.indices_nonzero(mask)


def _errors_of(
    outcome: ColumnOutcome, fault: Fault, *, date_1904: bool
) -> Iterator[tuple[int, _Found]]:
    at = _positions(fault.mask)
    kinds = outcome.tags if isinstance(outcome.tags, int) else outcome.tags.take(at)
    texts = shown_column(outcome.texts.take(at), kinds, date_1904=date_1904)
    tags = [kinds] * len(at) if isinstance(kinds, int) else kinds.to_pylist()
    expected = fault.expected or expectation(outcome.column, fault.code)
    name, letter = outcome.field, outcome.column_letter
    for position, text, tag in zip(at.to_pylist(), texts, tags, strict=True):
        message = message_of(name, fault.code, expected, text, CellTag(tag))
        cut = None if text is None else text[:_VALUE_CHARACTERS]
        yield position, _Found(letter, name or None, fault.code, message, cut)

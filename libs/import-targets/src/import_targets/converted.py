"""What a conversion of one column yields: values where it could, faults where it could not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.whole_columns import byte_range, shortest
from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from collections.abc import Callable

    from import_targets.coalesced_cells import Tags


_NO_VALUES = {
    CellTag.ERROR: "EXCEL_ERROR",
    CellTag.FORMULA_NO_VALUE: "FORMULA_NO_VALUE",
    CellTag.CELL_TOO_LONG: "CELL_TOO_LONG",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of mistake in one column: `mask` is true, never null, in the rows that made it.

    `expected` says what would have been right where the column's own description does not.
    """

    code: str
    mask: pa.BooleanArray
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """Values, null where the cell is empty or at fault; a cell has at most one of these faults."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()

    def empty(self) -> pa.BooleanArray:
        """Return the mask of cells without a value that made no mistake either."""
        mask = self.values.is_null()
        for fault in self.faults:
            mask = pc.and_not(mask, fault.mask)
        return mask


def is_any(mask: pa.BooleanArray) -> bool:
    return bool(pc.any(mask).as_py())


def found(*faults: Fault) -> tuple[Fault, ...]:
    """Return those that happened."""
    return tuple(fault for fault in faults if is_any(fault.mask))


def only(mask: pa.BooleanArray, values: pa.Array) -> pa.Array:
    """Return the values where the mask is true, null elsewhere."""
    return pc.if_else(mask, values, pa.scalar(None, values.type))


def without(values: pa.Array, *masks: pa.BooleanArray) -> pa.Array:
    """Return the values with null where any mask is true."""
    for mask in masks:
        values = pc.if_else(mask, pa.scalar(None, values.type), values)
    return values


def holds(mask: pa.BooleanArray) -> pa.BooleanArray:
    """Return a comparison's answer with false where it compared with nothing."""
    return pc.fill_null(mask, False) if mask.null_count else mask


def trimmed(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts without white space at either end."""
    return texts if byte_range(texts).has_no_blank else pc.utf8_trim_whitespace(texts)


def nonblank(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts with null for those of no character: such a cell looks empty."""
    if shortest(texts) != 0:
        return texts
    return without(texts, holds(pc.equal(pc.binary_length(texts), 0)))


def by_tag(
    texts: pa.StringArray,
    tags: Tags,
    arrow_type: pa.DataType,
    convert: Callable[[CellTag, pa.StringArray], Converted],
) -> Converted:
    """Convert the cells of each kind on their own, and put the answers together again."""
    if isinstance(tags, int):
        return _one_kind(CellTag(tags), texts, arrow_type, convert)
    parts = [
        _one_kind(CellTag(value), only(pc.equal(tags, value), texts), arrow_type, convert)
        for value in sorted(pc.unique(tags).to_pylist())
    ]
    values = pc.coalesce(*(part.values for part in parts)) if parts else texts.cast(arrow_type)
    return Converted(values, tuple(fault for part in parts for fault in part.faults))


def _one_kind(
    tag: CellTag,
    texts: pa.StringArray,
    arrow_type: pa.DataType,
    convert: Callable[[CellTag, pa.StringArray], Converted],
) -> Converted:
    if tag in {CellTag.EMPTY, CellTag.ROW_TOO_LARGE}:
        return Converted(pa.nulls(len(texts), arrow_type))
    if code := _NO_VALUES.get(tag):
        # Null where its text is at fault already: whichever cells it is read with, it has one fault
        return Converted(pa.nulls(len(texts), arrow_type), found(Fault(code, texts.is_valid())))
    return convert(tag, texts)


def wrong_kind(texts: pa.StringArray, arrow_type: pa.DataType, fault: str, hint: str) -> Converted:
    """Return that no cell of this kind has any business in the column."""
    nothing = pa.nulls(len(texts), arrow_type)
    return Converted(nothing, found(Fault(fault, texts.is_valid(), hint)))

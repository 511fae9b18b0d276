"""Step 4: the rules of a column (required, range, length, pattern, list) meet its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.converted import Converted, Fault, found, holds
from import_targets.joined_texts import all_match
from import_targets.scalar_values import scalar_of
from import_targets.whole_columns import longest, shortest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from import_targets.definition import TargetColumn

_MOST_BYTES: Final = 4


def apply_rules(column: TargetColumn, converted: Converted) -> Converted:
    """Fill empty cells with the default, and add what the values do wrong.

    Each rule is asked with the cheapest question first: one that only says whether any value
    of the column can be at fault.
    """
    values, faults = converted.values, converted.faults
    if values.null_count and (column.default is not None or column.required):
        empty = converted.empty()
        if column.default is None:
            faults = (*faults, *found(Fault("REQUIRED", empty)))
        else:
            values = pc.if_else(empty, default_of(column), values)
    if column.column_type.has_range:
        more = _range_faults(column, values)
    elif column.column_type.kind == "text":
        more = _text_faults(column, values)
    else:
        more = iter(())
    return Converted(values, (*faults, *found(*more)))


def default_of(column: TargetColumn) -> pa.Scalar:
    kind = column.column_type
    return pa.scalar(scalar_of(kind, column.default or ""), kind.arrow)


def _range_faults(column: TargetColumn, values: pa.Array) -> Iterator[Fault]:
    kind = column.column_type
    if column.minimum is None and column.maximum is None:
        return
    seen = pc.min_max(values).as_py()
    if seen["min"] is None:
        return
    if column.minimum is not None:
        low = scalar_of(kind, column.minimum)
        if seen["min"] < low:
            yield Fault("OUT_OF_RANGE", holds(pc.less(values, pa.scalar(low, kind.arrow))))
    if column.maximum is not None:
        high = scalar_of(kind, column.maximum)
        if seen["max"] > high:
            yield Fault("OUT_OF_RANGE", holds(pc.greater(values, pa.scalar(high, kind.arrow))))


def _text_faults(column: TargetColumn, values: pa.StringArray) -> Iterator[Fault]:
    # A character is one byte to four.
    if column.max_length is not None and longest(values) > column.max_length:
        yield Fault("TOO_LONG", holds(pc.greater(pc.utf8_length(values), column.max_length)))
    if column.min_length and (shortest(values) or 0) <= _MOST_BYTES * (column.min_length - 1):
        yield Fault("TOO_SHORT", holds(pc.less(pc.utf8_length(values), column.min_length)))
    if column.pattern is not None and not all_match(column.pattern, values):
        matches = pc.match_substring_regex(values, rf"\A(?:{column.pattern})\z")
        yield Fault("PATTERN", holds(pc.invert(matches)))
    if column.enum:
        listed = pc.is_in(values, value_set=pa.array(column.enum, pa.string()))
        yield Fault("NOT_IN_LIST", pc.and_not(values.is_valid(), listed))

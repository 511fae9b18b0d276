"""What can be wrong between the settings of one column of a target file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.date_formats import clash_of, pattern_of
from import_targets.identifiers import IDENTIFIER, schema_fault
from import_targets.scalar_values import scalar_of

if TYPE_CHECKING:
    from import_targets.column_types import ColumnType
    from import_targets.definition import TargetColumn
    from import_targets.file_faults import Faults

_REFERENCE_PARTS: Final = (2, 3)
_TEXT_ONLY: Final = ("min_length", "max_length", "pattern", "enum", "trim")


def check_column(
    column: TargetColumn, raw: dict[str, Any], kind: ColumnType, faults: Faults
) -> None:
    """Add every fault of a column; `raw` is what the file holds of it."""
    _check_fit(column, raw, kind, faults)
    _check_range(column, kind, faults)
    _check_texts(column, faults)
    _check_formats(column, kind, faults)
    _check_reference(column, faults)


def _check_fit(column: TargetColumn, raw: dict[str, Any], kind: ColumnType, faults: Faults) -> None:
    if kind.kind != "text":
        for key in _TEXT_ONLY:
            if key in raw:
                faults.add(column.name, f"{key} means nothing for {column.type}; remove it")
    if not kind.has_range:
        for key in ("min", "max"):
            if key in raw:
                faults.add(column.name, f"{key} means nothing for {column.type}; remove it")


def _check_range(column: TargetColumn, kind: ColumnType, faults: Faults) -> None:
    values: dict[str, Any] = {}
    given = {"min": column.minimum, "max": column.maximum, "default": column.default}
    for key, text in given.items():
        if text is None or (key != "default" and not kind.has_range):
            continue
        try:
            values[key] = scalar_of(kind, text)
        except ValueError as error:
            faults.add(column.name, f"{key} {error}")
    low, high, default = values.get("min"), values.get("max"), values.get("default")
    if low is not None and high is not None and low > high:
        faults.add(column.name, f"min {column.minimum} is above max {column.maximum}; swap them")
    if default is None or not kind.has_range:
        return
    if (low is not None and default < low) or (high is not None and default > high):
        faults.add(column.name, f"default {column.default} is outside of min and max; change it")


def _check_texts(column: TargetColumn, faults: Faults) -> None:
    longest = column.max_length
    if column.min_length and longest is not None and column.min_length > longest:
        faults.add(column.name, "min_length is above max_length; swap them")
    if column.pattern is not None and (told := _pattern_fault(column.pattern)):
        faults.add(column.name, told)
        return
    if column.type != "text":
        return
    for value in column.enum:
        if _breaks_rules(column, value):
            faults.add(column.name, f"enum '{value}' breaks the column's other rules; change it")
    default = column.default
    if default is not None:
        listed = default in column.enum if column.enum else not _breaks_rules(column, default)
        if not listed:
            faults.add(column.name, f"default '{default}' breaks the column's own rules; change it")


def _pattern_fault(pattern: str) -> str:
    try:
        pc.match_substring_regex(pa.array([""]), rf"\A(?:{pattern})\z")
    except pa.ArrowInvalid as error:
        return f"pattern is no regular expression of RE2: {error}"
    return ""


def _breaks_rules(column: TargetColumn, value: str) -> bool:
    too_short = len(value) < (column.min_length or 0)
    too_long = column.max_length is not None and len(value) > column.max_length
    blank_end = column.trim and value != value.strip()
    if too_short or too_long or blank_end or column.pattern is None:
        return too_short or too_long or blank_end
    matches = pc.match_substring_regex(pa.array([value]), rf"\A(?:{column.pattern})\z")
    return not matches[0].as_py()


def _check_formats(column: TargetColumn, kind: ColumnType, faults: Faults) -> None:
    if column.formats and not kind.is_moment:
        faults.add(column.name, f"formats means nothing for {column.type}; remove it")
        return
    for date_format in column.formats:
        try:
            pattern_of(date_format)
        except ValueError as error:
            faults.add(column.name, f"formats: {error}")
            return
    clash = clash_of(column.formats)
    if clash is not None:
        faults.add(column.name, f"formats {clash[0]} and {clash[1]} read one text as two days")


def _check_reference(column: TargetColumn, faults: Faults) -> None:
    if column.references is None:
        return
    parts = column.references.split(".")
    if len(parts) not in _REFERENCE_PARTS or not all(map(IDENTIFIER.fullmatch, parts)):
        faults.add(
            column.name,
            f"references is '{column.references}'; "
            "write table.column or schema.table.column in a-z, 0-9 and _",
        )
    elif len(parts) == max(_REFERENCE_PARTS) and (told := schema_fault(parts[0])):
        faults.add(column.name, f"references '{column.references}' {told}")

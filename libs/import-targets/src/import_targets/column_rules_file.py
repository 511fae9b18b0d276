"""Reads one column of a target file, and finds what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from import_targets.column_types import ColumnType, parse_column_type
from import_targets.date_formats import clash_of, pattern_of
from import_targets.definition import LINEAGE_COLUMNS, TargetColumn
from import_targets.identifiers import IDENTIFIER
from import_targets.scalar_values import scalar_of

if TYPE_CHECKING:
    from import_targets.file_faults import Faults

_KEYS: Final = frozenset(
    {"name", "type", "aliases", "required", "min", "max", "default", "trim"}
    | {"min_length", "max_length", "pattern", "enum", "formats"}
)
_TEXT_ONLY: Final = ("min_length", "max_length", "pattern", "enum", "trim")


def column_from(raw: Any, number: int, faults: Faults) -> TargetColumn | None:
    """Return the column, or None when it has no usable name or type.

    Args:
        raw: what the file holds there.
        number: its 1-based place in the file, to name it by when it has no name.
        faults: where the faults go.
    """
    if not isinstance(raw, dict):
        faults.add(f"no. {number}", "is no mapping; write '- name: …' and its settings below")
        return None
    name = _name(raw, number, faults)
    label = name or f"no. {number}"
    faults.unknown_keys(label, raw, _KEYS)
    kind = _type(raw, label, faults)
    if name is None or kind is None:
        return None
    column = TargetColumn(
        name=name,
        type=str(raw["type"]).strip().lower(),
        aliases=faults.texts(name, raw, "aliases"),
        required=faults.flag(name, raw, "required", default=False),
        minimum=faults.text(name, raw, "min"),
        maximum=faults.text(name, raw, "max"),
        min_length=faults.length(name, raw, "min_length"),
        max_length=faults.length(name, raw, "max_length"),
        pattern=faults.text(name, raw, "pattern"),
        enum=faults.texts(name, raw, "enum"),
        default=faults.text(name, raw, "default"),
        trim=faults.flag(name, raw, "trim", default=False),
        formats=faults.texts(name, raw, "formats"),
    )
    _check_fit(column, raw, kind, faults)
    _check_range(column, kind, faults)
    _check_texts(column, faults)
    _check_formats(column, kind, faults)
    return column


def _name(raw: dict[str, Any], number: int, faults: Faults) -> str | None:
    name = raw.get("name")
    if not isinstance(name, str) or IDENTIFIER.fullmatch(name) is None:
        said = "has no name" if name is None else f"'{name}' is no plain name"
        faults.add(f"no. {number}", f"{said}; use a-z, 0-9 and _, at most 63 letters")
        return None
    if name in LINEAGE_COLUMNS:
        faults.add(name, "is a name that Sluice adds itself; choose another")
    return name


def _type(raw: dict[str, Any], label: str, faults: Faults) -> ColumnType | None:
    if raw.get("type") is None:
        faults.add(label, "has no type; write one such as 'type: text'")
        return None
    try:
        return parse_column_type(str(raw["type"]))
    except ValueError as error:
        faults.add(label, str(error))
        return None


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
    if column.pattern is not None:
        try:
            pc.match_substring_regex(pa.array([""]), rf"\A(?:{column.pattern})\z")
        except pa.ArrowInvalid as error:
            faults.add(column.name, f"pattern is no regular expression of RE2: {error}")
            return
    if column.default is not None and column.type == "text":
        _check_default_text(column, column.default, faults)


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


def _check_default_text(column: TargetColumn, default: str, faults: Faults) -> None:
    too_short = len(default) < (column.min_length or 0)
    too_long = column.max_length is not None and len(default) > column.max_length
    if too_short or too_long or (column.enum and default not in column.enum):
        faults.add(column.name, f"default '{default}' breaks the column's own rules; change it")

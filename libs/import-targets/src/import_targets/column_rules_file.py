"""Reads one column of a target file, and finds what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from import_targets.column_checks import check_column
from import_targets.column_types import ColumnType, parse_column_type
from import_targets.definition import LINEAGE_COLUMNS, TargetColumn
from import_targets.identifiers import IDENTIFIER, SYSTEM_COLUMNS
from sluice.corrections import ERRORS_HEADER, ROW_HEADER

if TYPE_CHECKING:
    from import_targets.file_faults import Faults

_KEYS: Final = frozenset(
    {"name", "type", "aliases", "required", "min", "max", "default", "trim"}
    | {"min_length", "max_length", "pattern", "enum", "formats", "unique", "references"}
)
CORRECTION_HEADERS: Final = frozenset({ROW_HEADER, ERRORS_HEADER})


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
        unique=faults.flag(name, raw, "unique", default=False),
        references=faults.text(name, raw, "references"),
    )
    check_column(column, raw, kind, faults)
    return column


def _name(raw: dict[str, Any], number: int, faults: Faults) -> str | None:
    name = raw.get("name")
    if not isinstance(name, str) or IDENTIFIER.fullmatch(name) is None:
        said = "has no name" if name is None else f"'{name}' is no plain name"
        faults.add(f"no. {number}", f"{said}; use a-z, 0-9 and _, at most 63 letters")
        return None
    if name in LINEAGE_COLUMNS:
        faults.add(name, "is a name that Sluice adds itself; choose another")
    elif name in CORRECTION_HEADERS:
        faults.add(name, "is a header that Sluice adds to files of failed rows; choose another")
    elif name in SYSTEM_COLUMNS:
        faults.add(name, "is a name that every table of PostgreSQL has already; choose another")
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

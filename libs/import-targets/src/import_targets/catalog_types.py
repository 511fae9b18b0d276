"""Which column of a target fits a type of PostgreSQL, as its catalogue spells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from import_targets.column_types import MAX_PRECISION

if TYPE_CHECKING:
    from import_targets.catalog_table import CatalogColumn

_SAME: Final = frozenset({"smallint", "integer", "bigint", "text", "boolean", "date"})
_ANY_NUMERIC: Final = "numeric(38,10)"
_OTHER: Final = {
    "numeric": _ANY_NUMERIC,
    "citext": "text",
    "character varying": "text",
    "double precision": "double",
    "real": "double",
    "timestamp without time zone": "timestamp",
}
_CHARACTERS: Final = re.compile(r"character(?: varying)?\((\d+)\)")
_NUMERIC: Final = re.compile(r"numeric\((\d+),(\d+)\)")
_TIMESTAMP: Final = re.compile(r"timestamp\(\d\) without time zone")
_UUID: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def column_of_type(column: CatalogColumn) -> dict[str, Any] | None:
    """Return `type` and what belongs to it in a target file, None when no type fits."""
    name = column.type
    if column.labels:
        return {"type": "text", "enum": list(column.labels)}
    if name == "uuid":
        return {"type": "text", "pattern": _UUID, "trim": True}
    if found := _CHARACTERS.fullmatch(name):
        return {"type": "text", "max_length": int(found[1])}
    fitting = _name_of_type(name)
    return {"type": fitting} if fitting else None


def _name_of_type(name: str) -> str | None:
    if name in _SAME:
        return name
    if (found := _NUMERIC.fullmatch(name)) and int(found[2]) <= int(found[1]) <= MAX_PRECISION:
        return f"numeric({found[1]},{found[2]})"
    return "timestamp" if _TIMESTAMP.fullmatch(name) else _OTHER.get(name)


def type_note(column: CatalogColumn) -> str:
    """Return what is lost by the type that was chosen, or nothing."""
    if column.type == "numeric" and not column.labels:
        return f"numeric without digits is taken as {_ANY_NUMERIC}; write the digits that it needs"
    return ""

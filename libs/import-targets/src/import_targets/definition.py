"""What a target is: the table that rows go to, and the rules of its columns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from import_targets.column_types import ColumnType, parse_column_type

Kind = Literal["typed", "records"]
Mode = Literal["insert", "upsert", "skip_existing"]

LINEAGE_COLUMNS: Final = ("sluice_job", "sluice_line", "sluice_replaced")
_VERSION_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetColumn:
    """One column and its rules; `minimum`, `maximum` and `default` are kept as exact texts.

    `trim` takes white space off both ends of a text before any rule looks at it; the other
    types always do. A text that is then empty is an empty cell.
    """

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    """RE2 syntax; the whole text must match."""
    enum: tuple[str, ...] = ()
    default: str | None = None
    trim: bool = False
    formats: tuple[str, ...] = ()
    """Ways of writing a day that texts may use beside ISO 8601, such as DD/MM/YYYY."""
    unique: bool = False
    """No two rows share a value. The table's own constraint finds those that do."""
    references: str | None = None
    """`table.column` or `schema.table.column`: a foreign key of the table, which finds values that
    name nothing."""

    @property
    def column_type(self) -> ColumnType:
        return parse_column_type(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDefinition:
    """A target as a job keeps it from its start to its end, whatever becomes of the file."""

    name: str
    kind: Kind
    table: str
    """`schema.table` or `table`."""
    columns: tuple[TargetColumn, ...] = ()
    key: tuple[str, ...] = ()
    mode: Mode = "insert"
    lineage: bool = True
    keep_replaced: bool = False
    """Whether an upsert keeps the rows that it replaces, so that an undo can bring them back."""
    max_error_percent: float | None = None
    """The share of bad rows above which a job is stopped; None: none."""

    @property
    def version(self) -> str:
        """Return a short name of this very content, by which people tell two versions apart."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_VERSION_DIGITS]

    def to_json(self) -> dict[str, Any]:
        """Return the definition as JSON values; what is at its default is left out."""
        raw = {
            "name": self.name,
            "kind": self.kind,
            "table": self.table,
            "columns": [_column_to_json(column) for column in self.columns],
            "key": list(self.key),
            "mode": self.mode,
            "lineage": self.lineage,
        }
        if self.keep_replaced:
            raw["keep_replaced"] = True
        if self.max_error_percent is not None:
            raw["max_error_percent"] = self.max_error_percent
        return raw

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> TargetDefinition:
        """Return the definition that `to_json` wrote; nothing is checked again."""
        return cls(
            name=raw["name"],
            kind=raw["kind"],
            table=raw["table"],
            columns=tuple(_column_from_json(column) for column in raw["columns"]),
            key=tuple(raw["key"]),
            mode=raw["mode"],
            lineage=raw["lineage"],
            keep_replaced=raw.get("keep_replaced", False),
            max_error_percent=raw.get("max_error_percent"),
        )


RECORDS: Final = TargetDefinition(name="records", kind="records", table="sluice.records")
"""The built-in target: any sheet, one JSON object a row; its table comes with the schema."""

_RENAMED: Final = {"minimum": "min", "maximum": "max"}
_TUPLES: Final = ("aliases", "enum", "formats")


def _column_to_json(column: TargetColumn) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for field in TargetColumn.__dataclass_fields__.values():
        value = getattr(column, field.name)
        if value != field.default:
            raw[_RENAMED.get(field.name, field.name)] = (
                list(value) if field.name in _TUPLES else value
            )
    return raw


def _column_from_json(raw: dict[str, Any]) -> TargetColumn:
    given = dict(raw)
    for name, key in _RENAMED.items():
        if key in given:
            given[name] = given.pop(key)
    for name in _TUPLES:
        given[name] = tuple(given.get(name, ()))
    return TargetColumn(**given)

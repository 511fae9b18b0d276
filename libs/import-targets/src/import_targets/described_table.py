"""A target file for a table that is there already, with notes on what it cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from import_targets.catalog_rules import default_text, rules_of_check
from import_targets.catalog_types import column_of_type, type_note
from import_targets.column_types import parse_column_type
from import_targets.definition import LINEAGE_COLUMNS
from import_targets.definition_rules import definition_from
from import_targets.file_faults import Faults
from import_targets.identifiers import IDENTIFIER
from import_targets.plain_yaml import read_plain_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from import_targets.catalog_table import CatalogCheck, CatalogColumn, CatalogTable

_WIDTH: Final = 100


def described_table(name: str, table: str, catalog: CatalogTable) -> str:
    """Return the text of a target file; each note is a comment above it."""
    notes: list[str] = []
    columns: dict[str, dict[str, Any]] = {}
    for column in catalog.columns:
        found, told = _column(column)
        notes += [f"{column.name}: {note}" for note in told]
        if found is not None:
            columns[column.name] = found
    key = _key(catalog, columns, notes)
    notes += _constraints(catalog, columns, key)
    raw: dict[str, Any] = {"name": name, "table": table, "mode": "insert"}
    if key:
        raw["key"] = list(key)
    if not set(LINEAGE_COLUMNS) <= {column.name for column in catalog.columns}:
        raw["lineage"] = False
        notes.append(
            "the table has no columns of lineage, so imports cannot be undone or corrected: take "
            f"out 'lineage: false' and run `sluice targets add-lineage {name}` to have them"
        )
    raw["columns"] = list(columns.values())
    text = yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=_WIDTH)
    faults = Faults("to be mended by hand")
    definition_from(read_plain_yaml(text)[0], faults)
    # A line break in a rule of the table would end the comment
    return "".join(f"# {' '.join(note.split())}\n" for note in [*faults.messages, *notes]) + text


def _column(column: CatalogColumn) -> tuple[dict[str, Any] | None, list[str]]:
    """Return what the file says of a column, None when it is left out, and notes."""
    if column.name in LINEAGE_COLUMNS:
        return None, []
    if column.is_made:
        return None, ["left out: the database makes its values"]
    typed = column_of_type(column)
    if typed is None or IDENTIFIER.fullmatch(column.name) is None:
        why = f"the type {column.type} cannot be imported" if typed is None else "no plain name"
        told = f"left out: {why}"
        if column.not_null and column.default is None:
            told += "; the table requires a value, so it will refuse every row: give it a default"
        return None, [told]
    found = {"name": column.name, **typed}
    notes = [note] if (note := type_note(column)) else []
    if column.not_null and column.default is None:
        found["required"] = True
    elif column.default is not None:
        default = default_text(parse_column_type(typed["type"]), column.default)
        if default is None or default not in typed.get("enum", [default]):
            notes.append(
                f"its default {column.default} is the table's own: it fills the column when the "
                "sheet has none, not an empty cell"
            )
        else:
            found["default"] = default
    return found, notes


def _key(
    catalog: CatalogTable, columns: dict[str, dict[str, Any]], notes: list[str]
) -> tuple[str, ...]:
    """Return the primary key, or else a unique set that never is empty."""
    not_null = {column.name for column in catalog.columns if column.not_null}
    for unique in (catalog.key, *catalog.uniques):
        if unique and set(unique) <= set(columns) & not_null:
            for name in unique:
                columns[name].pop("default", None)
                columns[name]["required"] = True
            return unique
    notes.append("no set of these columns tells rows apart, so there is no key: only inserts work")
    return ()


def _constraints(
    catalog: CatalogTable, columns: dict[str, dict[str, Any]], key: tuple[str, ...]
) -> Iterator[str]:
    """Add to the columns what constraints say, and yield notes on those that stay the table's."""
    for unique in catalog.uniques:
        if len(unique) == 1 and unique[0] in columns and unique != key:
            columns[unique[0]]["unique"] = True
        elif unique != key and set(unique) <= columns.keys():
            yield f"({', '.join(unique)}) is unique too: the table finds what breaks it"
    for reference in catalog.references:
        name, parts = reference.columns[0], reference.table.split(".")
        names = [*parts, *reference.other_columns]
        if (
            len(reference.columns) == 1
            and name in columns
            and all(map(IDENTIFIER.fullmatch, names))
        ):
            columns[name]["references"] = ".".join(names)
        else:
            told = f"({', '.join(reference.columns)}) references {reference.table}"
            yield f"{told}: the table finds what breaks it"
    for check in catalog.checks:
        if not _is_said(check, columns):
            yield f"the rule {check.name} stays the table's: {check.expression}"


def _is_said(check: CatalogCheck, columns: dict[str, dict[str, Any]]) -> bool:
    """Add what a check says to its column; return whether that was possible."""
    column = columns.get(check.columns[0]) if len(check.columns) == 1 else None
    if column is None:
        return False
    kind = parse_column_type(column["type"])
    rules = rules_of_check(column["name"], kind, check.expression)
    if rules is None or rules.keys() & column.keys():
        return False
    if "default" in column and column["default"] not in rules.get("enum", [column["default"]]):
        return False
    column |= rules
    return True

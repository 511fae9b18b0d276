"""Where a target and its table disagree: told by `sluice targets check --database`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from import_targets.catalog_types import column_of_type
from import_targets.column_types import parse_column_type
from import_targets.definition import LINEAGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from import_targets.catalog_table import CatalogColumn, CatalogTable
    from import_targets.column_types import ColumnType
    from import_targets.definition import TargetColumn, TargetDefinition


def table_differences(definition: TargetDefinition, catalog: CatalogTable) -> Iterator[str]:
    """Yield sentences on what rows of the target would meet in the table."""
    there = {column.name: column for column in catalog.columns}
    for column in definition.columns:
        if column.name in there:
            yield from _differences(column, there[column.name])
        else:
            yield f"column {column.name}: the table has none; add it, or take it out of the target"
    yield from _unfed(definition, catalog)
    if definition.lineage and not set(LINEAGE_COLUMNS) <= there.keys():
        yield (
            "the table has no columns of lineage; "
            f"run `sluice targets add-lineage {definition.name}`, or write 'lineage: false'"
        )
    yield from _constraints(definition, catalog)


def _differences(column: TargetColumn, found: CatalogColumn) -> Iterator[str]:
    typed = column_of_type(found)
    # A text can be written into any column; whether it fits shows row by row
    if column.type != "text" and _type_of(typed) != column.column_type:
        here = column.column_type.postgres
        yield f"column {column.name}: is {here} here, in the table {found.type}"
    if found.is_made:
        yield f"column {column.name}: the database makes its values; take it out of the target"


def _type_of(typed: Mapping[str, Any] | None) -> ColumnType | None:
    return None if typed is None else parse_column_type(typed["type"])


def _unfed(definition: TargetDefinition, catalog: CatalogTable) -> Iterator[str]:
    fed = {column.name for column in definition.columns}
    for column in catalog.columns:
        needs_value = column.not_null and column.default is None and not column.is_made
        if needs_value and column.name not in fed:
            yield (
                f"column {column.name}: the table requires a value, so it will refuse every row; "
                "add it to the target, or give it a default in the table"
            )


def _constraints(definition: TargetDefinition, catalog: CatalogTable) -> Iterator[str]:
    uniques = [set(unique) for unique in catalog.uniques]
    if definition.key and set(definition.key) not in uniques:
        key = ", ".join(definition.key)
        yield (
            f"the key ({key}) is not unique in the table, so doubles are not found and nothing "
            f"can be upserted: ALTER TABLE {definition.table} ADD UNIQUE ({key})"
        )
    references = {
        reference.columns[0] for reference in catalog.references if len(reference.columns) == 1
    }
    for column in definition.columns:
        if column.unique and {column.name} not in uniques:
            yield (
                f"column {column.name}: is not unique in the table, so doubles are not found: "
                f"ALTER TABLE {definition.table} ADD UNIQUE ({column.name})"
            )
        if column.references is not None and column.name not in references:
            table, _, other = column.references.rpartition(".")
            yield (
                f"column {column.name}: has no foreign key in the table: ALTER TABLE "
                f"{definition.table} ADD FOREIGN KEY ({column.name}) REFERENCES {table} ({other})"
            )

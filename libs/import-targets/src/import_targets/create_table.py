"""The SQL that creates a target's table, for those who have none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from import_targets.definition import LINEAGE_COLUMNS
from import_targets.errors import TargetError
from import_targets.identifiers import NAME_BYTES, quoted

if TYPE_CHECKING:
    from import_targets.definition import TargetColumn, TargetDefinition


_LINEAGE: Final = tuple(zip(LINEAGE_COLUMNS, ("uuid", "integer", "integer"), strict=True))


def create_table_sql(definition: TargetDefinition) -> str:
    """Return the statement that creates the table unless it is there.

    The schema and the tables that it references must exist.

    Raises:
        TargetError: the target is `records`, whose table comes with Sluice's own schema.
    """
    if definition.kind == "records":
        raise TargetError("the table of 'records' comes with Sluice's migrations: run those")
    table = quoted(definition.table)
    lines = [_column_sql(column, definition.key) for column in definition.columns]
    if definition.lineage:
        lines += [f"{quoted(name)} {kind}" for name, kind in _LINEAGE]
    if definition.key:
        lines.append(f"PRIMARY KEY ({', '.join(quoted(name) for name in definition.key)})")
    body = ",\n    ".join(lines)
    return f"CREATE TABLE IF NOT EXISTS {table} (\n    {body}\n);\n"


def undo_index_name(table: str) -> str:
    """Return the name of the index by which an undo finds the rows of an import in a table."""
    suffix = "_sluice_job_idx"
    return table.rpartition(".")[2][: NAME_BYTES - len(suffix)] + suffix


def add_lineage_sql(definition: TargetDefinition) -> str:
    """Return the statement that adds what lineage needs to a table that is there, unless it has it.

    Adding columns without a default rewrites and reads nothing, however large the table is.

    Raises:
        TargetError: the target is `records`, or gives lineage up.
    """
    _require_lineage(definition)
    columns = ", ".join(
        f"ADD COLUMN IF NOT EXISTS {quoted(name)} {kind}" for name, kind in _LINEAGE
    )
    return f"ALTER TABLE {quoted(definition.table)} {columns};\n"


def _require_lineage(definition: TargetDefinition) -> None:
    if definition.kind == "records":
        raise TargetError("the table of 'records' has lineage from Sluice's migrations: run those")
    if not definition.lineage:
        raise TargetError(
            f"the target '{definition.name}' says 'lineage: false'; take that out first"
        )


def _column_sql(column: TargetColumn, key: tuple[str, ...]) -> str:
    sql = f"{quoted(column.name)} {column.column_type.postgres}"
    if column.required or column.name in key:
        sql += " NOT NULL"
    if column.unique and key != (column.name,):
        sql += " UNIQUE"
    if column.references is not None:
        table, _, name = column.references.rpartition(".")
        sql += f" REFERENCES {quoted(table)} ({quoted(name)})"
    return sql

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
    """Return statements that create the table and its index unless they are there.

    The schema and the tables that it references must exist. The index is a BRIN: rows of one job
    lie together, so it stays tiny and finds them for an undo or a correction.

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
    sql = f"CREATE TABLE IF NOT EXISTS {table} (\n    {body}\n);\n"
    return sql + _index_sql(definition.table) if definition.lineage else sql


def add_lineage_sql(definition: TargetDefinition) -> str:
    """Return statements that add what lineage needs to a table that is there, unless it has it.

    Adding columns without a default rewrites nothing, however large the table is; the index reads
    it once.

    Raises:
        TargetError: the target is `records`, or gives lineage up.
    """
    if definition.kind == "records":
        raise TargetError("the table of 'records' has lineage from Sluice's migrations: run those")
    if not definition.lineage:
        raise TargetError(
            f"the target '{definition.name}' says 'lineage: false'; take that out first"
        )
    columns = ", ".join(
        f"ADD COLUMN IF NOT EXISTS {quoted(name)} {kind}" for name, kind in _LINEAGE
    )
    return f"ALTER TABLE {quoted(definition.table)} {columns};\n" + _index_sql(definition.table)


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


def _index_sql(table: str) -> str:
    index = quoted(_index_name(table))
    return f'CREATE INDEX IF NOT EXISTS {index} ON {quoted(table)} USING brin ("sluice_job");\n'


def _index_name(table: str) -> str:
    suffix = "_sluice_job_idx"
    return table.rpartition(".")[2][: NAME_BYTES - len(suffix)] + suffix

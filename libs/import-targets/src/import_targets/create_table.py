"""The SQL that creates a target's table, for those who have none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_targets.errors import TargetError
from import_targets.identifiers import NAME_BYTES, quoted

if TYPE_CHECKING:
    from import_targets.definition import TargetColumn, TargetDefinition


def create_table_sql(definition: TargetDefinition) -> str:
    """Return statements that create the table and its index unless they are there.

    The schema must exist. The index is a BRIN: rows of one job lie together, so it stays tiny
    and finds them for an undo or a correction.

    Raises:
        TargetError: the target is `records`, whose table comes with Sluice's own schema.
    """
    if definition.kind == "records":
        raise TargetError("the table of 'records' comes with Sluice's migrations: run those")
    table = quoted(definition.table)
    lines = [_column_sql(column, definition.key) for column in definition.columns]
    if definition.lineage:
        lines += ['"sluice_job" uuid', '"sluice_line" integer', '"sluice_replaced" integer']
    if definition.key:
        lines.append(f"PRIMARY KEY ({', '.join(quoted(name) for name in definition.key)})")
    body = ",\n    ".join(lines)
    sql = f"CREATE TABLE IF NOT EXISTS {table} (\n    {body}\n);\n"
    if definition.lineage:
        index = quoted(_index_name(definition.table))
        sql += f'CREATE INDEX IF NOT EXISTS {index} ON {table} USING brin ("sluice_job");\n'
    return sql


def _column_sql(column: TargetColumn, key: tuple[str, ...]) -> str:
    not_null = " NOT NULL" if column.required or column.name in key else ""
    return f"{quoted(column.name)} {column.column_type.postgres}{not_null}"


def _index_name(table: str) -> str:
    suffix = "_sluice_job_idx"
    return table.rpartition(".")[2][: NAME_BYTES - len(suffix)] + suffix

"""Reads from PostgreSQL's catalogue what a table is like."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from cli.exit_codes import Failure
from import_targets import CatalogCheck, CatalogColumn, CatalogReference, CatalogTable

if TYPE_CHECKING:
    import psycopg

_TABLE_KINDS = {"r", "p"}


def read_table(conn: psycopg.Connection, table: str) -> CatalogTable:
    """Return what the catalogue tells of a table; raises `Failure` where there is none."""
    found = find_table(conn, table)
    if found is None:
        raise Failure(f"there is no table {table!r}; write schema.table if it is in another schema")
    return found


def find_table(conn: psycopg.Connection, table: str) -> CatalogTable | None:
    """Return what the catalogue tells of a table; raises `Failure` for a view and its kin."""
    found = conn.execute(
        "SELECT relkind::text FROM pg_class WHERE oid = to_regclass(%s)", [table]
    ).fetchone()
    if found is None:
        return None
    if found[0] not in _TABLE_KINDS:
        raise Failure(f"{table!r} is no table that rows can be imported into")
    uniques = _read(conn, "uniques", table)
    constraints = _read(conn, "constraints", table)
    return CatalogTable(
        columns=tuple(
            CatalogColumn(
                name=name,
                type=kind,
                not_null=not_null,
                labels=tuple(labels),
                default=default,
                is_made=is_made,
            )
            for name, kind, not_null, labels, default, is_made in _read(conn, "columns", table)
        ),
        key=next((tuple(columns) for is_primary, columns in uniques if is_primary), ()),
        uniques=tuple(tuple(columns) for _, columns in uniques),
        references=tuple(
            CatalogReference(columns=tuple(own), table=other, other_columns=tuple(others))
            for kind, _, _, other, own, others in constraints
            if kind == "f"
        ),
        checks=tuple(
            CatalogCheck(name=name, columns=tuple(own), expression=expression)
            for kind, name, expression, _, own, _ in constraints
            if kind == "c"
        ),
    )


def _read(conn: psycopg.Connection, what: str, table: str) -> list[tuple[Any, ...]]:
    path = resources.files("cli") / "sql" / f"read_table_{what}.sql"
    return conn.execute(path.read_bytes(), {"table": table}).fetchall()

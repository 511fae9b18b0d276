"""Makes the index by which an undo finds the rows of an import, beside running imports."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

import click
from psycopg import sql

from cli.exit_codes import Failure
from import_targets import undo_index_name

if TYPE_CHECKING:
    import psycopg

SESSION = {"statement_timeout": "0", "lock_timeout": "3s"}
"""It reads the whole table, which takes longer than the services' statements may."""
_INDEXABLE: Final = resources.files("cli").joinpath("sql/indexable.sql").read_bytes()
_INVALID: Final = resources.files("cli").joinpath("sql/invalid_index.sql").read_bytes()


def make_undo_index(conn: psycopg.Connection, table: str) -> None:
    """Make it unless it is there; the connection is one of `SESSION`, in autocommit mode.

    A BRIN: rows of one import lie together, so that it stays tiny. Nothing else looks for them by
    that, and PostgreSQL 15 and 16 pay for it with each row they COPY; so tables are made without.
    A partitioned table's index takes those of its partitions over, which reads nothing again.

    Raises:
        Failure: somebody else is making it.
    """
    found = conn.execute(_INDEXABLE, {"table": table}).fetchall()
    for oid, schema, name, is_parent in found:
        index = undo_index_name(name)
        how = sql.SQL("" if is_parent else "CONCURRENTLY")
        _drop_invalid(conn, oid, (schema, index), how)
        make = sql.SQL("CREATE INDEX {} IF NOT EXISTS {} ON {} USING brin (sluice_job)").format(
            how, sql.Identifier(index), sql.Identifier(schema, name)
        )
        _run(conn, make, waits=not is_parent)


def _drop_invalid(
    conn: psycopg.Connection, table: int, index: tuple[str, str], how: sql.SQL
) -> None:
    left = conn.execute(_INVALID, {"table": table, "name": index[1]}).fetchone()
    if left is None:
        return
    if left[0]:
        raise Failure(f"the index {index[1]} is being made by another session: wait for it")
    click.echo(f"the index {index[1]} is what a try that failed has left: it is made anew")
    drop = sql.SQL("DROP INDEX {} IF EXISTS {}").format(how, sql.Identifier(*index))
    _run(conn, drop, waits=bool(how.as_string()))


def _run(conn: psycopg.Connection, statement: sql.Composed, *, waits: bool) -> None:
    """Run it; what `waits` for running transactions holds up no other, so it may wait long."""
    if not waits:
        conn.execute(statement)
        return
    conn.execute("SET lock_timeout = 0")
    try:
        conn.execute(statement)
    finally:
        if not conn.closed:
            conn.execute("SELECT set_config('lock_timeout', %s, false)", [SESSION["lock_timeout"]])

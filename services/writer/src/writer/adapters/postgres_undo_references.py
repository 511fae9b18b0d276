"""Rows that foreign keys hold: found by set before anything is deleted, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from writer.adapters.postgres_rows import as_sql
from writer.adapters.postgres_undo import format_for, table_of, xmin_is_ours
from writer.adapters.sql_files import statement
from writer.domain.undo import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sluice.db.pool import Connection
    from writer.domain.undo import UndoTarget

_OWN_STAYS = """NOT EXISTS (
    SELECT
      FROM sluice.undo_rows AS w
     WHERE w.job_id = %(job_id)s AND w.outcome IS NULL AND w.sheet_line = o.sluice_line
       AND w.row_table = o.tableoid AND w.row_tid = o.ctid)"""


def find_references(conn: Connection, target: UndoTarget) -> tuple[Reference, ...]:
    """Return the foreign keys that point at the table."""
    table = table_of(target).as_string(conn)
    found = conn.execute(statement("undo_find_references"), {"table": table})
    return tuple(
        Reference(name, other, action, is_own, tuple(columns), tuple(other_columns))
        for name, other, action, is_own, columns, other_columns in found
    )


def refuse_held(conn: Connection, target: UndoTarget, references: Sequence[Reference]) -> int:
    """Take held rows out of the batch, and out of the undo; return how many are refused.

    The batch is locked first: a reference that is being made waits for us, one that was made is
    seen. Rows of the job that refer to one another hold each other only as long as one stays, so
    their keys are asked again until nothing changes.
    """
    if not references:
        return 0
    conn.execute(format_for(target, "undo_lock_batch"), {"job_id": target.job_id})
    refused = sum(_refuse(conn, target, each) for each in references if not each.is_own)
    own = [each for each in references if each.is_own]
    changed = bool(own)
    while changed:
        newly = sum(_refuse(conn, target, each) for each in own)
        changed = sum(_postpone(conn, target, each) for each in own) + newly > 0
        refused += newly
    return refused


def _refuse(conn: Connection, target: UndoTarget, reference: Reference) -> int:
    command = format_for(
        target,
        "undo_refuse_held",
        other=as_sql(reference.table),
        refers=_refers(reference),
        stays=_stays(reference),
    )
    values = {"job_id": target.job_id, "reason": reference.reason()}
    return conn.execute(command, values).rowcount


def _postpone(conn: Connection, target: UndoTarget, reference: Reference) -> int:
    command = format_for(
        target, "undo_postpone_held", other=as_sql(reference.table), refers=_refers(reference)
    )
    return conn.execute(command, {"job_id": target.job_id}).rowcount


def _refers(reference: Reference) -> sql.Composed:
    pairs = zip(reference.columns, reference.other_columns, strict=True)
    return sql.SQL(" AND ").join(
        as_sql("o.") + sql.Identifier(ours) + as_sql(" = t.") + sql.Identifier(theirs)
        for ours, theirs in pairs
    )


def _stays(reference: Reference) -> sql.Composable:
    """Return what makes a referring row one that an undo must not touch.

    Where the key would delete or empty the referring rows along, only those may go that the import
    itself made, by a trigger; what others added since stays, and holds.
    """
    if reference.is_own:
        return as_sql(_OWN_STAYS)
    if reference.refuses:
        return as_sql("true")
    return as_sql("NOT (") + xmin_is_ours("o") + as_sql(")")

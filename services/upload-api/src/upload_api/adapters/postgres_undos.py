"""Undos: asked for in one transaction behind the job's gate; worked off by the writers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.rows import dict_row

from sluice.db import job_gate
from sluice.db.statements import statement
from sluice.job_status import JobStatus
from upload_api.adapters.gate_patience import patiently
from upload_api.adapters.postgres_audit import put_audit
from upload_api.domain.undo_rules import UndoableJob, begins_undo

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Actor

PACKAGE = "upload_api"


class JobGone(Exception):
    """The job was erased meanwhile."""


class RowPlace(NamedTuple):
    """Where a page of rows that stayed ended."""

    line: int = -1
    table: int = 0
    tid: str = "(0,0)"


def ask_for_undo(conn: Connection, job_id: UUID, actor: Actor) -> bool:
    """Have an import taken back; return whether that is new.

    Raises:
        UndoRefused: the job's state does not allow it.
        AlreadyUndone: it has come to its end before.
        JobGone: there is no such job any more.
        GateBusy: the gate was not free in time.
    """
    return patiently(conn, job_id, lambda: _ask_once(conn, job_id, actor))


def _ask_once(conn: Connection, job_id: UUID, actor: Actor) -> bool:
    with conn.transaction():
        job_gate.pass_alone(conn, job_id)
        with conn.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(statement(PACKAGE, "lock_undoable"), {"job_id": job_id}).fetchone()
        if row is None:
            raise JobGone(str(job_id))
        if not begins_undo(UndoableJob(**row | {"status": JobStatus(row["status"])})):
            return False
        values = {"job_id": job_id, "user_id": actor.user_id}
        conn.execute(statement(PACKAGE, "insert_undo"), values)
        put_audit(conn, "job_undone", actor, job_id, {"status": row["status"]})
    return True


def get_undo(conn: Connection, job_id: UUID) -> dict[str, Any] | None:
    """Return how far an undo is; None when nobody asked for one."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "get_undo"), {"job_id": job_id}).fetchone()


def list_undo_rows(
    conn: Connection, job_id: UUID, outcome: str | None, after: RowPlace, limit: int
) -> list[dict[str, Any]]:
    """Return rows that stayed, in sheet order."""
    values = {"job_id": job_id, "outcome": outcome, "limit": limit, **after._asdict()}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_undo_rows"), values).fetchall()

"""Consumers that stand still until an operator lets them go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from sluice.db.statements import statement
from upload_api.adapters.postgres_audit import put_audit

if TYPE_CHECKING:
    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Actor

PACKAGE = "upload_api"


def list_halts(conn: Connection) -> list[dict[str, Any]]:
    """Return who stands, and who stood last time and was let go on."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(PACKAGE, "list_halts")).fetchall()


def resume_consumers(conn: Connection, actor: Actor) -> list[str]:
    """Let all that stand go on; return their names."""
    values = {"user_id": actor.user_id}
    with conn.transaction():
        rows = conn.execute(statement(PACKAGE, "resume_consumers"), values).fetchall()
        names = [str(row[0]) for row in rows]
        put_audit(conn, "dlq_resumed", actor, None, {"consumers": names})
    return names

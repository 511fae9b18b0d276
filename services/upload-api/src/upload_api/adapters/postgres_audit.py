"""The audit as people read it: filtered, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from sluice.audit.records import Action, Actor, Caller, put_audit
from sluice.db.statements import statement

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sluice.db.pool import Connection

__all__ = ["Action", "Actor", "AuditFilter", "Caller", "list_audit", "put_audit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows; None: all."""

    action: str | None = None
    user_id: UUID | None = None
    job_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_audit(
    conn: Connection, wanted: AuditFilter, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return the rows that are older than `before`, newest first."""
    values = {
        "action": wanted.action,
        "user_id": wanted.user_id,
        "job_id": wanted.job_id,
        "since": wanted.since,
        "until": wanted.until,
        "before": before,
        "limit": limit,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement("upload_api", "list_audit"), values).fetchall()

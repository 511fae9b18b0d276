"""Whom a job is shared with, as its owner sets it: each act with its audit row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg.rows import dict_row

from sluice.audit.records import put_audit
from sluice.db.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sluice.audit.records import Actor
    from sluice.auth.access import User
    from sluice.db.pool import Connection

PACKAGE = "upload_api"


def find_sharees(conn: Connection, told: Sequence[str]) -> dict[str, UUID]:
    """Return the users that are meant, by name or id; those that are not there are missing."""
    ids = {text: user_id for text in told if (user_id := _id_of(text)) is not None}
    names = [text for text in told if text not in ids]
    values: dict[str, Any] = {"names": names, "ids": list(ids.values())}
    rows = conn.execute(statement(PACKAGE, "find_sharees"), values).fetchall()
    by_id, by_name = {row[0] for row in rows}, {row[1]: row[0] for row in rows}
    found = {text: user_id for text, user_id in ids.items() if user_id in by_id}
    return found | {text: by_name[text] for text in names if text in by_name}


def share_job(
    conn: Connection,
    job_id: UUID,
    by: tuple[User, Actor],
    sharees: Sequence[UUID],
    terms: tuple[str, datetime | None],
) -> None:
    """Share a job on these terms (permission, end), whatever the terms were before."""
    user, actor = by
    permission, expires_at = terms
    values = _asking(user, job_id) | {
        "sharees": list(sharees),
        "permission": permission,
        "expires_at": expires_at,
    }
    details = {
        "users": [str(sharee) for sharee in sharees],
        "permission": permission,
        "expiresAt": expires_at.isoformat() if expires_at else None,
    }
    with conn.transaction():
        if conn.execute(statement(PACKAGE, "share_job"), values).rowcount:
            put_audit(conn, "job_shared", actor, job_id, details)


def list_shares(conn: Connection, job_id: UUID, user: User) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement(PACKAGE, "list_shares"), _asking(user, job_id))
        return cursor.fetchall()


def unshare_job(conn: Connection, job_id: UUID, by: tuple[User, Actor], sharee: UUID) -> bool:
    """Take a share back; return whether there was one."""
    user, actor = by
    with conn.transaction():
        values = _asking(user, job_id) | {"sharee": sharee}
        if not conn.execute(statement(PACKAGE, "unshare_job"), values).rowcount:
            return False
        details = {"users": [str(sharee)], "permission": None}
        put_audit(conn, "job_shared", actor, job_id, details)
    return True


def set_public(conn: Connection, job_id: UUID, by: tuple[User, Actor], *, is_public: bool) -> None:
    """Open a job to everybody who is signed in, or close it again."""
    user, actor = by
    with conn.transaction():
        values = _asking(user, job_id) | {"is_public": is_public}
        if conn.execute(statement(PACKAGE, "set_public"), values).rowcount:
            put_audit(conn, "job_shared", actor, job_id, {"isPublic": is_public})


def _asking(user: User, job_id: UUID) -> dict[str, Any]:
    return {"job_id": job_id, "asking": user.user_id, "role": user.role}


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

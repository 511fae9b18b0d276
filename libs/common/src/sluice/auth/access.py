"""Who may do what with a job: decided inside the SQL that finds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection


class Right(IntEnum):
    """What somebody may do with one job; each includes those before it."""

    NONE = 0
    VIEW = 1
    CONTROL = 2
    OWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who is known and not disabled."""

    user_id: UUID
    username: str
    role: str

    @property
    def is_operator(self) -> bool:
        return self.role in {"operator", "admin"}


_USER = "SELECT user_id, username, role FROM sluice.users WHERE user_id = %s AND NOT disabled"
_RIGHT = """
SELECT CASE
         WHEN j.owner_id = %(user)s OR %(role)s = 'admin' THEN 3
         WHEN s.permission = 'control' THEN 2
         WHEN s.permission = 'view' OR j.is_public OR %(role)s = 'operator' THEN 1
         ELSE 0
       END
  FROM sluice.jobs j
  LEFT JOIN sluice.job_shares s
    ON s.job_id = j.job_id AND s.user_id = %(user)s
   AND (s.expires_at IS NULL OR s.expires_at > now())
 WHERE j.job_id = %(job)s
"""


def find_user(conn: Connection, user_id: UUID) -> User | None:
    """Return the user, or None when unknown or disabled."""
    row = conn.execute(_USER, [user_id]).fetchone()
    return User(user_id=row[0], username=row[1], role=row[2]) if row else None


def right_on_job(conn: Connection, user: User, job_id: UUID) -> Right | None:
    """Return what a user may do with a job; None when there is no such job."""
    row = conn.execute(_RIGHT, {"user": user.user_id, "role": user.role, "job": job_id}).fetchone()
    return Right(row[0]) if row else None

"""Who may do what with a job: decided inside the SQL that finds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sluice.db.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sluice.auth.tokens import ProviderSubject, TokenClaims
    from sluice.db.pool import Connection

PACKAGE = "sluice.auth"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenView:
    """Somebody who looks at a job, or at all of their own, for as long as they may."""

    user_id: UUID
    job_id: UUID | None
    token_digest: bytes
    generation: int | None


def find_user(conn: Connection, claims: TokenClaims, token_digest: bytes) -> User | None:
    """Return the user of a valid token; None when unknown, disabled, or the token was revoked."""
    values = {
        "user": claims.user_id,
        "issuer": claims.provided.issuer if claims.provided else None,
        "subject": claims.provided.subject if claims.provided else None,
        "generation": claims.generation,
        "token": token_digest,
    }
    row = conn.execute(statement(PACKAGE, "find_user"), values).fetchone()
    return User(user_id=row[0], username=row[1], role=row[2]) if row else None


def record_provided_user(conn: Connection, provided: ProviderSubject) -> None:
    """Record a provider's user at first sight; nothing happens when they are known.

    A name that somebody else has already is told apart by the subject: names decide nothing.
    """
    for name in (provided.name, f"{provided.name} ({provided.subject})"):
        values = {"username": name, "issuer": provided.issuer, "subject": provided.subject}
        conn.execute(statement(PACKAGE, "insert_provided_user"), values)


def right_on_job(conn: Connection, user: User, job_id: UUID) -> Right | None:
    """Return what a user may do with a job; None when there is no such job."""
    values = {"user": user.user_id, "role": user.role, "job": job_id}
    row = conn.execute(statement(PACKAGE, "right_on_job"), values).fetchone()
    return Right(row[0]) if row else None


def rights_of_views(conn: Connection, views: Sequence[OpenView]) -> list[Right]:
    """Return what each may do by now; NONE also when their token no longer counts."""
    values = {
        "users": [view.user_id for view in views],
        "jobs": [view.job_id for view in views],
        "tokens": [view.token_digest for view in views],
        "generations": [view.generation for view in views],
    }
    return [Right(row[0]) for row in conn.execute(statement(PACKAGE, "rights_of_views"), values)]


def revoke_token(conn: Connection, token_digest: bytes, expires_at: datetime) -> None:
    """End a token before its time; those that have expired since are forgotten."""
    values = {"token": token_digest, "expires_at": expires_at}
    conn.execute(statement(PACKAGE, "revoke_token"), values)
    conn.execute(statement(PACKAGE, "forget_revoked"))

"""The users' table: who may sign in with a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.auth.access import User
from sluice.db.statements import statement

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user with the hash of their password; None: no password login."""

    user: User
    password_hash: str | None
    generation: int
    """Of the user's tokens: those of an earlier one have ended."""


def find_login(conn: Connection, username: str) -> Login | None:
    row = conn.execute(statement(PACKAGE, "find_login"), {"username": username}).fetchone()
    if row is None:
        return None
    user = User(user_id=row[0], username=row[1], role=row[2])
    return Login(user=user, password_hash=row[3], generation=row[4])


def upsert_user(conn: Connection, username: str, password_hash: str, role: str) -> UUID:
    """Create a user, or set the password and role of the one with this name."""
    values = {"username": username, "password_hash": password_hash, "role": role}
    row = conn.execute(statement(PACKAGE, "upsert_user"), values).fetchone()
    if row is None:
        raise RuntimeError("an upsert returned no row")
    found: UUID = row[0]
    return found

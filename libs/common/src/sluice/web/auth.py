"""Who is asking, and what they may do: the same answers from every service that speaks HTTP."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from sluice.auth.access import Right, User, find_user, right_on_job
from sluice.auth.tokens import TokenInvalid, TokenKeeper
from sluice.clock import Clock
from sluice.db.pool import Connection, connection_of
from sluice.web.audit_trail import remember_user
from sluice.web.problems import Problem

TOKEN_COOKIE = "sluice_token"  # noqa: S105 - the name of the cookie, not a secret
CACHE_S = 5.0
"""A disabled user is refused at most this much later; polling stays off PostgreSQL."""
CACHE_USERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A user and the moment their token ends."""

    user: User
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    user: User | None
    until_s: float


def token_of(request: HTTPConnection) -> str | None:
    """Return the token: from `Authorization: Bearer`, else the cookie, else `?token=`."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.cookies.get(TOKEN_COOKIE) or request.query_params.get("token") or None


def unauthorized(code: str, detail: str, error: str = "") -> Problem:
    """Return the 401 that tells how to sign in (RFC 6750)."""
    challenge = 'Bearer realm="sluice"' + (f', error="{error}"' if error else "")
    return Problem(401, code, detail, headers={"WWW-Authenticate": challenge})


class Authenticator:
    """Knows users by their tokens, and their rights by the database."""

    def __init__(self, pool: ConnectionPool[Connection], keeper: TokenKeeper, clock: Clock) -> None:
        self._pool = pool
        self._keeper = keeper
        self._clock = clock
        self._remembered: dict[UUID, _Remembered] = {}

    async def user_of(self, request: HTTPConnection) -> User:
        """Return who is asking.

        Raises:
            Problem: 401, no token or one that is not valid.
            Outage: PostgreSQL is away.
        """
        return (await self.session_of(request)).user

    async def session_of(self, request: HTTPConnection) -> Session:
        """Return who is asking and until when their token lasts; raises as `user_of`."""
        token = token_of(request)
        if token is None:
            raise unauthorized("TOKEN_MISSING", "Sign in first: no token was sent.")
        try:
            claims = self._keeper.verify(token)
        except TokenInvalid as error:
            raise unauthorized(
                "TOKEN_INVALID", f"Sign in again: {error}.", "invalid_token"
            ) from None
        user = await self._known_user(claims.user_id)
        if user is None:
            raise unauthorized("USER_UNKNOWN", "This user is unknown or disabled.", "invalid_token")
        remember_user(request, user)
        return Session(user=user, expires_at=claims.expires_at)

    async def require_right(self, user: User, job_id: UUID, at_least: Right) -> Right:
        """Return what a user may do with a job.

        Raises:
            Problem: 404, there is no such job; 403, it is not theirs to that degree.
            Outage: PostgreSQL is away.
        """
        right = await run_in_threadpool(self._find_right, user, job_id)
        if right is None:
            raise Problem(404, "JOB_UNKNOWN", "There is no such job.")
        if right < at_least:
            raise Problem(
                403, "JOB_FORBIDDEN", f"You lack the right to {at_least.name.lower()} this job."
            )
        return right

    async def _known_user(self, user_id: UUID) -> User | None:
        now_s = self._clock.monotonic_s()
        remembered = self._remembered.get(user_id)
        if remembered is not None and now_s < remembered.until_s:
            return remembered.user
        user = await run_in_threadpool(self._find_user, user_id)
        if len(self._remembered) >= CACHE_USERS:
            self._remembered.clear()
        self._remembered[user_id] = _Remembered(user=user, until_s=now_s + CACHE_S)
        return user

    def _find_user(self, user_id: UUID) -> User | None:
        with connection_of(self._pool) as conn:
            return find_user(conn, user_id)

    def _find_right(self, user: User, job_id: UUID) -> Right | None:
        with connection_of(self._pool) as conn:
            return right_on_job(conn, user, job_id)

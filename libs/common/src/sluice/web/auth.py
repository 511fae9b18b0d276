"""Who is asking, and what they may do: the same answers from every service that speaks HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from sluice.auth.access import (
    Right,
    User,
    find_user,
    record_provided_user,
    revoke_token,
    right_on_job,
)
from sluice.auth.tokens import LEEWAY_S, TokenClaims, TokenInvalid, TokenKeeper, digest_of
from sluice.clock import Clock
from sluice.db.pool import Connection, connection_of
from sluice.web.audit_trail import remember_user
from sluice.web.problems import Problem
from sluice.web.same_origin import refuse_foreign_page

TOKEN_COOKIE = "sluice_token"  # noqa: S105 - the name of the cookie, not a secret
CACHE_S = 5.0
"""A disabled user or a signed-out token is refused at most this much later; polling stays off
PostgreSQL."""
CACHE_TOKENS = 10_000

NOBODY = (
    "USER_UNKNOWN",
    "Sign in again: this user is unknown or disabled, or has signed out.",
)
Place = Literal["header", "cookie", "query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A user, the moment their token ends, and what tells whether it was ended before."""

    user: User
    expires_at: datetime
    token_digest: bytes = b""
    generation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    session: Session
    until_s: float


def token_of(request: HTTPConnection, *, in_query: bool = True) -> tuple[str, Place] | None:
    """Return the token and its place: `Authorization: Bearer`, the cookie, or `?token=`."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip(), "header"
    if cookie := request.cookies.get(TOKEN_COOKIE):
        return cookie, "cookie"
    query = request.query_params.get("token") if in_query else None
    return (query, "query") if query else None


def unauthorized(code: str, detail: str, error: str = "") -> Problem:
    """Return the 401 that tells how to sign in (RFC 6750)."""
    challenge = 'Bearer realm="sluice"' + (f', error="{error}"' if error else "")
    return Problem(401, code, detail, headers={"WWW-Authenticate": challenge})


class Authenticator:
    """Knows users by their tokens, and their rights by the database."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        keeper: TokenKeeper,
        clock: Clock,
        *,
        token_in_query: bool = True,
    ) -> None:
        self._pool = pool
        self._keeper = keeper
        self._clock = clock
        self._in_query = token_in_query
        self._remembered: dict[bytes, _Remembered] = {}

    async def user_of(self, request: HTTPConnection) -> User:
        """Return who is asking.

        Raises:
            Problem: 401, no token or one that is not valid; 403, the cookie is all that asks for
                a change, and a page of another origin sends it.
            Outage: PostgreSQL or the identity provider is away.
        """
        return (await self.session_of(request)).user

    async def session_of(self, request: HTTPConnection) -> Session:
        """Return who is asking and until when their token lasts; raises as `user_of`."""
        found = token_of(request, in_query=self._in_query)
        if found is None:
            raise unauthorized("TOKEN_MISSING", "Sign in first: no token was sent.")
        token, place = found
        if place == "cookie":
            refuse_foreign_page(request)
        digest = digest_of(token)
        remembered = self._remembered.get(digest)
        if remembered is not None and self._clock.monotonic_s() < remembered.until_s:
            session = remembered.session
        else:
            session = await run_in_threadpool(self._session, token, digest)
            self._remember(session)
        remember_user(request, session.user)
        return session

    async def session_again(self, claims: TokenClaims, token_digest: bytes) -> Session:
        """Return the session of a token that was checked before, if it holds; raises as `user_of`.

        Args:
            claims: what the token said then.
            token_digest: what the token is remembered by.
        """
        if claims.expires_at <= self._clock.now():
            raise unauthorized("TOKEN_INVALID", "Sign in again: the token has expired.")
        user = await run_in_threadpool(self._user_of, claims, token_digest)
        if user is None:
            raise unauthorized(*NOBODY, "invalid_token")
        return Session(
            user=user,
            expires_at=claims.expires_at,
            token_digest=token_digest,
            generation=claims.generation,
        )

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

    async def sign_out(self, request: HTTPConnection) -> User | None:
        """End the token that is sent, wherever else it may be kept; return whose it was.

        None, and nothing is done, where none is sent or it counts no more.

        Raises:
            Problem: 403, as `user_of`.
            Outage: PostgreSQL or the identity provider is away.
        """
        found = token_of(request, in_query=self._in_query)
        if found is None:
            return None
        if found[1] == "cookie":
            refuse_foreign_page(request)
        return await run_in_threadpool(self._revoke, found[0])

    def _remember(self, session: Session) -> None:
        if len(self._remembered) >= CACHE_TOKENS:
            self._remembered.clear()
        left_s = (session.expires_at - self._clock.now()).total_seconds() + LEEWAY_S
        until_s = self._clock.monotonic_s() + min(CACHE_S, left_s)
        self._remembered[session.token_digest] = _Remembered(session=session, until_s=until_s)

    def _session(self, token: str, digest: bytes) -> Session:
        """Check a token and find its user; runs in a worker thread."""
        try:
            claims = self._keeper.verify(token)
        except TokenInvalid as error:
            raise unauthorized(
                "TOKEN_INVALID", f"Sign in again: {error}.", "invalid_token"
            ) from None
        user = self._user_of(claims, digest)
        if user is None:
            raise unauthorized(*NOBODY, "invalid_token")
        return Session(
            user=user,
            expires_at=claims.expires_at,
            token_digest=digest,
            generation=claims.generation,
        )

    def _user_of(self, claims: TokenClaims, digest: bytes) -> User | None:
        with connection_of(self._pool) as conn:
            user = find_user(conn, claims, digest)
            if user is None and claims.provided is not None:
                record_provided_user(conn, claims.provided)
                user = find_user(conn, claims, digest)
        return user

    def _revoke(self, token: str) -> User | None:
        digest = digest_of(token)
        try:
            claims = self._keeper.verify(token)
        except TokenInvalid:
            return None
        with connection_of(self._pool) as conn:
            user = find_user(conn, claims, digest)
            revoke_token(conn, digest, claims.expires_at + timedelta(seconds=LEEWAY_S))
        self._remembered.pop(digest, None)
        return user

    def _find_right(self, user: User, job_id: UUID) -> Right | None:
        with connection_of(self._pool) as conn:
            return right_on_job(conn, user, job_id)

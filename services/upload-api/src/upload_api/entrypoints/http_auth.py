"""`/api/auth`: sign in, sign out, and who am I."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from sluice.audit.records import Actor, Caller, put_audit
from sluice.web.auth import TOKEN_COOKIE, unauthorized
from sluice.web.caller import caller_of
from sluice.web.problems import Problem
from sluice.web.same_origin import refuse_foreign_page
from upload_api.adapters.passwords import MAX_PASSWORD_CHARACTERS
from upload_api.adapters.postgres_users import Login, find_login
from upload_api.entrypoints.callers import AppParts, CurrentSession, View, problems
from upload_api.entrypoints.sign_in_limits import sign_in_attempt
from upload_api.parts import Parts

router = APIRouter(prefix="/api/auth", tags=["auth"])


class Credentials(View):
    """A name and a password."""

    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD_CHARACTERS)]


class TokenView(View):
    """A token and when it ends; the cookie holds the same."""

    token: str
    expires_at: datetime


class MeView(View):
    """Who is signed in."""

    user_id: UUID
    username: str
    role: str
    expires_at: datetime


@router.post("/login", responses=problems(400, 401, 403, 422, 429, 503))
async def log_in(
    parts: AppParts, request: Request, response: Response, credentials: Credentials
) -> TokenView:
    """Sign in by name and password; where a provider alone signs in, nobody can (403)."""
    refuse_foreign_page(request)
    if not parts.keeper.can_issue:
        raise Problem(403, "LOGIN_OFF", "Sign in at your company's identity provider.")
    caller = caller_of(request)
    async with sign_in_attempt(parts, credentials.username, caller.ip or "unknown") as attempt:
        login = await run_in_threadpool(_checked_login, parts, credentials, caller)
        attempt.succeeded = login is not None
    if login is None:
        raise unauthorized("LOGIN_FAILED", "The name or the password is wrong.")
    now = parts.clock.now()
    token, expires_at = parts.keeper.issue(
        login.user.user_id, login.user.username, now, login.generation
    )
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        TOKEN_COOKIE,
        token,
        max_age=int((expires_at - now).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )
    return TokenView(token=token, expires_at=expires_at)


def _checked_login(parts: Parts, credentials: Credentials, caller: Caller) -> Login | None:
    """Return who signs in; kept in the audit either way, without the name that was typed."""
    with parts.connection() as conn:
        login = find_login(conn, credentials.username.replace("\x00", ""))
    # The connection is back before the slow part, which unknown users cost too
    password_hash = login.password_hash if login else None
    is_right = parts.passwords.is_right(credentials.password, password_hash)
    actor = Actor(user_id=login.user.user_id if login else None, caller=caller)
    with parts.connection() as conn:
        put_audit(conn, "signed_in" if is_right else "sign_in_failed", actor, None, {})
    return login if is_right else None


def _is_https(request: Request) -> bool:
    """Tell whether the browser came by https; who forges the header only restricts itself."""
    forwarded = request.headers.get("x-forwarded-proto", "")
    return "https" in {request.url.scheme, forwarded.partition(",")[0].strip()}


@router.post("/logout", status_code=204, responses=problems(403, 503))
async def log_out(parts: AppParts, request: Request) -> Response:
    """End the token that is sent, and take the cookie back; always possible."""
    user = await parts.authenticator.sign_out(request)
    if user is not None:
        actor = Actor(user_id=user.user_id, caller=caller_of(request))
        await run_in_threadpool(_keep_sign_out, parts, actor)
    response = Response(status_code=204)
    response.delete_cookie(
        TOKEN_COOKIE, httponly=True, samesite="strict", secure=_is_https(request)
    )
    return response


def _keep_sign_out(parts: Parts, actor: Actor) -> None:
    with parts.connection() as conn:
        put_audit(conn, "signed_out", actor, None, {})


@router.get("/me", responses=problems(401, 503))
async def me(session: CurrentSession) -> MeView:
    """Say who is signed in, and for how long."""
    user = session.user
    return MeView(
        user_id=user.user_id,
        username=user.username,
        role=user.role,
        expires_at=session.expires_at,
    )

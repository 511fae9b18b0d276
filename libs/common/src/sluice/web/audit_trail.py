"""Keeps looks at jobs, downloads and refusals in the audit, for every route of an app."""

from uuid import UUID

import psycopg
import structlog
from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluice.audit.looks import Answered, Kept, SeenLately, kept_of
from sluice.audit.records import Actor, put_audit
from sluice.auth.access import User
from sluice.clock import Clock
from sluice.db.pool import Connection, connection_of
from sluice.errors import Outage
from sluice.web.caller import caller_of
from sluice.web.problems import problem_code_of

log = structlog.get_logger(__name__)
_USER = "sluice.user"


def remember_user(request: HTTPConnection, user: User) -> None:
    """Note who a request is from, for whoever keeps or limits it."""
    request.scope[_USER] = user


def user_in(scope: Scope) -> User | None:
    """Return who a request is from; None before it is known."""
    user: User | None = scope.get(_USER)
    return user


class AuditTrail:
    """Middleware: a row is written before the first byte of the answer goes out.

    A row that cannot be written is logged whole, and the answer goes out: people see their imports
    also while PostgreSQL is away.
    """

    def __init__(self, app: ASGIApp, pool: ConnectionPool[Connection], clock: Clock) -> None:
        self._app = app
        self._pool = pool
        self._clock = clock
        self._seen = SeenLately()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def keep_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._keep(scope, message["status"])
            await send(message)

        await self._app(scope, receive, keep_and_send)

    async def _keep(self, scope: Scope, status: int) -> None:
        answered = _answered(scope, status)
        kept = kept_of(answered)
        now_s = self._clock.monotonic_s()
        if kept is None or (kept.key is not None and self._seen.has(kept.key, now_s)):
            return
        if kept.key is not None:
            self._seen.add(kept.key, now_s + kept.again_s)
        user = user_in(scope)
        actor = Actor(
            user_id=user.user_id if user else None, caller=caller_of(HTTPConnection(scope))
        )
        await run_in_threadpool(self._put, kept, answered, actor)

    def _put(self, kept: Kept, answered: Answered, actor: Actor) -> None:
        details = {"method": answered.method, "route": answered.route}
        if answered.code:
            details |= {"status": str(answered.status), "code": answered.code}
        try:
            with connection_of(self._pool) as conn:
                job_id = UUID(answered.job) if answered.job else None
                put_audit(conn, kept.action, actor, job_id, details)
        except (Outage, psycopg.Error) as error:
            log.error(  # noqa: TRY400 - an outage, not a bug: no traceback
                "an audit row could not be written",
                reason=str(error).partition("\n")[0],
                action=kept.action,
                user_id=str(actor.user_id),
                job_id=answered.job,
                ip=actor.caller.ip,
                **details,
            )


def _answered(scope: Scope, status: int) -> Answered:
    user = user_in(scope)
    client = scope.get("client")
    return Answered(
        method=scope["method"],
        route=getattr(scope.get("route"), "path", "(no route)"),
        status=status,
        code=problem_code_of(scope),
        user=str(user.user_id) if user else None,
        job=_job_in(scope),
        ip=client[0] if client else None,
    )


def _job_in(scope: Scope) -> str | None:
    """Return the job of the path; None where it is no job id."""
    try:
        return str(UUID(str(scope.get("path_params", {}).get("job_id"))))
    except ValueError:
        return None

"""Step 1: the Idempotency-Key of an upload, held while the upload is in hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from sluice.db.pool import Connection
from sluice.errors import Outage
from sluice.web.problems import Problem
from upload_api.adapters.postgres_idempotency import (
    KeyInFlight,
    release_key,
    renew_key,
    take_key,
)
from upload_api.domain.idempotency import (
    RENEW_EVERY_S,
    EarlierUpload,
    KeyClaim,
    KeyInvalid,
    read_key,
)
from upload_api.entrypoints.make_job import key_in_flight
from upload_api.parts import Parts

log = structlog.get_logger(__name__)
HEADER = "Idempotency-Key"
REPLAYED = {"Idempotent-Replayed": "true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """The claim of an upload with a key, or what an earlier one became; without a key, neither."""

    claim: KeyClaim | None = None
    earlier: EarlierUpload | None = None


@asynccontextmanager
async def claimed_key(
    parts: Parts, request: Request, user_id: UUID, job_id: UUID
) -> AsyncIterator[HeldKey]:
    """Hold the request's key; one whose upload fails is free again at once.

    Raises:
        Problem: 400, the header is no key; 409, another upload has it in hand.
        Outage: PostgreSQL is away.
    """
    key = _key_of(request)
    if key is None:
        yield HeldKey()
        return
    claim = KeyClaim(user_id=user_id, key=key, claim=job_id)
    earlier = await run_in_threadpool(_take, parts, claim)
    if earlier is not None:
        yield HeldKey(earlier=earlier)
        return
    renewal = asyncio.create_task(_renew(parts, claim))
    try:
        yield HeldKey(claim=claim)
    except BaseException:
        await run_in_threadpool(_release, parts, claim)
        raise
    finally:
        renewal.cancel()
        with suppress(asyncio.CancelledError):
            await renewal


def _key_of(request: Request) -> str | None:
    try:
        return read_key(request.headers.getlist(HEADER))
    except KeyInvalid as error:
        raise Problem(400, "IDEMPOTENCY_KEY_INVALID", str(error)) from None


def _take(parts: Parts, claim: KeyClaim) -> EarlierUpload | None:
    try:
        with parts.connection() as conn:
            return take_key(conn, claim)
    except KeyInFlight:
        raise key_in_flight() from None


async def _renew(parts: Parts, claim: KeyClaim) -> None:
    """Renew a claim until cancelled: uploads may take hours, and a dead process does not renew."""
    while True:
        await asyncio.sleep(RENEW_EVERY_S)
        await run_in_threadpool(_try, parts, claim, renew_key)


def _release(parts: Parts, claim: KeyClaim) -> None:
    _try(parts, claim, release_key)


def _try(parts: Parts, claim: KeyClaim, act: Callable[[Connection, KeyClaim], None]) -> None:
    try:
        with parts.connection() as conn:
            act(conn, claim)
    except (Outage, psycopg.Error) as error:
        # The lease ends by itself, and the job's transaction finds out whether it was lost
        log.warning("an idempotency key is left to its lease", reason=type(error).__name__)

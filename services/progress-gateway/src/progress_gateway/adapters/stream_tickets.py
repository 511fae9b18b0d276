"""Single-use tickets for streams: what an EventSource sends, which can set no header, for a token.

A ticket is good for one opening within a minute. The stream that it opened keeps it for its own
reconnects, which the browser makes by the same address: they carry `Last-Event-ID`, come within ten
minutes of the last sign of life, and take the stream over from the connection that broke off.
"""

from __future__ import annotations

import json
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

import redis.asyncio
from redis.exceptions import RedisError

from sluice import redis_keys
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FIRST_USE_S = 60
RECONNECT_S = 600
TIMEOUT_S = 2.0
MAX_CHARACTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """For whom a ticket was made, by which token, and for which job; None: any of theirs."""

    user_id: UUID
    job_id: UUID | None
    expires_at: datetime
    token_digest: bytes
    generation: int | None


class StreamTickets:
    """Keeps tickets in Redis, by their hashes; every method raises `Outage` without it."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )

    async def issue(self, ticket: Ticket) -> str:
        """Return a new ticket's text, which is kept nowhere."""
        text = secrets.token_urlsafe(32)
        async with _outages():
            await self._redis.set(
                redis_keys.ticket_key(_digest(text)), _to_json(ticket), ex=FIRST_USE_S
            )
        return text

    async def redeem(self, text: str, stream_id: str, *, is_reconnect: bool) -> Ticket | None:
        """Return what a ticket is for, and give it to a stream; None when it is not good.

        Of two that come at once with a fresh ticket one gets it.
        """
        digest = _digest(text[:MAX_CHARACTERS])
        async with _outages():
            body = await self._redis.getdel(redis_keys.ticket_key(digest))
            if body is None and is_reconnect:
                body = await self._redis.get(redis_keys.used_ticket_key(digest))
            if body is None:
                return None
            pipe = self._redis.pipeline()
            pipe.set(redis_keys.used_ticket_key(digest), body, ex=RECONNECT_S)
            pipe.set(redis_keys.ticket_holder_key(digest), stream_id, ex=RECONNECT_S)
            await pipe.execute()
        return _from_json(body)

    async def keep(self, text: str, stream_id: str) -> bool:
        """Tell that a stream lives; return whether its ticket is still its own."""
        digest = _digest(text[:MAX_CHARACTERS])
        async with _outages():
            pipe = self._redis.pipeline()
            pipe.getex(redis_keys.ticket_holder_key(digest), ex=RECONNECT_S)
            pipe.expire(redis_keys.used_ticket_key(digest), RECONNECT_S)
            holder, _ = await pipe.execute()
        # A Redis that was emptied knows no holder: that is nobody else
        return holder is None or bytes(holder).decode() == stream_id

    async def close(self) -> None:
        await self._redis.aclose()


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _to_json(ticket: Ticket) -> str:
    return json.dumps(
        {
            "userId": str(ticket.user_id),
            "jobId": str(ticket.job_id) if ticket.job_id else None,
            "expiresAt": ticket.expires_at.isoformat(),
            "tokenDigest": ticket.token_digest.hex(),
            "generation": ticket.generation,
        }
    )


def _from_json(body: bytes | str) -> Ticket:
    told = json.loads(body)
    return Ticket(
        user_id=UUID(told["userId"]),
        job_id=UUID(told["jobId"]) if told["jobId"] else None,
        expires_at=datetime.fromisoformat(told["expiresAt"]),
        token_digest=bytes.fromhex(told["tokenDigest"]),
        generation=told["generation"],
    )


@asynccontextmanager
async def _outages() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Outage("redis", str(error) or type(error).__name__) from error

"""Step 4: how many streams one user may open, and may have open at once."""

from __future__ import annotations

import asyncio
import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sse_starlette import EventSourceResponse

from sluice.limits.policy import SLOT_KEPT_EVERY_S, headers_of
from sluice.web.auth import token_of
from sluice.web.limits import too_many

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.types import Receive, Scope, Send

    from progress_gateway.entrypoints.sse_stream import SseStream
    from sluice.auth.access import User
    from sluice.limits.limiter import Limiter
    from sluice.limits.policy import LimitPolicies, Taken

COMES_BACK_WITHIN_S = 3600.0
"""So long after its last opening a credential may come back without it being one."""
MAX_EVENT_ID = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlot:
    """A slot of a user; free when it is released, or when nobody keeps it."""

    limiter: Limiter
    taken: Taken
    subject: str
    headers: dict[str, str]

    async def keep_until_lost(self) -> None:
        """Return when somebody else has the slot.

        Each stream asks in a rhythm of its own: those of a gateway that was started again are
        opened at once, and 500 questions at once hold up the news by half a second.
        """
        while True:
            wait_s = SLOT_KEPT_EVERY_S * (0.5 + random.random() / 2)  # noqa: S311 - guards nothing
            await asyncio.sleep(wait_s)
            if not await self.limiter.keep(self.taken, self.subject):
                return

    def release(self) -> None:
        self.limiter.release(self.taken, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Decides whether one more stream may begin."""

    limiter: Limiter
    policies: LimitPolicies

    async def open(self, request: Request, user: User, job_id: str | None) -> HeldSlot:
        """Take a slot, and an opening unless a known credential comes back.

        Raises:
            Problem: 429, with the time to wait.
        """
        subject, mark = str(user.user_id), mark_of(request, user, job_id)
        is_back = is_event_id(request.headers.get("last-event-id", ""), job_id)
        is_back = is_back and await self.limiter.remembers(mark)
        slot = await self.limiter.hold(self.policies.streams, subject, mark, is_back=is_back)
        if not slot.allowed:
            raise too_many("TOO_MANY_STREAMS", "Too many of your streams are open", slot)
        told = [slot]
        if not is_back:
            opening = await self.limiter.take(self.policies.stream_openings, subject)
            told.append(opening)
            if not opening.allowed:
                self.limiter.release(slot, subject)
                raise too_many(
                    "TOO_MANY_STREAM_OPENINGS", "You opened too many streams", slot, opening
                )
        await self.limiter.remember(mark, COMES_BACK_WITHIN_S)
        return HeldSlot(
            limiter=self.limiter, taken=slot, subject=subject, headers=headers_of(*told)
        )


def mark_of(request: Request, user: User, job_id: str | None) -> str:
    """Return a word for this credential and this stream; nobody can read the credential in it."""
    found = token_of(request)
    ticket = request.query_params.get("ticket")
    credential = ticket or (found[0] if found else str(user.user_id))
    return hashlib.sha256(f"{credential} {job_id}".encode()).hexdigest()[:24]


def is_event_id(text: str, job_id: str | None) -> bool:
    """Tell whether we could have sent this id on such a stream."""
    digits = text if job_id else text.removeprefix("all-")
    has_prefix = job_id is not None or digits != text
    return has_prefix and digits.isascii() and digits.isdigit() and len(digits) <= MAX_EVENT_ID


class HeldEventSource(EventSourceResponse):
    """A stream that holds a slot, whatever way it ends, also before its first event."""

    def __init__(self, stream: SseStream, slot: HeldSlot, **more: Any) -> None:
        super().__init__(stream.events(), **more)
        self._stream = stream
        self._slot = slot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keeper = asyncio.create_task(self._slot.keep_until_lost())
        keeper.add_done_callback(self._end_unless_cancelled)
        try:
            await super().__call__(scope, receive, send)
        finally:
            keeper.cancel()
            self._slot.release()

    def _end_unless_cancelled(self, keeper: asyncio.Task[None]) -> None:
        if not keeper.cancelled():
            self._stream.end()

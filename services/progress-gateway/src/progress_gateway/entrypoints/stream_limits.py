"""Step 4: how many streams one user may open, and may have open at once."""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sse_starlette import EventSourceResponse

from sluice.limits.policy import headers_of
from sluice.web.auth import token_of
from sluice.web.limits import too_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request
    from starlette.types import Receive, Scope, Send

    from progress_gateway.entrypoints.sse_stream import SseStream
    from sluice.auth.access import User
    from sluice.limits.limiter import Limiter
    from sluice.limits.policy import LimitPolicies, Taken
    from sluice.limits.slot_keeper import SlotKeeper

COMES_BACK_WITHIN_S = 3600.0
"""So long after its last opening a credential may come back without it being one."""
MAX_EVENT_ID = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlot:
    """A slot of a user; free when it is released, or when nobody keeps it."""

    keeper: SlotKeeper
    taken: Taken
    subject: str
    headers: dict[str, str]

    def keep(self, on_lost: Callable[[], None]) -> None:
        """Keep it until it is released; `on_lost`: somebody else has it."""
        self.keeper.add(self.taken, self.subject, on_lost)

    def release(self) -> None:
        self.keeper.release(self.taken, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Decides whether one more stream may begin."""

    limiter: Limiter
    policies: LimitPolicies
    keeper: SlotKeeper

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
                self.keeper.release(slot, subject)
                raise too_many(
                    "TOO_MANY_STREAM_OPENINGS", "You opened too many streams", slot, opening
                )
        await self.limiter.remember(mark, COMES_BACK_WITHIN_S)
        return HeldSlot(keeper=self.keeper, taken=slot, subject=subject, headers=headers_of(*told))


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
        self._slot.keep(self._stream.end)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._slot.release()

    async def _stream_response(self, send: Send) -> None:
        """Send the events with nothing around each of them.

        The base class sets a timeout for each message, which costs more than the message. A viewer
        that takes nothing holds up the keep-alive comment too, and that one has a timeout. Behind
        the last event no comment follows, so the end has its own.
        """
        head = {"status": self.status_code, "headers": self.raw_headers}
        await self._send_with_timeout(send, {"type": "http.response.start", **head})
        async with aclosing(self._stream.events()) as events:
            async for body in events:
                await send({"type": "http.response.body", "body": body, "more_body": True})
        async with self._send_lock:
            self.active = False
            end = {"type": "http.response.body", "body": b"", "more_body": False}
            await self._send_with_timeout(send, end)

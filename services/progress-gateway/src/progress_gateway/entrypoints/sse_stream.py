"""Step 4: one viewer's stream: first the connection, then what is, then what changes."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from progress_gateway.domain.stream_choice import (
    StreamScope,
    Viewed,
    is_news,
    is_over,
    wait_s,
)
from progress_gateway.entrypoints.fan_out import Slot
from progress_gateway.entrypoints.http_metrics import COMMIT_TO_STREAM_S, MESSAGES, STREAMS
from progress_gateway.entrypoints.job_contexts import ANY_AGE_S, FRESH_S
from progress_gateway.entrypoints.job_lists import LOOK_S
from progress_gateway.entrypoints.shared_messages import encoded
from sluice import tracing
from sluice.auth.access import OpenView, Right
from sluice.errors import Outage
from sluice.job_status import TERMINAL_STATUSES
from sluice.tracing import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from datetime import datetime

    from prometheus_client import Counter

    from progress_gateway.adapters.job_views import Asked
    from progress_gateway.domain.origin import Origin
    from progress_gateway.entrypoints.event_texts import EventTexts
    from progress_gateway.entrypoints.job_lists import JobLists
    from progress_gateway.entrypoints.news_hub import NewsHub
    from progress_gateway.entrypoints.stream_guard import StreamGuard
    from sluice.clock import Clock
    from sluice.web.auth import Session

RETRY_MS = 2000
IDLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamParts:
    """What every stream of a gateway process shares."""

    hub: NewsHub
    lists: JobLists
    texts: EventTexts
    clock: Clock
    failed_stream_open_s: float
    guard: StreamGuard


@dataclass(slots=True, kw_only=True, eq=False)
class SseStream:
    """The events of one connection: of one job, or of all jobs of its user."""

    parts: StreamParts
    session: Session
    job_id: str | None
    """None: all jobs of a scope, picked up as they come; such a stream never ends by itself."""
    right: Right
    scope: StreamScope = StreamScope.MINE
    last_event_id: int = -1
    stream_id: str = field(default_factory=lambda: secrets.token_hex(8))
    ticket: str | None = None
    """Where one opened it; its token is the one that the ticket was made by."""
    _viewed: dict[str, Viewed] = field(default_factory=dict)
    _listed: Sequence[str] | None = None
    """The jobs that it is to go on with, where they have changed."""
    _slot: Slot = field(default_factory=Slot)
    _sent: int = 0
    _has_lost_its_slot: bool = False

    def end(self) -> None:
        """End soon: another stream of this user has the slot."""
        self._has_lost_its_slot = True
        self._slot.wake()

    async def events(self) -> AsyncGenerator[bytes]:
        """Yield until the job's last event, until the token expires, or the right has gone."""
        yield self._connection()
        watched = [self.job_id] if self.job_id else []
        held = STREAMS.labels("job" if self.job_id else "user").track_inprogress()
        lists = nullcontext() if self.job_id else self.parts.lists.watch(self)
        with held, lists, self.parts.guard.watch(self), self.parts.hub.watch(self._slot, watched):
            await self._begin()
            ends_s = self._now_s() + self._token_s()
            look_s = self._now_s() + LOOK_S
            while self._may_go_on() and self._now_s() < ends_s:
                async for event in self._due():
                    yield event
                    if not self._may_go_on():
                        return
                if self._is_over():
                    # Those who are still to be told the same go before what ending costs
                    await asyncio.sleep(0)
                    return
                if self._now_s() >= look_s:
                    await self._look()
                    look_s = self._now_s() + LOOK_S
                if self._listed is not None:
                    await self._watch_listed()
                    continue
                until_s = min(ends_s, self._failed_until_s(), self._next_s())
                if self._ongoing():
                    until_s = min(until_s, look_s)
                await self._slot.wait(until_s - self._now_s())

    @property
    def view(self) -> OpenView:
        """Who looks at what, for the guard."""
        return OpenView(
            user_id=self.session.user.user_id,
            job_id=UUID(self.job_id) if self.job_id else None,
            token_digest=self.session.token_digest,
            generation=self.session.generation,
        )

    @property
    def asked(self) -> Asked:
        """Whose jobs it is of, for the lists."""
        return self.session.user.user_id, self.scope

    def list_jobs(self, job_ids: Sequence[str]) -> None:
        """Go on with these jobs, where they are others than before."""
        is_new = bool(self._slot.watched.symmetric_difference(job_ids))
        # Also where they are the same again: what was listed meanwhile holds no more
        self._listed = job_ids if is_new else None
        if is_new:
            self._slot.wake()

    def allow(self, right: Right) -> None:
        """Go on with this right; with none, end before the next message."""
        self.right = right if self.job_id else min(right, self.scope.most)
        if right is Right.NONE:
            self._slot.wake()

    def _may_tell(self, job_id: str) -> bool:
        """Tell whether a job is still for this viewer, by the newest that was heard."""
        is_listed = self._listed is None or job_id in self._listed
        return is_listed and self._may_go_on()

    def _may_go_on(self) -> bool:
        return self.right > Right.NONE and not self.parts.hub.closing

    def _connection(self) -> bytes:
        now: datetime = self.parts.clock.now()
        body = {
            "jobId": self.job_id,
            "type": "connection",
            "userId": str(self.session.user.user_id),
            "right": self.right.name.lower() if self.job_id else None,
            "serverTime": now.isoformat(timespec="milliseconds"),
            "tokenExpiresAt": self.session.expires_at.isoformat(timespec="seconds"),
        }
        return f"retry: {RETRY_MS}\r\n".encode() + encoded("connection", body)

    async def _look(self) -> None:
        for job_id in self._ongoing():
            await self._look_again(job_id)

    def _ongoing(self) -> list[str]:
        """Return the jobs that a correction or an undo was changing when they were told of."""
        return [job_id for job_id, viewed in self._viewed.items() if viewed.ongoing]

    async def _look_again(self, job_id: str) -> None:
        """Tell the end once more where nothing changes it now: its last change may be no news."""
        context = (await self.parts.hub.contexts.of([job_id])).get(job_id)
        if context is None or context.ongoing is not None:
            return
        try:
            snapshot = (await self.parts.hub.current([job_id])).get(job_id)
        except Outage:
            return
        if snapshot is not None:
            version = max(snapshot["version"], self._viewed_of(job_id).version)
            self._slot.offer({**snapshot, "version": version})

    async def _begin(self) -> None:
        """Read what is; an outage costs nothing but time: hub and lists offer it later."""
        try:
            if self.job_id is None:
                self._listed = await self.parts.lists.first(self.asked)
                await self._watch_listed()
            else:
                await self._read([self.job_id])
        except Outage:
            return

    async def _watch_listed(self) -> None:
        """Watch the jobs that are new to this stream, and then read what is of them.

        What lies still for long is watched no more, nor is what is no longer shared.
        """
        listed, self._listed = self._listed or (), None
        gone = self._slot.watched.difference(listed)
        self.parts.hub.drop(self._slot, gone)
        for job_id in gone:
            self._viewed.pop(job_id, None)
        new = [job_id for job_id in listed if job_id not in self._slot.watched]
        self.parts.hub.add(self._slot, new)
        try:
            await self._read(new)
        except Outage:
            return

    async def _read(self, job_ids: Sequence[str]) -> None:
        found = await self.parts.hub.current(job_ids) if job_ids else {}
        for job_id, snapshot in found.items():
            held = self._slot.latest.get(job_id)
            if held is None or held["version"] < snapshot["version"]:
                self._slot.offer(snapshot, at_s=self._now_s())

    async def _due(self) -> AsyncIterator[bytes]:
        """Yield a message for each job with news whose gap is over."""
        for job_id in list(self._slot.latest):
            # What is newest now: while the message before was sent, newer may have come, or it went
            snapshot = self._slot.latest.get(job_id)
            if snapshot is None or not self._may_tell(job_id):
                continue
            viewed = self._viewed_of(job_id)
            if not is_news(viewed, snapshot):
                self._slot.taken(job_id)
                continue
            at_s = self._due_at_s(viewed, snapshot)
            if at_s is None:
                continue
            origin = self._slot.taken(job_id)
            shown = await self._in_context(job_id, snapshot)
            if shown["data"].get("ongoing") and shown["version"] < viewed.version:
                continue  # known to the viewer, from before a connection was cut
            event, known = self.parts.hub.messages.choose(viewed, shown, at_s)
            parent = None if origin is None else origin.traceparent
            span = tracing.start(f"send SSE {event}", parent, Kind.PRODUCER)
            try:
                message = await self._message(event, shown)
                if not self._may_tell(job_id):  # any more: what is read for a message takes time
                    self._slot.latest.setdefault(job_id, snapshot)
                    continue
                self._viewed[job_id] = known
                yield message
            finally:
                span.end()
            self._note_sent(event, origin)  # what was yielded has gone out by now

    def _due_at_s(self, viewed: Viewed, snapshot: dict[str, Any]) -> float | None:
        """Return since when a snapshot is due, None while its gap lasts.

        Whoever was offered it together is told together: it is chosen once for all of them.
        """
        at_s = self._slot.offered_at_s
        if wait_s(viewed, snapshot, at_s) > 0:
            at_s = self._now_s()
        return None if wait_s(viewed, snapshot, at_s) > 0 else at_s

    def _note_sent(self, event: str, origin: Origin | None) -> None:
        _messages_of(event).inc()
        if origin is not None and origin.committed_at_ms is not None:
            now_s = self.parts.clock.now().timestamp()
            COMMIT_TO_STREAM_S.observe(max(0.0, now_s - origin.committed_at_ms / 1000))

    async def _in_context(self, job_id: str, snapshot: dict[str, Any]) -> dict[str, Any]:
        """Return what is to be shown: of an ended job the newest there is, and what goes on."""
        hub = self.parts.hub
        if snapshot["status"] not in TERMINAL_STATUSES:
            context = hub.contexts.held(job_id)
            if context is None:
                context = (await hub.contexts.of([job_id], ANY_AGE_S)).get(job_id)
            return hub.messages.in_context(snapshot, context)
        contexts = await hub.contexts.of([job_id], FRESH_S)
        rows = await hub.caught_up({job_id: snapshot}, contexts)
        return hub.messages.in_context(rows.get(job_id, snapshot), contexts.get(job_id))

    def _viewed_of(self, job_id: str) -> Viewed:
        return self._viewed.get(job_id) or Viewed(version=self.last_event_id)

    async def _message(self, event: str, snapshot: dict[str, Any]) -> bytes:
        self._sent += 1
        identity = str(snapshot["version"]) if self.job_id else f"all-{self._sent}"
        text = self.parts.texts.of(event, snapshot, for_control=self.right >= Right.CONTROL)
        return b"id: %b\r\n%b" % (identity.encode(), await text)

    def _is_over(self) -> bool:
        if self._has_lost_its_slot:
            return True
        if self.job_id is None:
            return False
        viewed = self._viewed_of(self.job_id)
        return is_over(viewed) or self._now_s() >= self._failed_until_s()

    def _failed_until_s(self) -> float:
        """Return when the wait for a retry is over; far away for a job that has not failed."""
        viewed = self._viewed_of(self.job_id) if self.job_id else Viewed()
        if viewed.status != "failed" or viewed.ongoing or viewed.sent_at_s is None:
            return self._now_s() + IDLE_S
        return viewed.sent_at_s + self.parts.failed_stream_open_s

    def _next_s(self) -> float:
        """Return when the first of the held messages may go."""
        now_s = self._now_s()
        waits = [
            wait_s(self._viewed_of(job_id), snapshot, now_s)
            for job_id, snapshot in self._slot.latest.items()
        ]
        return now_s + min(waits, default=IDLE_S)

    def _token_s(self) -> float:
        return (self.session.expires_at - self.parts.clock.now()).total_seconds()

    def _now_s(self) -> float:
        return self.parts.clock.monotonic_s()


@cache
def _messages_of(event: str) -> Counter:
    return MESSAGES.labels(event)

"""Step 4: what many viewers are told at once is put into words once, not for each of them."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.job_context import with_context
from progress_gateway.domain.stream_choice import Viewed, after_telling, choose_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from progress_gateway.domain.job_context import JobContext

Snapshot = dict[str, Any]
Body = dict[str, Any]
JOBS_KEPT = 500


@dataclass(slots=True)
class _Told:
    """What was made of one snapshot: the object itself says whether another asks for the same."""

    snapshot: Snapshot
    context: JobContext | None
    shown: Snapshot
    progress: bytes = b""
    """The message in which there is nothing but the snapshot."""
    texts: dict[tuple[str, bool], asyncio.Future[bytes]] = field(default_factory=dict)
    chosen: dict[tuple[Viewed, float], tuple[str, Viewed]] = field(default_factory=dict)
    """The event, and what a viewer knows then, for all who knew the same and are told at once."""


class SharedMessages:
    """Keeps what was made of each job's newest snapshot."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, _Told] = OrderedDict()

    def in_context(self, snapshot: Snapshot, context: JobContext | None) -> Snapshot:
        """Return the snapshot with its context, as the same object for all who have the same."""
        job_id: str = snapshot["jobId"]
        told = self._told.get(job_id)
        if told is None or told.snapshot is not snapshot or told.context is not context:
            told = _Told(snapshot, context, with_context(snapshot, context))
            self._told[job_id] = told
            self._told.move_to_end(job_id)
            while len(self._told) > JOBS_KEPT:
                self._told.popitem(last=False)
        return told.shown

    def choose(self, viewed: Viewed, shown: Snapshot, at_s: float) -> tuple[str, Viewed]:
        """Return the event that a snapshot becomes for a viewer, and what is known to it then."""
        told, key = self._told.get(shown["jobId"]), (viewed, at_s)
        chosen = None if told is None or told.shown is not shown else told.chosen
        if chosen is None or (found := chosen.get(key)) is None:
            event = choose_event(viewed, shown, at_s)
            found = event, after_telling(viewed, shown, event, at_s)
            if chosen is not None:
                chosen[key] = found
        return found

    def progress(self, shown: Snapshot, make: Callable[[], Body]) -> bytes:
        """Return a `progress` without its id: most messages are, and nothing is read for them."""
        told = self._told.get(shown["jobId"])
        if told is None or told.shown is not shown:
            return encoded("progress", make())
        told.progress = told.progress or encoded("progress", make())
        return told.progress

    async def detailed(
        self, event: str, shown: Snapshot, *, for_control: bool, make: Callable[[], Awaitable[Body]]
    ) -> bytes:
        """Return an event without its id, and with what `make` reads: once for each right."""
        told = self._told.get(shown["jobId"])
        if told is None or told.shown is not shown:
            return encoded(event, await make())
        key = (event, for_control)
        held = told.texts.get(key)
        if held is None or (held.done() and (held.cancelled() or held.exception())):
            held = told.texts[key] = asyncio.ensure_future(_encoded_soon(event, make))
        # A viewer that goes away must not take the message from the others
        return held.result() if held.done() else await asyncio.shield(held)


async def _encoded_soon(event: str, make: Callable[[], Awaitable[Body]]) -> bytes:
    return encoded(event, await make())


def encoded(event: str, body: Body) -> bytes:
    """Return an event and its data as they are sent; JSON has no line ends of its own."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event}\r\ndata: {text}\r\n\r\n".encode()

"""Viewers of a job that never give up, as a browser's EventSource does not."""

from __future__ import annotations

import contextlib
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import httpx
from tests.road_client import ENDS, Message, parse_events

if TYPE_CHECKING:
    from collections.abc import Iterable

RETRY_S = 2.0
"""As the stream itself asks for."""
SILENCE_S = 20.0
"""The gateway says something every 15 s; a viewer that hears nothing for longer reconnects."""


class Follower(threading.Thread):
    """Follows one job to its end; reconnects with `Last-Event-ID`."""

    def __init__(self, base_url: str, token: str, job_id: str, *, delay_s: float = 0.0) -> None:
        super().__init__(name=f"follower-{job_id[:8]}", daemon=True)
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(SILENCE_S, connect=5.0),
        )
        self._delay_s = delay_s
        self._giving_up = threading.Event()
        self.job_id = job_id
        self.messages: list[Message] = []
        self.refusals: list[str] = []
        self.connected_at_s: list[float] = []

    def run(self) -> None:
        time.sleep(self._delay_s)
        while not self._giving_up.is_set() and not self.has_ended:
            with contextlib.suppress(httpx.HTTPError):
                self._follow_once()
            if not self.has_ended:
                self._giving_up.wait(RETRY_S)
        self._http.close()

    @property
    def has_ended(self) -> bool:
        return bool(self.messages) and self.messages[-1].event in ENDS

    def give_up(self) -> None:
        self._giving_up.set()

    def _follow_once(self) -> None:
        last_id = next((m.id for m in reversed(self.messages) if m.id), "")
        headers = {"Last-Event-ID": last_id} if last_id else {}
        path = f"/api/progress/{self.job_id}/stream"
        with self._http.stream("GET", path, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                self.refusals.append(f"{response.status_code} {response.read()[:200]!r}")
                return
            self.connected_at_s.append(time.monotonic())
            for message in parse_events(response.iter_lines()):
                if message.event != "connection":
                    self.messages.append(message)
                if message.event in ENDS or self._giving_up.is_set():
                    return

    def faults(self) -> list[str]:
        """Return what the stream did wrong: backwards, or no end."""
        wrong = [*self._backwards("version"), *self._backwards("percentage")]
        if not self.has_ended:
            last = self.messages[-1].data if self.messages else "nothing"
            wrong.append(f"the stream did not end; the last message: {last!r:.300}")
        refused = [r for r in self.refusals if not r.startswith(("5", "429"))]
        return [*wrong, *(f"the stream was refused: {r}" for r in refused)]

    def _backwards(self, name: str) -> Iterable[str]:
        values = [(float(getattr(m, name)), m) for m in self.messages]
        for (before, earlier), (after, later) in pairwise(values):
            if after < before:
                yield (
                    f"{name} fell from {before:g} ({earlier.event} {earlier.id}) to {after:g}"
                    f" ({later.event} {later.id})"
                )

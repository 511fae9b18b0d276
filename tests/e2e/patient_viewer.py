"""A viewer that comes back after every cut, as a browser does, and notes how long it was blind."""

from __future__ import annotations

import time

import httpx
from tests.road_client import ENDS, STUCK_S, Message, parse_events

RETRY_S = 0.1


class PatientViewer:
    """Follows one job to its end; `cuts_s` has the seconds from each cut to the next message."""

    def __init__(self, url: str, token: str, job_id: str) -> None:
        self.job_id = job_id
        self.states: list[Message] = []
        self.cuts_s: list[float] = []
        self._http = httpx.Client(
            base_url=url,
            timeout=httpx.Timeout(STUCK_S, connect=5.0),
            headers={"Authorization": f"Bearer {token}"},
        )
        self._cut_at_s: float | None = None

    @property
    def last(self) -> Message:
        return self.states[-1]

    @property
    def versions(self) -> list[int]:
        return [state.version for state in self.states]

    def watch(self) -> None:
        """Return at the job's end; raises `AssertionError` when nothing new comes for long."""
        deadline_s = time.monotonic() + STUCK_S
        with self._http:
            while time.monotonic() < deadline_s:
                before = len(self.states)
                try:
                    if self._one_stream():
                        return
                except httpx.TransportError:
                    pass
                if self._cut_at_s is None:
                    self._cut_at_s = time.monotonic()
                if len(self.states) > before:
                    deadline_s = time.monotonic() + STUCK_S
                time.sleep(RETRY_S)
        raise AssertionError(f"job {self.job_id} is stuck: {self.states[-1:]}")

    def _one_stream(self) -> bool:
        """Take what one stream says; tell whether the job is over."""
        last = {"Last-Event-ID": self.last.id} if self.states else {}
        path = f"/api/progress/{self.job_id}/stream"
        with self._http.stream("GET", path, headers=last) as answer:
            if answer.status_code != httpx.codes.OK:
                return False
            for message in parse_events(answer.iter_lines()):
                if self._cut_at_s is not None:
                    self.cuts_s.append(message.at_s - self._cut_at_s)
                    self._cut_at_s = None
                if message.event != "connection":
                    self.states.append(message)
                if message.event in ENDS:
                    return True
        return False

"""A client of the running product, as a browser or a program would be one."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STUCK_S = 120.0
"""A job that shows nothing new for so long is stuck."""
ENDS = {"completed", "failed", "cancelled", "undone"}


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event; `at_s` is when it came, on the monotonic clock."""

    event: str
    id: str
    data: dict[str, Any]
    at_s: float

    @property
    def version(self) -> int:
        return int(self.data["version"])

    @property
    def percentage(self) -> float:
        return float(self.data["data"]["percentage"])


class RoadClient:
    """Signs in, uploads, follows."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=httpx.Timeout(STUCK_S, connect=10.0))
        answer = self.http.post(
            "/api/auth/login", json={"username": user, "password": password}
        ).raise_for_status()
        self.token: str = answer.json()["token"]
        self.http.cookies.clear()
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def close(self) -> None:
        self.http.close()

    def post_file(self, path: Path, target: str | None = None, **fields: str) -> httpx.Response:
        with path.open("rb") as file:
            return self.http.post(
                "/api/upload/excel",
                data=fields | ({"target": target} if target else {}),
                files={"file": (path.name, file)},
            )

    def upload(self, path: Path, target: str | None = None) -> str:
        answer = self.post_file(path, target)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["jobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        body: dict[str, Any] = self.http.get(f"/api/jobs/{job_id}").raise_for_status().json()
        return body

    @contextmanager
    def stream(self, job_id: str, last_event_id: str | None = None) -> Iterator[Iterator[Message]]:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with self.http.stream("GET", f"/api/progress/{job_id}/stream", headers=headers) as response:
            assert response.status_code == 200, response.read()
            yield parse_events(response.iter_lines())

    def follow(self, job_id: str) -> list[Message]:
        """Return every message up to the end of the stream; reconnects as a browser does."""
        messages: list[Message] = []
        deadline_s = time.monotonic() + STUCK_S
        last_id: str | None = None
        while time.monotonic() < deadline_s:
            try:
                with self.stream(job_id, last_id) as events:
                    for message in events:
                        messages.append(message)
                        last_id = message.id or last_id
                        deadline_s = time.monotonic() + STUCK_S
                        if message.event in ENDS:
                            return messages
            except (httpx.TransportError, AssertionError):
                time.sleep(0.2)
        raise AssertionError(f"job {job_id} is stuck: {messages[-1] if messages else 'silence'}")


def parse_events(lines: Iterator[str]) -> Iterator[Message]:
    """Parse a `text/event-stream`; comments and `retry` are passed over."""
    event, identity, data = "message", "", ""
    for line in lines:
        if not line:
            if data:
                yield Message(event, identity, json.loads(data), time.monotonic())
            event, data = "message", ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "id":
            identity = value
        elif name == "data":
            data += value

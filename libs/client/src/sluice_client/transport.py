"""HTTP as Sluice speaks it: a token, JSON, problems, files and streams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from sluice_client.errors import ApiProblem, SluiceClientError, StreamBroken, Unreachable
from sluice_client.sse_lines import events_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sluice_client.sse_lines import ServerSentEvent

BLOCK_BYTES = 1024 * 1024
ANSWER_S = 120.0
STREAM_SILENT_S = 45.0
"""Three keep-alives of 15 s: silence beyond them is a dead connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the server is, and how to sign in: by a token, or by name and password."""

    url: str
    token: str | None = None
    user: str | None = None
    password: str | None = None


class Transport:
    """One server's connections, and the token that they carry."""

    def __init__(self, server: Server) -> None:
        self._server = server
        timeout = httpx.Timeout(ANSWER_S, connect=10.0)
        # The environment's proxies are for the world: a stack is near
        self._http = httpx.Client(base_url=server.url.rstrip("/"), timeout=timeout, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """Take the token, or get one by name and password.

        Raises:
            ApiProblem: they are wrong, or too many tries were made.
            Unreachable: there is no server.
            SluiceClientError: the address is none, or there is nothing to sign in by.
        """
        url, token = self._server.url, self._server.token
        if not url.startswith(("http://", "https://")):
            raise SluiceClientError(f"{url!r} is no address: it begins with http:// or https://")
        if token is None:
            if not (self._server.user and self._server.password):
                raise SluiceClientError("give a token, or a name and a password, to sign in")
            credentials = {"username": self._server.user, "password": self._server.password}
            token = str(self.send("POST", "/api/auth/login", json=credentials).json()["token"])
        self._http.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request; `more` is httpx's.

        Raises:
            ApiProblem: the server refused.
            Unreachable: it did not answer.
        """
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.is_error:
            raise problem_of(answer)
        return answer

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file as it comes; raises as `send`, also where it breaks off."""
        try:
            with self._http.stream("GET", path) as answer:
                if answer.is_error:
                    answer.read()
                    raise problem_of(answer)
                yield from answer.iter_bytes(BLOCK_BYTES)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def download(self, path: str, output: Path) -> int:
        """Fetch a file; under its name it is whole or not there. Return its size."""
        part = output.with_name(output.name + ".part")
        try:
            with part.open("wb") as file:
                size = sum(map(file.write, self.blocks(path)))
            part.replace(output)
        finally:
            part.unlink(missing_ok=True)
        return size

    def events(self, path: str, last_event_id: str) -> Iterator[ServerSentEvent]:
        """Yield the events of a stream until it ends; raises `StreamBroken`."""
        headers = {"Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        timeout = httpx.Timeout(STREAM_SILENT_S, connect=10.0)
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise StreamBroken(f"the stream answers {answer.status_code}")
                yield from events_of(answer.iter_bytes())
        except httpx.HTTPError as error:
            raise StreamBroken(str(error)) from error

    def _unreachable(self, error: httpx.HTTPError) -> Unreachable:
        why = str(error) or type(error).__name__
        was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        return Unreachable(f"{self._server.url} cannot be reached: {why}", was_sent=was_sent)


def problem_of(answer: httpx.Response) -> ApiProblem:
    """Return what an error says; where it is no problem of ours, its status."""
    after = answer.headers.get("Retry-After", "")
    retry_after_s = float(after) if after.isdigit() else 0.0
    try:
        told = answer.json()
        return ApiProblem(
            status=answer.status_code,
            code=str(told["code"]),
            detail=str(told["detail"]),
            title=str(told.get("title", "")),
            instance=str(told.get("instance", "")),
            retry_after_s=retry_after_s,
            members=told,
        )
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        detail = f"the server answered {answer.status_code} {answer.reason_phrase}"
        return ApiProblem(
            status=answer.status_code, code="", detail=detail, retry_after_s=retry_after_s
        )

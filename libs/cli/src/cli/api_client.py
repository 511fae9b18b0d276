"""The server's HTTP interface, as the terminal uses it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from cli.exit_codes import FAILED, UNUSABLE, Failure
from cli.job_progress import JobProgress, progress_of_job, progress_of_message
from cli.sse_lines import events_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

BLOCK_BYTES = 1024 * 1024
ANSWER_S = 120.0
STREAM_SILENT_S = 45.0
"""Three keep-alives of 15 s: silence beyond them is a dead connection."""


KEY_IN_USE = "IDEMPOTENCY_KEY_IN_USE"
"""The code of a refusal that ends by itself: an upload with the same key is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file with its form; without a file the form names one that a preview kept."""

    path: str
    file: Path | None
    fields: dict[str, str]
    key: str = ""
    """The idempotency key; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an upload was answered, and whether that was the answer to an earlier one."""

    body: dict[str, Any]
    is_replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the server is, and how to sign in: by a token, or by name and password."""

    url: str
    token: str | None = None
    user: str | None = None
    password: str | None = None


class Unanswered(Failure):
    """Nobody knows whether it was done: the same again may find that it was.

    `was_sent` is False where no connection came about; `retry_after_s` is what the server asks.
    """

    def __init__(self, message: str, *, was_sent: bool = True, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.retry_after_s = retry_after_s


class StreamBroken(Exception):
    """The stream ended, or never began, before the job did."""


class ApiClient:
    """A signed-in client; `with` closes it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        timeout = httpx.Timeout(ANSWER_S, connect=10.0)
        # The environment's proxies are for the world: a stack is near
        self._http = httpx.Client(base_url=server.url.rstrip("/"), timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """Take the token, or get one; raises `Failure`."""
        token = self._server.token
        if token is None:
            credentials = {"username": self._server.user, "password": self._server.password}
            answer = self._send("POST", "/api/auth/login", json=credentials)
            token = str(answer.json()["token"])
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        """Return what is there; raises `Failure`, with exit code 3 when the server refuses."""
        return self._send("GET", path, refused=FAILED, params=params).json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask for something to be done; return the answer, raises `Failure` as `get`."""
        return self._send("POST", path, refused=FAILED, json=body).json()

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """Put something there; return the answer, raises `Failure` as `get`."""
        return self._send("PUT", path, refused=FAILED, json=body).json()

    def delete(self, path: str) -> None:
        """Delete what is there; raises `Failure` as `get`."""
        self._send("DELETE", path, refused=FAILED)

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file as it comes; raises `Failure` as `get`, also where it breaks off."""
        try:
            with self._http.stream("GET", path) as answer:
                if answer.is_error:
                    answer.read()
                    raise _failure_of(answer, FAILED)
                yield from answer.iter_bytes(BLOCK_BYTES)
        except httpx.HTTPError as error:
            raise self._unanswered(error) from error

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

    def upload(self, upload: Upload, on_bytes: Callable[[int], None]) -> Answer:
        """Send a file with its form, reading it as it goes; return the answer.

        Raises:
            Failure: the server refused it (exit code 3), or cannot be reached.
            Unanswered: it may have come through.
        """
        headers = {"Idempotency-Key": f'"{upload.key}"'} if upload.key else {}
        form: dict[str, Any] = {name: (None, text) for name, text in upload.fields.items()}
        with contextlib.ExitStack() as opened:
            if upload.file is not None:
                file = opened.enter_context(upload.file.open("rb"))
                form["file"] = (upload.file.name, _WatchedFile(file, on_bytes))
            answer = self._send("POST", upload.path, refused=FAILED, files=form, headers=headers)
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        return Answer(body=answer.json(), is_replayed=replayed)

    def poll(self, job_id: str) -> JobProgress:
        """Return the job's state from its row; raises `Failure`."""
        return progress_of_job(self._send("GET", f"/api/jobs/{job_id}").json())

    def stream(self, job_id: str, last_event_id: str) -> Iterator[tuple[str, JobProgress]]:
        """Yield states, each with its event id, until the job has ended.

        Raises:
            StreamBroken: it broke off, or the server offers none now.
        """
        headers = {"Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        timeout = httpx.Timeout(STREAM_SILENT_S, connect=10.0)
        path = f"/api/progress/{job_id}/stream"
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise StreamBroken(f"the stream answers {answer.status_code}")
                for event in events_of(answer.iter_bytes()):
                    if event.name == "connection":
                        continue
                    state = progress_of_message(json.loads(event.data))
                    yield event.event_id, state
                    if state.is_terminal:
                        return
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise StreamBroken(str(error)) from error
        raise StreamBroken("the stream ended before the job did")

    def _send(self, method: str, path: str, refused: int = UNUSABLE, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise self._unanswered(error) from error
        if answer.is_error:
            raise _failure_of(answer, refused)
        return answer

    def _unanswered(self, error: httpx.HTTPError) -> Failure:
        why = str(error) or type(error).__name__
        was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        return Unanswered(f"{self._server.url} cannot be reached: {why}", was_sent=was_sent)


class _WatchedFile:
    """A file that tells how much of it was read; httpx sends it as it reads it."""

    def __init__(self, file: Any, on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._on_bytes = on_bytes

    def read(self, size: int = -1) -> bytes:
        block: bytes = self._file.read(max(size, BLOCK_BYTES) if size >= 0 else -1)
        self._on_bytes(len(block))
        return block

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(BLOCK_BYTES), b"")

    def fileno(self) -> int:
        return int(self._file.fileno())

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())


def _failure_of(answer: httpx.Response, refused: int) -> Failure:
    told = _told_by(answer)
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE or told.endswith(f"[{KEY_IN_USE}]"):
        after = answer.headers.get("Retry-After", "")
        failure: Failure = Unanswered(told, retry_after_s=float(after) if after.isdigit() else 0.0)
        failure.exit_code = refused
        return failure
    return Failure(told, UNUSABLE if answer.status_code == httpx.codes.UNAUTHORIZED else refused)


def _told_by(answer: httpx.Response) -> str:
    """Return what an error says: the problem's detail and code, else the status."""
    try:
        problem = answer.json()
        return f"{problem['detail']} [{problem['code']}]"
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code} {answer.reason_phrase}"

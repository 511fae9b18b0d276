"""Files on their way up: streamed, watched, and sent again when the answer is lost."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sluice_client.errors import ApiProblem, Unreachable
from sluice_client.transport import BLOCK_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sluice_client.transport import Transport

TRIES = 12
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0
"""Twelve tries take about 90 s: a server that died in the middle frees the key after 60."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file with its form; without a file the form names one that a preview kept."""

    path: str
    file: Path | None
    fields: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    """The idempotency key; empty: none, and then it is not sent again safely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an upload was answered, and whether that was the answer to an earlier one."""

    body: dict[str, Any]
    is_replayed: bool


def send_upload(transport: Transport, upload: Upload, on_bytes: Callable[[int], None]) -> Answer:
    """Send a file with its form, reading it as it goes; raises as `Transport.send`."""
    headers = {"Idempotency-Key": f'"{upload.key}"'} if upload.key else {}
    form: dict[str, Any] = {name: (None, text) for name, text in upload.fields.items()}
    with contextlib.ExitStack() as opened:
        if upload.file is not None:
            file = opened.enter_context(upload.file.open("rb"))
            form["file"] = (upload.file.name, _WatchedFile(file, on_bytes))
        answer = transport.send("POST", upload.path, files=form, headers=headers)
    replayed = answer.headers.get("Idempotent-Replayed") == "true"
    return Answer(body=answer.json(), is_replayed=replayed)


def sent_safely(
    send: Callable[[], Answer], sleep: Callable[[float], None], tell: Callable[[str], None]
) -> Answer:
    """Send, and send again while nobody knows whether it came through.

    Raises:
        ApiProblem: it was refused.
        Unreachable: there is no server, or none of the tries was answered.
    """
    pause_s, was_sent = FIRST_PAUSE_S, False
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            return send()
        except (ApiProblem, Unreachable) as lost:
            was_sent = was_sent or _may_be_done(lost)
            wait_s = getattr(lost, "retry_after_s", 0.0) or pause_s
            if not tries_left or not was_sent or _is_final(lost):
                raise
            tell(f"{lost} Sending it again in {wait_s:.0f} s.")
        sleep(wait_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
    raise AssertionError("the last try returns or raises")


def _may_be_done(lost: ApiProblem | Unreachable) -> bool:
    return lost.was_sent if isinstance(lost, Unreachable) else lost.is_temporary


def _is_final(lost: ApiProblem | Unreachable) -> bool:
    return isinstance(lost, ApiProblem) and not lost.is_temporary


def key_of_content(file: Path | None, fields: Mapping[str, str]) -> str:
    """Return a key of content and fields: whoever sends the same again gets the first one's job."""
    digest = hashlib.sha256(json.dumps(sorted(fields.items())).encode())
    if file is not None:
        with file.open("rb") as content:
            while block := content.read(BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()


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

"""An upload whose answer was lost is sent again, under one idempotency key: it makes one job."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from uuid import uuid4

from cli.api_client import Unanswered
from cli.exit_codes import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cli.api_client import Answer

TRIES = 12
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0
"""Twelve tries take about 90 s: a server that died in the middle frees the key after 60."""
AUTO = "auto"
MAX_KEY = 200
BLOCK_BYTES = 1024 * 1024


def key_for(wanted: str | None, file: Path | None, fields: Mapping[str, str]) -> str:
    """Return the key of a command: the one that was given, else one of this run's own.

    `auto` is made from content and fields: whoever runs the same command again within a day gets
    the first one's job. That is no default, for the same file may well be meant twice.

    Raises:
        Failure: what was given is no key.
    """
    if wanted is None:
        return uuid4().hex
    if wanted == AUTO:
        return _of_content(file, fields)
    if not (wanted.isascii() and wanted.isprintable() and 0 < len(wanted) <= MAX_KEY):
        raise Failure(f"--idempotency-key takes 1 to {MAX_KEY} ASCII characters, or {AUTO}")
    return wanted


def _of_content(file: Path | None, fields: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(sorted(fields.items())).encode())
    if file is not None:
        with file.open("rb") as content:
            while block := content.read(BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()


def sent_safely(
    send: Callable[[], Answer], sleep: Callable[[float], None], tell: Callable[[str], None]
) -> Answer:
    """Send, and send again while nobody knows whether it came through.

    Raises:
        Failure: it was refused, there is no server, or none of the tries was answered.
    """
    pause_s, was_sent = FIRST_PAUSE_S, False
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            return send()
        except Unanswered as lost:
            was_sent = was_sent or lost.was_sent
            if not tries_left or not was_sent:
                raise
            wait_s = lost.retry_after_s or pause_s
            tell(f"{lost.message} Sending it again in {wait_s:.0f} s.")
        sleep(wait_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
    raise AssertionError("the last try returns or raises")

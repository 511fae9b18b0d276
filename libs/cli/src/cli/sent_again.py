"""The idempotency key of a command: an upload that is sent again under one key makes one job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from cli.exit_codes import Failure
from sluice_client import key_of_content

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AUTO = "auto"
MAX_KEY = 200


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
        return key_of_content(file, fields)
    if not (wanted.isascii() and wanted.isprintable() and 0 < len(wanted) <= MAX_KEY):
        raise Failure(f"--idempotency-key takes 1 to {MAX_KEY} ASCII characters, or {AUTO}")
    return wanted

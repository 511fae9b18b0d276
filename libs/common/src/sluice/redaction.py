"""Tokens are taken out of every line of a log, whoever wrote it: also a library's, or a traceback.

What Sluice logs itself holds none; this is for addresses with `?token=` in other people's words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

HIDDEN = "[redacted]"
_IN_ADDRESS = re.compile(r"(?i)\b((?:access_)?token|ticket)=[^&\s\"'<>\\)]+")
_IN_HEADER = re.compile(r"(?i)\b(bearer\s+|sluice_token[=:]\s*)[\w.~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_IN_URL = re.compile(r"(?<=://)([^\s:/@]*):[^\s@/]+@")


def redacted(text: str) -> str:
    """Return a text without the tokens and passwords that are in it."""
    text = _IN_ADDRESS.sub(rf"\1={HIDDEN}", text)
    text = _IN_HEADER.sub(rf"\1{HIDDEN}", text)
    text = _IN_URL.sub(rf"\1:{HIDDEN}@", text)
    return _JWT.sub(HIDDEN, text)


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact every text of a log event; a structlog processor."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redacted(value)
    return event

"""Where a page of a list ended: opaque to whoever turns the page."""

from __future__ import annotations

import base64
import binascii
import json


class CursorInvalid(Exception):
    """The cursor is not one that this list gave."""


def encode_cursor(*position: str | int) -> str:
    """Return the position as one word that fits an address."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[str | int]:
    """Return the position, of `length` members; raises `CursorInvalid`."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        position: object = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid("the cursor is not one of ours") from error
    if not isinstance(position, list) or len(position) != length:
        raise CursorInvalid("the cursor is not one of this list's")
    members = [member for member in position if isinstance(member, str | int)]
    if len(members) != length:
        raise CursorInvalid("the cursor is not one of this list's")
    return members

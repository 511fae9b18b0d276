"""Step 1: an upload's Idempotency-Key, and what makes two uploads the same."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

KEPT = timedelta(hours=24)
"""For so long after its job was made a key answers with that job."""
LEASE = timedelta(seconds=60)
"""An upload in hand renews its claim several times within it; what a crash leaves is then free."""
RENEW_EVERY_S = 15.0
MAX_CHARACTERS = 200

_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-+\--~]+")


class KeyInvalid(Exception):
    """The header is no key; the message says what one looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyClaim:
    """A key in the hand of one upload: `claim` is the job that it would become."""

    user_id: UUID
    key: str
    claim: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierUpload:
    """What an upload with this key became."""

    job_id: UUID
    fingerprint: bytes
    duplicate_of: UUID | None


def read_key(headers: Sequence[str]) -> str | None:
    """Return the key in the headers of that name: quoted as the draft has it, or bare.

    Raises:
        KeyInvalid: it is none, or there are several.
    """
    if not headers:
        return None
    text = headers[0].strip()
    quoted = _QUOTED.fullmatch(text)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
    is_key = quoted is not None or _BARE.fullmatch(key) is not None
    if len(headers) > 1 or not is_key or not 1 <= len(key) <= MAX_CHARACTERS:
        raise KeyInvalid(
            f"Send one Idempotency-Key of 1 to {MAX_CHARACTERS} ASCII characters, in quotes or "
            "without; no spaces, commas or quotes in one without."
        )
    return key


def fingerprint(sha256: bytes, fields: Mapping[str, str]) -> bytes:
    """Return what is the same for two uploads of the same content with the same fields.

    The way that the content came, anew or by the id of its preview, does not count.
    """
    told = sorted((name, text) for name, text in fields.items() if text and name != "previewId")
    return hashlib.sha256(json.dumps([sha256.hex(), told]).encode()).digest()

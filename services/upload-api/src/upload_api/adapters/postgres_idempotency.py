"""Idempotency keys: of any number of uploads with one key, one at a time may become a job.

The claim is renewed while the upload is in hand, and the job's own transaction binds the key to the
job only if the claim still holds: so a process that slept through its lease makes no second job.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sluice.db.statements import statement
from upload_api.domain.idempotency import KEPT, LEASE, EarlierUpload

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from upload_api.domain.idempotency import KeyClaim

PACKAGE = "upload_api"


class KeyInFlight(Exception):
    """Another upload has the key in hand."""


def take_key(conn: Connection, claim: KeyClaim) -> EarlierUpload | None:
    """Take a key; return what it became when it was used before.

    Raises:
        KeyInFlight: another upload has it in hand.
    """
    values = asdict(claim) | {"lease": LEASE, "kept": KEPT}
    if conn.execute(statement(PACKAGE, "take_key"), values).fetchone() is not None:
        return None
    row = conn.execute(statement(PACKAGE, "find_key"), values).fetchone()
    if row is None or row[0] is None:
        raise KeyInFlight(claim.key)
    return EarlierUpload(job_id=row[0], fingerprint=row[1], duplicate_of=row[2])


def renew_key(conn: Connection, claim: KeyClaim) -> None:
    """Say that the upload is still in hand."""
    conn.execute(statement(PACKAGE, "renew_key"), asdict(claim))


def release_key(conn: Connection, claim: KeyClaim) -> None:
    """Give up a key whose upload became no job; harmless behind `bind_key`."""
    conn.execute(statement(PACKAGE, "release_key"), asdict(claim))


def bind_key(
    conn: Connection, claim: KeyClaim, fingerprint: bytes, duplicate_of: UUID | None
) -> None:
    """Bind a key to its job, in the transaction that makes the job.

    Raises:
        KeyInFlight: the claim was lost to another upload.
    """
    values: dict[str, Any] = asdict(claim) | {
        "fingerprint": fingerprint,
        "duplicate_of": duplicate_of,
    }
    if conn.execute(statement(PACKAGE, "bind_key"), values).rowcount != 1:
        raise KeyInFlight(claim.key)


def forget_keys(conn: Connection) -> None:
    """Delete the keys whose time is over."""
    conn.execute(statement(PACKAGE, "forget_keys"), {"kept": KEPT})

"""The chain of seals: what a hash covers, and what a check finds. No database here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST_HASH = bytes(32)
"""What the first seal names as its predecessor."""
HASH_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row as it is hashed: every column, as the texts the database gives."""

    audit_id: int
    xid: int
    at_us: int
    members: tuple[str | None, ...]

    def hash(self) -> bytes:
        """Return the hash of all that the row says; JSON keeps the members apart."""
        said = [self.audit_id, self.xid, self.at_us, *self.members]
        return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One link: the rows with `from_xid <= xid < to_xid`."""

    seal_no: int
    from_xid: int
    to_xid: int
    audit_ids: tuple[int, ...]
    row_hashes: bytes
    previous_hash: bytes
    seal_hash: bytes
    sealed_at_us: int

    def expected_hash(self) -> bytes:
        """Return what `seal_hash` must be."""
        numbers = [self.seal_no, self.from_xid, self.to_xid, self.sealed_at_us, *self.audit_ids]
        head = json.dumps(numbers, separators=(",", ":")).encode()
        return hashlib.sha256(self.previous_hash + head + self.row_hashes).digest()

    def hash_of(self, index: int) -> bytes:
        return self.row_hashes[index * HASH_BYTES : (index + 1) * HASH_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that was done to the audit; `code` is for programs, `text` for people."""

    code: str
    text: str


def next_seal(previous: Seal | None, rows: Sequence[AuditRow], to_xid: int, now_us: int) -> Seal:
    """Return the seal of the rows that follow the previous one."""
    ordered = sorted(rows, key=lambda row: (row.xid, row.audit_id))
    seal = Seal(
        seal_no=previous.seal_no + 1 if previous else 1,
        from_xid=previous.to_xid if previous else 0,
        to_xid=to_xid,
        audit_ids=tuple(row.audit_id for row in ordered),
        row_hashes=b"".join(row.hash() for row in ordered),
        previous_hash=previous.seal_hash if previous else FIRST_HASH,
        seal_hash=b"",
        sealed_at_us=now_us,
    )
    return _with_hash(seal)


def _with_hash(seal: Seal) -> Seal:
    return Seal(
        seal_no=seal.seal_no,
        from_xid=seal.from_xid,
        to_xid=seal.to_xid,
        audit_ids=seal.audit_ids,
        row_hashes=seal.row_hashes,
        previous_hash=seal.previous_hash,
        seal_hash=seal.expected_hash(),
        sealed_at_us=seal.sealed_at_us,
    )


def check_link(previous: Seal | None, seal: Seal) -> Iterator[Fault]:
    """Yield what is wrong with a seal itself, and with how it follows the one before."""
    expected_no = previous.seal_no + 1 if previous else 1
    if seal.seal_no != expected_no:
        yield Fault(
            code="SEAL_REMOVED",
            text=f"seals {expected_no} to {seal.seal_no - 1} are not there",
        )
    elif seal.previous_hash != (previous.seal_hash if previous else FIRST_HASH) or (
        seal.from_xid != (previous.to_xid if previous else 0)
    ):
        yield Fault(
            code="CHAIN_BROKEN", text=f"seal {seal.seal_no} does not follow seal {expected_no - 1}"
        )
    if seal.seal_hash != seal.expected_hash():
        yield Fault(code="SEAL_CHANGED", text=f"seal {seal.seal_no} is not what it was")


def check_rows(seal: Seal, rows: Sequence[AuditRow]) -> Iterator[Fault]:
    """Yield each row that is not what the seal says, row by row."""
    there = {row.audit_id: row for row in rows}
    for index, audit_id in enumerate(seal.audit_ids):
        row = there.pop(audit_id, None)
        if row is None:
            yield _row_fault("ROW_REMOVED", audit_id, seal, "is not there any more")
        elif row.hash() != seal.hash_of(index):
            yield _row_fault("ROW_CHANGED", audit_id, seal, "is not what it was")
    for audit_id in sorted(there):
        yield _row_fault("ROW_INSERTED", audit_id, seal, "was put in later")


def _row_fault(code: str, audit_id: int, seal: Seal, what: str) -> Fault:
    return Fault(code=code, text=f"row {audit_id} of seal {seal.seal_no} {what}")

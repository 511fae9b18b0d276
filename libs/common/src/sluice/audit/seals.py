"""Reads audit rows and seals, and adds the next seal: the chain as PostgreSQL keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sluice.audit.chain import AuditRow, Fault, Seal, check_link, check_rows, next_seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluice.db.pool import Connection

MAX_ROWS = 5_000
"""A seal's rows, but for those of one transaction, which stay together."""

_TURN = "SELECT pg_try_advisory_xact_lock(hashtextextended('sluice.audit-seals', 0))"
_HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, {now}"
_MICROSECONDS = "(extract(epoch FROM {at}) * 1000000)::bigint"
_ROW = f"""
SELECT audit_id, xid::text::bigint, {_MICROSECONDS.format(at="at")}, action, user_id::text,
       job_id::text, host(ip), user_agent, request_id::text, details::text
  FROM sluice.audit_log
"""
_WAITING = _ROW + (
    " WHERE xid >= %(from)s::text::xid8 AND xid < %(to)s::text::xid8"
    " ORDER BY xid FETCH FIRST %(most)s ROWS WITH TIES"
)
_ROWS = _ROW + (
    " WHERE xid >= %(from)s::text::xid8 AND xid < %(to)s::text::xid8 ORDER BY xid, audit_id"
)
_SEAL = f"""
SELECT seal_no, from_xid::text::bigint, to_xid::text::bigint, audit_ids, row_hashes,
       previous_hash, seal_hash, {_MICROSECONDS.format(at="sealed_at")}
  FROM sluice.audit_seals
"""
_LAST_SEAL = _SEAL + " ORDER BY seal_no DESC LIMIT 1"
_SEALS = _SEAL + " ORDER BY seal_no"
_ADD_SEAL = """
INSERT INTO sluice.audit_seals (seal_no, from_xid, to_xid, audit_ids, row_hashes, previous_hash,
                                seal_hash, sealed_at)
VALUES (%s, %s::text::xid8, %s::text::xid8, %s, %s, %s, %s,
        timestamptz 'epoch' + %s * interval '1 microsecond')
"""
_FORGOTTEN = "SELECT coalesce(max(through_seal), 0) FROM sluice.audit_forgotten"
_UNSEALED = "SELECT count(*), min(at) FROM sluice.audit_log WHERE xid >= %s::text::xid8"


class ClusterIsYounger(Exception):
    """Transaction numbers went back: the rows were restored into a younger cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check of the whole chain found."""

    seals: int
    rows: int
    unsealed: int
    forgotten_through: int
    head: str
    """Number and hash of the last seal: kept elsewhere, it proves that nothing was cut off."""
    faults: tuple[Fault, ...]


def seal_waiting(conn: Connection, max_rows: int = MAX_ROWS) -> Seal | None:
    """Add one seal over the rows that wait, in one transaction; None: none do, or not our turn.

    Raises:
        ClusterIsYounger: nothing can be sealed behind this chain.
    """
    with conn.transaction():
        if not _one(conn, _TURN)[0]:
            return None
        found = conn.execute(_LAST_SEAL).fetchone()
        previous = _seal(found) if found else None
        # Before the rows are read: whatever is below has ended, so a later look sees all of it
        horizon, now_us = _one(conn, _HORIZON.format(now=_MICROSECONDS.format(at="now()")))
        from_xid = previous.to_xid if previous else 0
        if horizon < from_xid:
            raise ClusterIsYounger(
                f"the last seal ends at transaction {from_xid}, this cluster is at {horizon}"
            )
        values = {"from": from_xid, "to": horizon, "most": max_rows}
        rows = [_row(row) for row in conn.execute(_WAITING, values)]
        if not rows:
            return None
        is_full = len(rows) >= max_rows
        to_xid = max(row.xid for row in rows) + 1 if is_full else horizon
        seal = next_seal(previous, rows, to_xid, now_us)
        _add(conn, seal)
    return seal


def verify(conn: Connection, known_head: str | None = None) -> Verdict:
    """Check every seal and every row under it, in one snapshot.

    `known_head` is a head that was written down earlier: its seal must still be there, for what
    is cut off at the end leaves a chain that is whole.
    """
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        forgotten = _one(conn, _FORGOTTEN)[0]
        faults: list[Fault] = []
        previous, rows, is_known = None, 0, known_head is None
        for seal in _all_seals(conn):
            faults += check_link(previous, seal)
            there = _rows_of(conn, seal)
            rows += len(there)
            kept = seal if seal.seal_no > forgotten else _emptied(seal)
            faults += check_rows(kept, there)
            previous = seal
            is_known = is_known or _head(seal) == known_head
        if not is_known:
            text = f"the chain does not hold seal {known_head}"
            faults.append(Fault(code="HEAD_UNKNOWN", text=text))
        unsealed, _ = _one(conn, _UNSEALED, [previous.to_xid if previous else 0])
    return Verdict(
        seals=previous.seal_no if previous else 0,
        rows=rows,
        unsealed=unsealed,
        forgotten_through=forgotten,
        head=_head(previous) if previous else "0:",
        faults=tuple(faults),
    )


def _head(seal: Seal) -> str:
    return f"{seal.seal_no}:{seal.seal_hash.hex()}"


def _all_seals(conn: Connection) -> Iterator[Seal]:
    with conn.cursor(name="seals") as cursor:
        for row in cursor.execute(_SEALS):
            yield _seal(row)


def _rows_of(conn: Connection, seal: Seal) -> list[AuditRow]:
    values = {"from": seal.from_xid, "to": seal.to_xid}
    return [_row(row) for row in conn.execute(_ROWS, values)]


def _emptied(seal: Seal) -> Seal:
    """Return a seal as retention left it: without rows."""
    return Seal(
        seal_no=seal.seal_no,
        from_xid=seal.from_xid,
        to_xid=seal.to_xid,
        audit_ids=(),
        row_hashes=b"",
        previous_hash=seal.previous_hash,
        seal_hash=seal.seal_hash,
        sealed_at_us=seal.sealed_at_us,
    )


def _add(conn: Connection, seal: Seal) -> None:
    conn.execute(
        _ADD_SEAL,
        [
            seal.seal_no,
            seal.from_xid,
            seal.to_xid,
            list(seal.audit_ids),
            seal.row_hashes,
            seal.previous_hash,
            seal.seal_hash,
            seal.sealed_at_us,
        ],
    )


def _row(row: tuple[Any, ...]) -> AuditRow:
    return AuditRow(audit_id=row[0], xid=row[1], at_us=row[2], members=tuple(row[3:]))


def _seal(row: tuple[Any, ...]) -> Seal:
    return Seal(
        seal_no=row[0],
        from_xid=row[1],
        to_xid=row[2],
        audit_ids=tuple(row[3]),
        row_hashes=bytes(row[4]),
        previous_hash=bytes(row[5]),
        seal_hash=bytes(row[6]),
        sealed_at_us=row[7],
    )


def _one(conn: Connection, sql: str, values: list[Any] | None = None) -> tuple[Any, ...]:
    row = conn.execute(sql, values).fetchone()
    if row is None:
        raise AssertionError("a statement without FROM always has a row")
    return row

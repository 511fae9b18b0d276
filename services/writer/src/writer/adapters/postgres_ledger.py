"""The ledger: claims chunks in the transaction that writes their rows, and says who did before."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from writer.adapters.sql_files import statement
from writer.domain.ledger import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.domain.prepared import PreparedBatch


def claim(conn: Connection, run: int, batch: PreparedBatch) -> set[int]:
    """Claim the batch's chunks; return the numbers of those that are ours to write.

    The counts are those of a plain insert: good rows inserted, the others failed. Waits for a
    racing writer up to `lock_timeout`.
    """
    metas, failed = batch.metas, batch.failed_by_chunk()
    values = {
        "job_id": batch.plan.job_id,
        "run": run,
        "chunk_no": [meta.chunk_no for meta in metas],
        "rows": [meta.rows for meta in metas],
        "failed": [failed[meta.chunk_no] for meta in metas],
        "first_line": [meta.first_line for meta in metas],
        "last_line": [meta.last_line for meta in metas],
        "covered_bytes": [meta.covered_bytes for meta in metas],
        "sha256": [meta.sha256 for meta in metas],
    }
    return {row[0] for row in conn.execute(statement("claim_chunks"), values)}


def read_entries(conn: Connection, job_id: UUID, chunk_nos: Collection[int]) -> list[LedgerEntry]:
    """Return the ledger's entries of these chunks, by rising number."""
    if not chunk_nos:
        return []
    names = LedgerEntry.__slots__
    found = conn.execute(
        statement("read_chunks"), {"job_id": job_id, "chunk_nos": sorted(chunk_nos)}
    )
    return [LedgerEntry(**dict(zip(names, row, strict=True))) for row in found]


def read_row_counts(conn: Connection, job_id: UUID) -> tuple[int, int]:
    """Return how many rows of a job were handled so far, and how many of them were rejected."""
    row = conn.execute(statement("count_failed_rows"), {"job_id": job_id}).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def store_counts(conn: Connection, job_id: UUID, entries: Sequence[LedgerEntry]) -> None:
    """Set the counts of chunks that this transaction claimed."""
    rows = [asdict(entry) for entry in entries]
    columns = ("chunk_no", "inserted", "updated", "skipped", "failed")
    values = {name: [row[name] for row in rows] for name in columns}
    conn.execute(statement("count_chunks"), {"job_id": job_id} | values)


def store_seconds(conn: Connection, job_id: UUID, chunk_nos: Collection[int]) -> None:
    """Note how long chunks that this transaction claimed took; last, before the commit."""
    if chunk_nos:
        values = {"job_id": job_id, "chunk_nos": sorted(chunk_nos)}
        conn.execute(statement("time_chunks"), values)

"""Undos as their rows tell them: claimed by lease, collected once, counted batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from import_targets import TargetDefinition
from sluice.errors import Critical
from writer.adapters.postgres_rows import as_sql, columns_of
from writer.adapters.postgres_scan import scanning
from writer.adapters.sql_files import statement
from writer.domain.undo import CHANGED, EACH_OTHER, BatchCounts, Undo, UndoTarget
from writer.domain.write_plan import Mode

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.adapters.postgres_scan import Watch

LEASE_S = 5.0
"""Renewed with each batch; within it, or a scan, the row itself is held, however long."""
GONE_AFTER_S = 600.0
"""A table that is missing may be one that somebody renames for a while."""


class NotOurs(Exception):
    """Another worker has the undo now, or it was erased."""


def claim(conn: Connection, worker: str) -> UUID | None:
    """Take an undo that wants work; None when there is none."""
    values = {"worker": worker, "lease_s": LEASE_S}
    row = conn.execute(statement("undo_claim"), values).fetchone()
    return None if row is None else row[0]


def hold(conn: Connection, job_id: UUID, worker: str) -> Undo:
    """Renew the lease, and hold the row until the caller's transaction ends.

    Raises:
        NotOurs: the worker has lost it.
    """
    values = {"job_id": job_id, "worker": worker, "lease_s": LEASE_S}
    return _undo_of(conn.execute(statement("undo_hold"), values).fetchone())


def rest(conn: Connection, job_id: UUID, worker: str, trouble: str | None, rest_s: float) -> None:
    """Give an undo back for so long, with what it waits for."""
    values = {"job_id": job_id, "worker": worker, "trouble": trouble, "rest_s": rest_s}
    conn.execute(statement("undo_rest"), values)


def read_target(conn: Connection, job_id: UUID) -> UndoTarget:
    """Return the table of a job.

    Raises:
        Critical: this release cannot read the job's definition.
        NotOurs: the job was erased.
    """
    row = conn.execute(statement("undo_read_job"), {"job_id": job_id}).fetchone()
    if row is None:
        raise NotOurs(str(job_id))
    try:
        definition = TargetDefinition.from_json(row[1])
    except (KeyError, TypeError, ValueError) as error:
        raise Critical("TARGET_UNREADABLE", "the job's target cannot be read") from error
    schema, _, table = definition.table.rpartition(".")
    return UndoTarget(
        job_id=job_id,
        run=row[2],
        schema=schema or None,
        table=table,
        key=definition.key,
        restores=Mode.of(row[0]) is Mode.UPSERT,
    )


def format_for(target: UndoTarget, name: str, **parts: sql.Composable) -> sql.Composed:
    """Return `sql/<name>.sql` for the target's table."""
    members: dict[str, Any] = {
        "table": table_of(target),
        "ours": xmin_is_ours("t"),
        "written_now": as_sql(statement("undo_written_now")),
        "row_key": _row_key(target),
    }
    return as_sql(statement(name)).format(**(members | parts))


def table_of(target: UndoTarget) -> sql.Identifier:
    """Return the target's table, quoted."""
    return sql.Identifier(*([target.schema] if target.schema else []), target.table)


def xmin_is_ours(alias: str) -> sql.Composed:
    """Return the condition that a row is as the job, or a correction of it, wrote it.

    `IS TRUE` keeps the planner from joining: it hashes the transactions once a statement instead,
    where joined they cost 0.6 s of a batch's 0.8 s.
    """
    ours = as_sql(statement("undo_ours"))
    return as_sql(f"({alias}.xmin IN (") + ours + as_sql(")) IS TRUE")


def _row_key(target: UndoTarget) -> sql.Composable:
    """Return the key's values of a row `t`, for people; NULL where nothing is unique."""
    if not target.key:
        return as_sql("NULL::jsonb")
    pairs = [sql.Literal(name) + as_sql(", ") + columns_of([name], "t.") for name in target.key]
    return as_sql("jsonb_build_object(") + sql.SQL(", ").join(pairs) + as_sql(")")


def collect(conn: Connection, target: UndoTarget, worker: str, watch: Watch) -> Undo:
    """List the job's rows, once; whoever did it before has committed all of it.

    Raises:
        NotOurs: another worker has the undo.
        ScanCanceled: nothing is listed.
    """
    with conn.transaction():
        undo = hold(conn, target.job_id, worker)
        if undo.collected or undo.is_done:
            return undo
        values = {"job_id": target.job_id, "reason": CHANGED}
        with scanning(conn, watch):
            conn.execute(format_for(target, "undo_collect"), values)
            conn.execute("ANALYZE sluice.undo_rows")  # or each batch sorts all rows that wait
            return _undo_of(conn.execute(statement("undo_note_collected"), values).fetchone())


def vanish(conn: Connection, target: UndoTarget, worker: str) -> bool:
    """Strike all that waits off the list if the table is gone for good; False: it is not.

    Raises:
        NotOurs: another worker has the undo.
    """
    with conn.transaction():
        hold(conn, target.job_id, worker)
        of_job = {"job_id": target.job_id}
        names = {"schema": target.schema, "table": target.table, "patience_s": GONE_AFTER_S}
        if not conn.execute(statement("undo_vanish"), of_job | names).rowcount:
            return False
        conn.execute(statement("undo_strike_all"), of_job)
        return True


def next_line(conn: Connection, job_id: UUID, below: int, limit: int) -> int | None:
    """Return the lowest line of the next batch, which ends below the last one; None: no more."""
    values = {"job_id": job_id, "below": below, "limit": limit}
    with conn.transaction():
        # A writer that does not own the list cannot ANALYZE it, and would sort all rows that wait
        conn.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        row = conn.execute(statement("undo_next"), values).fetchone()
    return None if row is None else row[0]


def count(conn: Connection, job_id: UUID, counts: BatchCounts) -> Undo:
    """Add what a batch did, in its transaction; return the sums."""
    values = {
        "job_id": job_id,
        "reversed": counts.reversed,
        "kept": counts.kept,
        "refused": counts.refused,
        "vanished": counts.vanished,
    }
    return _undo_of(conn.execute(statement("undo_count"), values).fetchone())


def refuse_rest(conn: Connection, target: UndoTarget, worker: str) -> Undo:
    """Refuse what waits for nothing but one another."""
    with conn.transaction():
        hold(conn, target.job_id, worker)
        values = {"job_id": target.job_id, "reason": EACH_OTHER}
        refused = conn.execute(format_for(target, "undo_refuse_rest"), values).rowcount
        return count(conn, target.job_id, BatchCounts(refused=refused))


def finish(conn: Connection, job_id: UUID, worker: str) -> Undo:
    """End an undo that nothing waits of."""
    with conn.transaction():
        undo = hold(conn, job_id, worker)
        if undo.is_done:
            return undo
        return _undo_of(conn.execute(statement("undo_finish"), {"job_id": job_id}).fetchone())


def note_stated(conn: Connection, job_id: UUID) -> None:
    """The brokers have the fact of its end."""
    conn.execute(statement("undo_note_stated"), {"job_id": job_id})


def _undo_of(row: tuple[Any, ...] | None) -> Undo:
    if row is None:
        raise NotOurs("the row is not ours")
    names = ("state", "collected", "total", "batches", "reversed", "kept", "refused", "trouble")
    return Undo(**dict(zip(names, row, strict=True)))

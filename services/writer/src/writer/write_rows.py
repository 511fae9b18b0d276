"""The rows of claimed chunks, within their transaction: of an import, a correction, a dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writer.adapters.postgres_corrections import change_root, lock_root_lines
from writer.adapters.postgres_probed import write_probed
from writer.adapters.postgres_rows import copy_into_target
from writer.adapters.postgres_staging import write_staged
from writer.adapters.postgres_twins import require_rows
from writer.domain.corrected_lines import claim_lines, in_own_lines, root_changes
from writer.domain.ledger import LineOutcomes, RisingLines
from writer.domain.locked_targets import ChunkBusy, TargetLocked
from writer.domain.prepared import LINE
from writer.domain.write_plan import Road
from writer.lock_waits import lock_timeout_means

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch


def write_rows(
    conn: Connection,
    stage: Stage | None,
    batch: PreparedBatch,
    road: Road,
    moved: Callable[[], object],
) -> LineOutcomes:
    """Write the rows; of a correction, those that heal a line of the root, which it notes.

    `moved` is called now and then where that takes long.

    Raises:
        NotPlainError: the same of a look at the keys; nothing was written.
        psycopg.Error: a row is refused that this road cannot name; the transaction is void.
        LockTimeoutError: somebody held the table, or lines of the root.
        Critical: a dry run's table is not what it was.
    """
    if not batch.metas:
        return LineOutcomes()
    correction = batch.plan.correction
    if correction is None:
        return _write(conn, stage, batch, road, moved)
    with lock_timeout_means(ChunkBusy):
        root = lock_root_lines(conn, correction.root_id, batch.root_lines.values())
    claims = claim_lines(batch, correction, root)
    written = _write(conn, stage, claims.batch, road, moved)
    with lock_timeout_means(ChunkBusy):
        changes = root_changes(claims, written, root)
        change_root(conn, correction.root_id, batch.plan.job_id, changes)
    return in_own_lines(claims, written)


def _write(
    conn: Connection,
    stage: Stage | None,
    batch: PreparedBatch,
    road: Road,
    moved: Callable[[], object],
) -> LineOutcomes:
    plan = batch.plan
    every_row = LineOutcomes(inserted=RisingLines(batch.rows[LINE]), rejections=batch.rejections)
    if plan.dry_run and plan.target.twin_of is None:
        return every_row
    with lock_timeout_means(TargetLocked):
        if stage is None:
            copy_into_target(conn, batch)
            return every_row
        if road is Road.PROBED_COPY:
            return write_probed(conn, stage, batch)
        require_rows(conn, plan.job_id, plan.target)
        return write_staged(conn, stage, batch, road, moved)

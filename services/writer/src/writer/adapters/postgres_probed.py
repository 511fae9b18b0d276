"""A COPY behind a look at the keys: for sheets whose only faults are duplicates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from writer.adapters.postgres_checks import can_be_faulty
from writer.adapters.postgres_rows import as_sql, copy_into_target
from writer.adapters.postgres_stage import same_values, take_repeated
from writer.domain.conflicts import HeldKey, LostLine, first_line_wins
from writer.domain.ledger import LineOutcomes
from writer.domain.lost_rows import duplicate_rejections
from writer.domain.prepared import LINE, without_lines
from writer.domain.write_plan import Mode, NotPlainError

if TYPE_CHECKING:
    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch

Lost = list[tuple[LostLine, tuple[str, ...]]]


def write_probed(conn: Connection, probe: Stage, batch: PreparedBatch) -> LineOutcomes:
    """Name the lines whose keys are taken, and COPY the others.

    Only the unique columns are staged, so it costs a third of the staging road. Whoever takes one
    of the keys meanwhile refuses the COPY, and the staging road settles it.

    Raises:
        NotPlainError: there is more to it; nothing was written.
        psycopg.Error: the table refuses a row; the transaction is void.
    """
    if not probe.unique_sets or can_be_faulty(conn, probe.target, batch.rows):
        raise NotPlainError(for_good=True)
    conn.execute(probe.format("empty_stage"))
    probe.fill(conn, batch.rows)
    lost: Lost = []
    rows = batch.rows
    for columns in probe.unique_sets:
        repeated = take_repeated(conn, probe, rows, columns, keep_last=False)
        lost += [(line, columns) for line in repeated]
        rows = without_lines(rows, {line.sheet_line for line in repeated})
    for columns in probe.unique_sets:
        lost += _held(conn, probe, batch, columns, {line.sheet_line for line, _ in lost})
    rows = without_lines(rows, {line.sheet_line for line, _ in lost})
    copy_into_target(conn, replace(batch, rows=rows))
    inserted = rows[LINE].to_pylist()
    if batch.plan.mode is not Mode.INSERT:
        skipped = [line.sheet_line for line, _ in lost]
        return LineOutcomes(inserted=inserted, skipped=skipped, rejections=batch.rejections)
    rejections = [
        rejection
        for columns in probe.unique_sets
        for rejection in duplicate_rejections(
            batch, [line for line, of_set in lost if of_set == columns], columns
        )
    ]
    return LineOutcomes(inserted=inserted, rejections=(*batch.rejections, *rejections))


def _held(
    conn: Connection,
    probe: Stage,
    batch: PreparedBatch,
    columns: tuple[str, ...],
    known: set[int],
) -> Lost:
    lineage = probe.target.lineage
    command = probe.format(
        "find_holders",
        same=same_values("t", "s", columns),
        holder_job=as_sql("t.sluice_job" if lineage else "NULL::uuid"),
        holder_line=as_sql("t.sluice_line" if lineage else "NULL::integer"),
    )
    held = [
        HeldKey(line, job, other, None)
        for line, job, other in conn.execute(command)
        if line not in known
    ]
    displacing, lost = first_line_wins(held, batch.plan.row_job)
    if displacing:
        raise NotPlainError
    return [(line, columns) for line in lost]

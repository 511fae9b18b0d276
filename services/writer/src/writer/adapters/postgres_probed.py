"""A COPY behind a look at the keys: for sheets whose only faults are duplicates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from writer.adapters.postgres_checks import can_be_faulty
from writer.adapters.postgres_rows import as_sql, copy_into_target
from writer.adapters.postgres_stage import same_values, take_repeated
from writer.domain.conflicts import HeldKey, LostLine, first_line_wins
from writer.domain.ledger import LineOutcomes
from writer.domain.lost_rows import duplicate_rejections
from writer.domain.prepared import LINE, repeated_lines, without_lines
from writer.domain.write_plan import Mode, NotPlainError

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch

Lost = list[tuple[LostLine, tuple[str, ...]]]


MOST_IN_RANGE = 2_000
"""Of the table's rows between a batch's keys: more are cheaper to look up one by one."""


def write_probed(conn: Connection, probe: Stage, batch: PreparedBatch) -> LineOutcomes:
    """Name the lines whose keys are taken, and COPY the others.

    Whoever takes one of the keys meanwhile refuses the COPY, and the staging road settles it.

    Raises:
        NotPlainError: there is more to it; nothing was written.
        psycopg.Error: the table refuses a row; the transaction is void.
    """
    if not probe.unique_sets or can_be_faulty(conn, probe.target, batch.rows):
        raise NotPlainError(for_good=True)
    lost = _lost_in_range(conn, probe, batch)
    if lost is None:
        lost = _lost_on_stage(conn, probe, batch)
    losers = {line.sheet_line for line, _ in lost}
    if len(probe.unique_sets) > 1 and any(line.other_line in losers for line, _ in lost):
        # A line that gave way to one that loses elsewhere may have its place
        raise NotPlainError
    rows = without_lines(batch.rows, losers)
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


def _lost_in_range(conn: Connection, probe: Stage, batch: PreparedBatch) -> Lost | None:
    """Return the lines that lose, told in memory; None where that would take too many rows.

    Most sheets rise by their key, and hardly any row of the table is between the keys of a batch:
    one range of the index instead of 10,000 staged keys and look-ups (a third of a COPY). Only of
    columns with the rows' own type: the table's values are compared with theirs.
    """
    rows, lost = batch.rows, Lost()
    for columns in probe.unique_sets:
        repeated = repeated_lines(rows, columns, probe.types, keep_last=False)
        if repeated is None:
            return None
        lost += [(LostLine(line, line, kept), columns) for line, kept in repeated]
        rows = without_lines(rows, {line for line, _ in repeated})
    for columns in probe.unique_sets:
        rows = without_lines(rows, {line.sheet_line for line, _ in lost})
        holders = _holders_in_range(conn, probe, rows, columns[0])
        if holders is None:
            return None
        values = rows[columns[0]]
        taken = rows.filter(pc.is_in(values, pa.array(list(holders), values.type)))
        held = [
            HeldKey(line, *holders[value], None)
            for value, line in zip(
                taken[columns[0]].to_pylist(), taken[LINE].to_pylist(), strict=True
            )
        ]
        lost += _losing(held, batch, columns)
    return lost


def _holders_in_range(
    conn: Connection, probe: Stage, rows: pa.Table, column: str
) -> dict[Any, tuple[UUID | None, int | None]] | None:
    ends = pc.min_max(rows[column]).as_py()
    if ends["min"] is None:
        return {}
    command = probe.format("read_key_range", key=sql.Identifier(column), **_holder(probe))
    values = {"low": ends["min"], "high": ends["max"], "most": MOST_IN_RANGE + 1}
    found = conn.execute(command, values).fetchall()
    if len(found) > MOST_IN_RANGE:
        return None
    return {value: (job, line) for value, job, line in found}


def _lost_on_stage(conn: Connection, probe: Stage, batch: PreparedBatch) -> Lost:
    """Return the lines that lose, told by the database: the unique columns alone are staged."""
    conn.execute(probe.format("empty_stage"))
    probe.fill(conn, batch.rows)
    rows, lost = batch.rows, Lost()
    for columns in probe.unique_sets:
        repeated = take_repeated(conn, probe, rows, columns, keep_last=False)
        lost += [(line, columns) for line in repeated]
        rows = without_lines(rows, {line.sheet_line for line in repeated})
    for columns in probe.unique_sets:
        known = {line.sheet_line for line, _ in lost}
        same = same_values("t", "s", columns)
        command = probe.format("find_holders", same=same, **_holder(probe))
        held = [
            HeldKey(line, job, other, None)
            for line, job, other in conn.execute(command)
            if line not in known
        ]
        lost += _losing(held, batch, columns)
    return lost


def _holder(probe: Stage) -> dict[str, sql.Composable]:
    lineage = probe.target.lineage
    return {
        "holder_job": as_sql("t.sluice_job" if lineage else "NULL::uuid"),
        "holder_line": as_sql("t.sluice_line" if lineage else "NULL::integer"),
    }


def _losing(held: list[HeldKey], batch: PreparedBatch, columns: tuple[str, ...]) -> Lost:
    displacing, lost = first_line_wins(held, batch.plan.row_job)
    if displacing:
        raise NotPlainError
    return [(line, columns) for line in lost]

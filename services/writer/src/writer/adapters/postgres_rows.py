"""COPY of Arrow rows into a table, as CSV: the server casts each value to its column's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from sluice.failpoints import failpoint
from writer.domain.prepared import JOB, LINE, by_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.domain.prepared import PreparedBatch
    from writer.domain.write_plan import WriteTarget

# "needed" quotes every text and no number: NULL is nothing between commas, '' is "". It is a sixth
# fewer bytes than "all_valid" and reads the same.
_CSV = csv.WriteOptions(include_header=False, quoting_style="needed", batch_size=4096)
_COPY = "COPY {table} ({columns}) FROM STDIN (FORMAT csv)"


def as_sql(text: str) -> sql.SQL:
    """Return a statement of ours for `format`; what comes from outside goes in by `Identifier`."""
    return sql.SQL(text)


def table_of(target: WriteTarget) -> sql.Identifier:
    """Return the target's table, quoted."""
    return sql.Identifier(*([target.schema] if target.schema else []), target.table)


def columns_of(names: Sequence[str], prefix: str = "") -> sql.Composed:
    """Return a list of column names, quoted, each behind the prefix of its table."""
    return sql.SQL(", ").join(as_sql(prefix) + sql.Identifier(name) for name in names)


def copy_rows(
    conn: Connection, table: sql.Composable, rows: pa.Table, columns: Sequence[str]
) -> None:
    """Send the columns of the rows to a table of the same column names."""
    sink = pa.BufferOutputStream()
    csv.write_csv(rows.select(list(columns)), sink, _CSV)
    text = sink.getvalue()
    command = as_sql(_COPY).format(table=table, columns=columns_of(columns))
    with conn.cursor() as cursor, cursor.copy(command) as copy:
        copy.write(memoryview(text))
        failpoint("writer.mid_copy")


def with_job(rows: pa.Table, job_id: UUID) -> pa.Table:
    """Return the rows with their job beside them."""
    return rows.append_column(JOB, pa.repeat(pa.scalar(str(job_id)), rows.num_rows))


def copy_into_target(conn: Connection, batch: PreparedBatch) -> None:
    """Insert the good rows, by rising key; the first row refused refuses all."""
    if batch.rows.num_rows == 0:
        return
    target = batch.plan.target
    rows = by_key(batch.rows, target.key)
    columns = target.fields
    if target.lineage:
        rows = with_job(rows, batch.plan.row_job)
        columns = (JOB, LINE, *target.fields)
    copy_rows(conn, table_of(target), rows, columns)

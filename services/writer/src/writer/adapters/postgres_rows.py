"""COPY of Arrow rows into a table: in binary, or as CSV where the server has to cast to a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from sluice.failpoints import failpoint
from writer.adapters.binary_rows import HEADER, TRAILER, binary_rows, is_binary_type
from writer.adapters.sql_files import statement
from writer.domain.prepared import JOB, LINE, EncodedRows, by_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.domain.prepared import JobPlan, PreparedBatch
    from writer.domain.write_plan import WriteTarget

# "needed" quotes every text and no number: NULL is nothing between commas, '' is "". It is a sixth
# fewer bytes than "all_valid" and reads the same.
_CSV = csv.WriteOptions(include_header=False, quoting_style="needed", batch_size=4096)
_COPY = "COPY {table} ({columns}) FROM STDIN (FORMAT {format})"
_MISREAD = frozenset({"08P01", "22008", "22021", "22P02", "22P03", "22P04", "42804", "XX000"})
"""What a type says of the bytes of another one: too few or too many, no number, day or text of its
own. The first is no outage when it comes from a COPY of ours on a connection that lives."""


class TableChangedError(Exception):
    """The table's columns are no longer of the types that rows were encoded for."""


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
    conn: Connection,
    table: sql.Composable,
    rows: pa.Table,
    columns: Sequence[str],
    types: Mapping[str, str] | None = None,
) -> None:
    """Send the columns of the rows to a table of the same column names.

    As text, or in binary where the table's `types` are told and are known here; nobody else may be
    able to alter them.
    """
    data = _binary(rows, columns, types or {}, None)
    if data is None:
        _copy(conn, table, columns, "csv", [_csv(rows, columns)])
    else:
        _copy(conn, table, columns, "binary", [HEADER, data, TRAILER])


def read_types(conn: Connection, table: sql.Identifier) -> Mapping[str, str]:
    """Return the type of each column as the catalogue spells it; empty where there is no table."""
    found = conn.execute(statement("read_types"), {"table": table.as_string(conn)})
    return dict(found.fetchall())


def encode_rows(plan: JobPlan, rows: pa.Table, types: Mapping[str, str]) -> EncodedRows:
    """Return good rows as COPY takes them, by rising key; pure, and may be done beforehand.

    Binary is read by the server with a third less work than CSV; it takes a column whose type is
    known here, and any other table gets CSV. Lineage is written first.
    """
    target = plan.target
    ordered = by_key(rows, target.key)
    columns = (LINE, *target.fields) if target.lineage else target.fields
    names = (JOB, *columns) if target.lineage else columns
    is_binary = not target.lineage or types.get(JOB) == "uuid"
    job_id = plan.row_job if target.lineage else None
    data = _binary(ordered, columns, types, job_id) if is_binary else None
    if data is not None:
        used = {name: types[name] for name in names}
        return EncodedRows(of=rows, columns=names, data=data, types=used)
    if target.lineage:
        ordered = with_job(ordered, plan.row_job)
    return EncodedRows(of=rows, columns=names, data=_csv(ordered, names))


def with_job(rows: pa.Table, job_id: UUID) -> pa.Table:
    """Return the rows with their job beside them."""
    return rows.append_column(JOB, pa.repeat(pa.scalar(str(job_id)), rows.num_rows))


def copy_into_target(conn: Connection, batch: PreparedBatch) -> None:
    """Insert the good rows, by rising key; the first row refused refuses all.

    Raises:
        TableChangedError: somebody altered the table, or so it looks; nothing may be committed.
    """
    if batch.rows.num_rows == 0:
        return
    target, encoded = batch.plan.target, batch.encoded
    if encoded is None or encoded.of is not batch.rows:
        types = {} if batch.as_text else read_types(conn, table_of(target))
        encoded = encode_rows(batch.plan, batch.rows, types)
    if not encoded.types:
        _copy(conn, table_of(target), encoded.columns, "csv", [encoded.data])
        return
    parts = [HEADER, encoded.data, TRAILER]
    try:
        _copy(conn, table_of(target), encoded.columns, "binary", parts)
    except psycopg.Error as error:
        if error.sqlstate in _MISREAD and not (conn.broken or conn.closed):
            raise TableChangedError from error
        raise
    # From the COPY on the table is locked against changes: a date is no integer, though both
    # have four bytes
    types = read_types(conn, table_of(target))
    if any(types.get(name) != type_ for name, type_ in encoded.types.items()):
        raise TableChangedError


def _copy(
    conn: Connection,
    table: sql.Composable,
    columns: Sequence[str],
    format_name: str,
    parts: Sequence[pa.Buffer | bytes],
) -> None:
    command = as_sql(_COPY).format(
        table=table, columns=columns_of(columns), format=as_sql(format_name)
    )
    with conn.cursor() as cursor, cursor.copy(command) as copy:
        for part in parts:
            copy.write(memoryview(part))
        failpoint("writer.mid_copy")


def _csv(rows: pa.Table, columns: Sequence[str]) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    csv.write_csv(rows.select(list(columns)), sink, _CSV)
    return sink.getvalue()


def _binary(
    rows: pa.Table, columns: Sequence[str], types: Mapping[str, str], job_id: UUID | None
) -> pa.Buffer | None:
    """Return the columns, behind the job, in binary; None where the server has to cast."""
    for name in columns:
        if not is_binary_type(rows.schema.field(name).type, types.get(name, "")):
            return None
    fields = [(rows[name].combine_chunks(), types[name]) for name in columns]
    try:
        return binary_rows(fields, job_id)
    except pa.ArrowInvalid:  # a value is out of the table's range, and the table shall say so
        return None

"""The twins of targets that dry runs write to: made, filled with what a batch meets, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg import sql

from sluice.errors import Critical
from writer.adapters.postgres_rows import as_sql, columns_of, table_of
from writer.adapters.postgres_stage import same_values
from writer.adapters.sql_files import statement
from writer.domain.write_plan import TWIN_SCHEMA

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.write_plan import WriteTarget

log = structlog.get_logger(__name__)


def make_twin(conn: Connection, twin: WriteTarget) -> None:
    """Make the twin unless it is there; waits for a session that is making it."""
    real = twin.twin_of
    if real is None:
        return
    names = {"schema": twin.schema, "table": twin.table}
    if conn.execute(statement("read_twin"), names).fetchone() is not None:
        return
    with conn.transaction():
        conn.execute(statement("lock_twin"), names)
        if conn.execute(statement("read_twin"), names).fetchone() is not None:
            return
        create = as_sql(statement("create_twin"))
        conn.execute(create.format(twin=table_of(twin), table=table_of(real)))
        _number_by_itself(conn, twin, real)


def _number_by_itself(conn: Connection, twin: WriteTarget, real: WriteTarget) -> None:
    """Give the twin sequences of its own: a dry run takes no number of the real ones."""
    table = {"table": table_of(real).as_string(conn)}
    sequenced = conn.execute(statement("read_sequenced"), table).fetchall()
    for number, (column, start) in enumerate(sequenced, start=1):
        sequence = sql.Identifier(TWIN_SCHEMA, f"{twin.table}_{number}")
        conn.execute(
            as_sql("CREATE SEQUENCE {sequence} START {start}").format(
                sequence=sequence, start=sql.Literal(start)
            )
        )
        conn.execute(
            as_sql("ALTER TABLE {twin} ALTER {column} SET DEFAULT nextval({sequence})").format(
                twin=table_of(twin),
                column=sql.Identifier(column),
                sequence=sql.Literal(sequence.as_string(conn)),
            )
        )
        conn.execute(
            as_sql("ALTER SEQUENCE {sequence} OWNED BY {column}").format(
                sequence=sequence,
                column=sql.Identifier(TWIN_SCHEMA, twin.table, column),
            )
        )


def require_rows(conn: Connection, job_id: UUID, twin: WriteTarget) -> None:
    """Make sure that the twin has the rows of the chunks that are written.

    Raises:
        Critical: it lost them; what a dry run says from here on would not be true.
    """
    if twin.twin_of is None:
        return
    lost = as_sql(statement("is_twin_lost")).format(twin=table_of(twin))
    found = conn.execute(lost, {"job_id": job_id}).fetchone()
    if found and found[0]:
        raise Critical(
            "DRY_RUN_LOST",
            "what the dry run had written so far is gone (the database was restarted, or the dry"
            " run had ended): start it again",
        )


def seed_twin(conn: Connection, stage: Stage) -> None:
    """Copy the rows of the real table that staged rows share a unique key with."""
    twin, real = stage.target, stage.target.twin_of
    if real is None:
        return
    table = {"table": table_of(real).as_string(conn)}
    found = conn.execute(statement("read_written_columns"), table).fetchone()
    names = list(found[0]) if found else []
    for columns in stage.unique_sets:
        conn.execute(
            stage.format(
                "seed_twin",
                real=table_of(real),
                twin=table_of(twin),
                columns=columns_of(names),
                real_columns=columns_of(names, "t."),
                same=same_values("t", "s", columns),
                order=columns_of(columns, "t."),
            )
        )

    for keys, condition, columns in conn.execute(statement("read_odd_unique"), table).fetchall():
        if set(columns or ()) <= set(twin.fields):
            # The catalogue's own texts of the index; the statement has no parameters
            seed = stage.format(
                "seed_twin_odd",
                twin=table_of(twin),
                real=table_of(real),
                columns=columns_of(names),
                keys=as_sql(", ".join(keys)),
                condition=as_sql("(" + condition + ")"),
            )
            conn.execute(seed)


def drop_ended_twins(conn: Connection) -> int:
    """Drop the twins that nobody needs; one that somebody holds waits for the next time."""
    dropped = 0
    found = conn.execute(statement("read_ended_twins"), {"schema": TWIN_SCHEMA}).fetchall()
    for (name,) in found:
        drop = as_sql("DROP TABLE IF EXISTS {twin}").format(twin=sql.Identifier(TWIN_SCHEMA, name))
        try:
            conn.execute(drop)
        except psycopg.errors.LockNotAvailable:
            continue
        dropped += 1
    if dropped:
        log.info("tables of dry runs were dropped", n=dropped)
    return dropped

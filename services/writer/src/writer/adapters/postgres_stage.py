"""The temporary table of one target in one session, and statements about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psycopg import sql

from writer.adapters.postgres_rows import as_sql, columns_of, copy_rows, read_types, table_of
from writer.adapters.sql_files import statement
from writer.domain.conflicts import LostLine
from writer.domain.prepared import LINE, repeated_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    import pyarrow as pa

    from sluice.db.pool import Connection
    from writer.domain.write_plan import WriteTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage that exists, and the unique constraints its rows may break, the key first."""

    target: WriteTarget
    name: str
    unique_sets: tuple[tuple[str, ...], ...]
    types: Mapping[str, str]
    """Of each column of the table, as the catalogue spells it."""
    own_types: Mapping[str, str]
    """The same of the stage, which keeps them while the session lasts."""

    @property
    def order(self) -> tuple[str, ...]:
        """The columns by which rows are written: the key, so that no two writers deadlock."""
        first = self.unique_sets[0] if self.unique_sets else ()
        return self.target.key or first or (LINE,)

    def format(self, name: str, **parts: sql.Composable) -> sql.Composed:
        """Return `sql/<name>.sql` for this stage and its table."""
        return as_sql(statement(name)).format(
            stage=sql.Identifier(self.name), table=table_of(self.target), **parts
        )

    def fill(self, conn: Connection, rows: pa.Table) -> None:
        """Put rows on the stage; values are cast to the types of the target's columns."""
        if rows.num_rows:
            columns = (LINE, *self.target.fields)
            copy_rows(conn, sql.Identifier(self.name), rows, columns, self.own_types)


def open_probe(conn: Connection, stage: Stage, staged: dict[str, Stage]) -> Stage:
    """Return a stage of the same table for its unique columns alone."""
    unique = {column for columns in stage.unique_sets for column in columns}
    fields = tuple(field for field in stage.target.fields if field in unique)
    return open_stage(conn, replace(stage.target, fields=fields), staged) if fields else stage


def open_stage(conn: Connection, target: WriteTarget, staged: dict[str, Stage]) -> Stage:
    """Return the stage of a target; `staged` is the session's list.

    It is made once in a session, and again when the table's types are others: a stage of the old
    ones would round values, or refuse some that the table takes by now.
    """
    identity = repr((target.schema, target.table, target.fields))
    name = "sluice_stage_" + hashlib.sha256(identity.encode()).hexdigest()[:16]
    types = read_types(conn, table_of(target))
    if (stage := staged.get(name)) is not None:
        if stage.types == types:
            return stage
        conn.execute(as_sql("DROP TABLE {stage}").format(stage=sql.Identifier("pg_temp", name)))
        del staged[name]
    create = as_sql(statement("create_stage")).format(
        stage=sql.Identifier(name), table=table_of(target), columns=columns_of(target.fields)
    )
    conn.execute(create)
    stage = Stage(
        target=target,
        name=name,
        unique_sets=_unique_sets(conn, target),
        types=types,
        own_types=read_types(conn, sql.Identifier(name)),
    )
    staged[name] = stage
    return stage


def _unique_sets(conn: Connection, target: WriteTarget) -> tuple[tuple[str, ...], ...]:
    """Return the unique constraints whose columns all come from the sheet."""
    found = conn.execute(statement("read_unique_sets"), {"table": table_of(target).as_string(conn)})
    sets = [tuple(row[0]) for row in found]
    return tuple(columns for columns in sets if set(columns) <= set(target.fields))


def take_repeated(
    conn: Connection, stage: Stage, rows: pa.Table, columns: tuple[str, ...], *, keep_last: bool
) -> list[LostLine]:
    """Take the rows out of the stage whose values in these columns another row of it has.

    `rows` are those on the stage; the last or the first of them stays.
    """
    found = repeated_lines(rows, columns, stage.types, keep_last=keep_last)
    if found is not None:
        if found:
            values = {"lines": [line for line, _ in found]}
            conn.execute(stage.format("take_lines"), values)
        return [LostLine(line, line, kept) for line, kept in found]
    command = stage.format(
        "take_repeated", key=columns_of(columns), order=as_sql("DESC" if keep_last else "ASC")
    )
    return [LostLine(line, line, kept) for line, kept in conn.execute(command).fetchall()]


def find_repeated(
    conn: Connection, stage: Stage, rows: pa.Table, columns: tuple[str, ...]
) -> list[tuple[int, int]]:
    """Return (line, first line) of the rows whose values in these columns an earlier row has."""
    found = repeated_lines(rows, columns, stage.types, keep_last=False)
    if found is not None:
        return found
    command = stage.format("find_repeated", key=columns_of(columns))
    return [(line, first) for line, first in conn.execute(command).fetchall()]


def take_held(
    conn: Connection, stage: Stage, columns: tuple[str, ...], job_id: UUID
) -> list[LostLine]:
    """Take the rows out of an upsert whose values in these columns a row of another key has."""
    lineage = stage.target.lineage
    command = stage.format(
        "take_held",
        holder_job=as_sql("t.sluice_job" if lineage else "NULL::uuid"),
        holder_line=as_sql("t.sluice_line" if lineage else "NULL::integer"),
        same_key=same_values("t", "s", stage.target.key),
        same=same_values("t", "s", columns),
    )
    return [
        LostLine(line, line, other if holder == job_id else None)
        for line, holder, other in conn.execute(command).fetchall()
    ]


def told_apart(stage: Stage) -> tuple[sql.Composed, sql.Composed]:
    """Return what an insert returns of its rows, and how a staged row is known that it left out.

    Without lineage a row is known by any unique set in which it is not empty; one that is empty in
    each of them conflicts with nothing there.
    """
    if stage.target.lineage:
        return columns_of((LINE,)), _not_placed((LINE,))
    sets = stage.unique_sets
    if not sets:
        return sql.Composed([as_sql("1")]), sql.Composed([as_sql("NOT EXISTS (TABLE placed)")])
    missing = [_not_placed(columns) for columns in sets]
    whole = [as_sql("ROW({}) IS NOT NULL").format(columns_of(columns, "s.")) for columns in sets]
    comparable = as_sql("({})").format(sql.SQL(" OR ").join(whole))
    returned = dict.fromkeys(column for columns in sets for column in columns)
    return columns_of(tuple(returned)), sql.SQL(" AND ").join([*missing, comparable])


def _not_placed(columns: Sequence[str]) -> sql.Composed:
    same = same_values("p", "s", columns)
    return as_sql("NOT EXISTS (SELECT FROM placed AS p WHERE {})").format(same)


def same_values(left: str, right: str, columns: Sequence[str]) -> sql.Composed:
    """Return the condition that two rows agree in these columns; NULL agrees with nothing."""
    return sql.SQL(" AND ").join(
        as_sql(f"{left}.")
        + sql.Identifier(column)
        + as_sql(f" = {right}.")
        + sql.Identifier(column)
        for column in columns
    )


def on_same_key(stage: Stage) -> sql.Composed:
    """Return what an upsert does, behind ON CONFLICT, with a row whose key is held."""
    target = stage.target
    others = [field for field in target.fields if field not in target.key]
    if target.lineage:
        assignments = assignments_of(others, "excluded") + as_sql(", " if others else "")
        return stage.format("replace_earlier", key=columns_of(target.key), assignments=assignments)
    assignments = assignments_of(others or list(target.key), "excluded")
    return as_sql("({}) DO UPDATE SET {}").format(columns_of(target.key), assignments)


def assignments_of(columns: Sequence[str], source: str) -> sql.Composed:
    """Return `column = source.column` for each column, with commas between."""
    return sql.SQL(", ").join(
        sql.Identifier(column) + as_sql(f" = {source}.") + sql.Identifier(column)
        for column in columns
    )

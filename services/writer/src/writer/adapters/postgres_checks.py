"""NOT NULL, CHECK and foreign key faults of a staged batch, named by one query each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from sluice.job_layout import column_letter
from writer.adapters.postgres_rows import as_sql, table_of
from writer.adapters.sql_files import statement
from writer.domain.rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch
    from writer.domain.write_plan import WriteTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A constraint of the target's table, as the catalogue tells it."""

    kind: str
    name: str
    columns: tuple[str, ...]
    expression: str | None
    other_table: str | None
    other_columns: tuple[str, ...]
    of_itself: bool
    """A foreign key to the same table: a row of the same batch may be the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The lines of a batch that break one constraint."""

    constraint: Constraint
    lines: tuple[int, ...]

    def rejections(self, batch: PreparedBatch) -> list[Rejection]:
        """Return the rejections of the lines."""
        code, message = _words(self.constraint)
        field = self.constraint.columns[0] if self.constraint.columns else None
        at = batch.plan.field_columns.get(field) if field else None
        return [
            Rejection(
                sheet_line=line,
                chunk_no=batch.chunk_of(line),
                code=code,
                message=message,
                column_letter=None if at is None else column_letter(at),
                field=field,
                value=cells[at] if at is not None and at < len(cells) else None,
                cells=cells,
            )
            for line, cells in batch.texts_of(self.lines).items()
        ]


def _words(constraint: Constraint) -> tuple[str, str]:
    columns = ", ".join(constraint.columns)
    if constraint.kind == "not_null":
        return "REQUIRED", f"{columns}: the cell is empty, and the table requires a value"
    if constraint.kind == "check":
        return "CHECK_FAILED", f"{columns}: breaks the table's rule {constraint.name}"
    return "UNKNOWN_REFERENCE", f"{columns}: names nothing in {constraint.other_table}"


def take_faulty(conn: Connection, stage: Stage, rows: pa.Table) -> Iterator[Fault]:
    """Take out of the stage the rows that break a constraint, constraint by constraint."""
    for constraint in _constraints(conn, stage.target, stage.target.fields):
        if constraint.kind == "not_null" and not rows[constraint.columns[0]].null_count:
            continue
        fault = _fault_condition(constraint, stage)
        found = conn.execute(stage.format("take_faulty", fault=fault)).fetchall()
        if found:
            yield Fault(constraint=constraint, lines=tuple(row[0] for row in found))


def can_be_faulty(conn: Connection, target: WriteTarget, rows: pa.Table) -> bool:
    """Tell whether rows could break a constraint of their table that is not about duplicates."""
    return any(
        constraint.kind != "not_null" or rows[constraint.columns[0]].null_count
        for constraint in _constraints(conn, target, rows.column_names)
    )


def refers_to_itself(conn: Connection, target: WriteTarget) -> bool:
    """Tell whether a row may need another of its own table."""
    return any(constraint.of_itself for constraint in _constraints(conn, target, target.fields))


def _constraints(conn: Connection, target: WriteTarget, fields: Sequence[str]) -> list[Constraint]:
    """Return those constraints whose columns all come from the sheet."""
    table = table_of(target.twin_of or target).as_string(conn)
    found = conn.execute(statement("read_checks"), {"table": table}).fetchall()
    constraints = [
        Constraint(
            kind=kind,
            name=name,
            columns=tuple(columns or ()),
            expression=expression,
            other_table=other_table,
            other_columns=tuple(other_columns or ()),
            of_itself=of_itself,
        )
        for kind, name, columns, expression, other_table, other_columns, of_itself in found
    ]
    return [constraint for constraint in constraints if set(constraint.columns) <= set(fields)]


def _fault_condition(constraint: Constraint, stage: Stage) -> sql.Composable:
    if constraint.kind == "not_null":
        return as_sql("s.") + sql.Identifier(constraint.columns[0]) + as_sql(" IS NULL")
    if constraint.kind == "check":
        # The catalogue's own text of the rule; the statement has no parameters, so % is itself
        return as_sql("NOT (" + (constraint.expression or "true") + ")")
    given = sql.SQL(" AND ").join(
        as_sql("s.") + sql.Identifier(column) + as_sql(" IS NOT NULL")
        for column in constraint.columns
    )
    pairs = zip(constraint.other_columns, constraint.columns, strict=True)
    same = sql.SQL(" AND ").join(
        as_sql("r.") + sql.Identifier(other) + as_sql(" = s.") + sql.Identifier(own)
        for other, own in pairs
    )
    # regclass prints the table's name quoted and qualified as needed
    others: list[sql.Composable] = [as_sql(constraint.other_table or "")]
    if constraint.of_itself:
        others += [sql.Identifier(stage.name), table_of(stage.target)]
    unknown = as_sql("NOT EXISTS (SELECT FROM {other} AS r WHERE {same})")
    missing = [unknown.format(other=other, same=same) for other in others]
    return sql.SQL(" AND ").join([given, *missing])

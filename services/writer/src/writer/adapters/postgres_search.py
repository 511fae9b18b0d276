"""The search for refused rows within the server: the same halving at a tenth of its price."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import psycopg
from psycopg import Rollback, sql

from writer.adapters.postgres_bisection import Refusal, is_refusal, refused_by_halves
from writer.adapters.postgres_checks import refers_to_itself, take_faulty
from writer.adapters.postgres_rows import as_sql, columns_of
from writer.adapters.postgres_stage import find_repeated, on_same_key, same_values
from writer.adapters.sql_files import statement
from writer.domain.prepared import LINE, without_lines
from writer.domain.sqlstate import DATA_CLASSES
from writer.domain.write_plan import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch

Pairs = list[tuple[int, int]]
"""Lines whose values another one of the part has too: the one before it, or behind it."""


class ServerSearch:
    """Searches parts of one batch, within the caller's transaction.

    It covers the parts of which the writing is one statement. Where several statements follow each
    other (a line of the file gives way to an earlier one, a row waits for another of its table),
    it says so, and the caller halves with what it writes by.
    """

    def __init__(
        self,
        conn: Connection,
        stage: Stage,
        batch: PreparedBatch,
        moved: Callable[[], object],
        for_s: float = 1.0,
    ) -> None:
        """Join the parts; `moved` is called behind each statement, which lasts about `for_s`."""
        self._conn = conn
        self._stage = stage
        self._batch = batch
        self._moved = moved
        self._for_s = for_s
        self._is_upsert = batch.plan.mode is Mode.UPSERT
        several = len(stage.unique_sets) > 1
        self._covers = not (
            stage.target.twin_of is not None
            or (self._is_upsert and several)
            or refers_to_itself(conn, stage.target)
        )
        self._is_made = False

    def refused_of(self, part: pa.Table) -> dict[int, Refusal] | None:
        """Return the refused lines of a part; None, and nothing done, where it is not covered.

        Raises:
            psycopg.Error: an error that is no row's fault.
        """
        staged = self._staged(part) if self._covers else None
        if staged is None:
            return None
        if not self._is_made:
            self._make()
            self._is_made = True
        refused, pairs = staged
        return refused | self._run(part[LINE].to_pylist(), pairs)

    def _staged(self, part: pa.Table) -> tuple[dict[int, Refusal], Pairs] | None:
        """Stage the rows that can be written; return those that cannot be staged, and repeats."""
        try:
            with self._conn.transaction() as savepoint:
                refused = refused_by_halves(self._conn, part, self._fill)
                rows = without_lines(part, refused)
                for fault in take_faulty(self._conn, self._stage, rows):
                    rows = without_lines(rows, fault.lines)
                pairs = self._repeats(rows)
                if pairs is not None and not self._is_later_held():
                    return refused, pairs
                raise Rollback(savepoint)
        except psycopg.Error as error:  # a CHECK that fails to be asked is a row's fault as well
            if not is_refusal(error):
                raise
        return None

    def _fill(self, rows: pa.Table) -> None:
        self._stage.fill(self._conn, rows)

    def _repeats(self, rows: pa.Table) -> Pairs | None:
        """Return each line that is left out where another one is there; None for a tangle."""
        pairs = Pairs()
        for columns in self._stage.unique_sets:
            groups: dict[int, list[int]] = {}
            for line, first in find_repeated(self._conn, self._stage, rows, columns):
                groups.setdefault(first, [first]).append(line)
            for group in groups.values():
                pairs += self._neighbours(sorted(group))
        return None if pairs and len(self._stage.unique_sets) > 1 else pairs

    def _neighbours(self, group: list[int]) -> Iterable[tuple[int, int]]:
        """Of an insert the first line of a part stays, of an upsert the last."""
        if self._is_upsert:
            return pairwise(group)
        return ((line, before) for before, line in pairwise(group))

    def _is_later_held(self) -> bool:
        stage = self._stage
        if self._is_upsert or not stage.target.lineage:
            return False
        job = {"job_id": self._batch.plan.row_job}
        for columns in stage.unique_sets:
            ask = stage.format("is_later_held", same=same_values("t", "s", columns))
            found = self._conn.execute(ask, job).fetchone()
            if found is not None and found[0]:
                return True
        return False

    def _make(self) -> None:
        """Make the function; it is gone with the savepoint of the whole search."""
        stage, target = self._stage, self._stage.target
        job = sql.Literal(self._batch.plan.row_job)
        command = stage.format(
            "create_search",
            lineage_columns=as_sql("sluice_job, sluice_line, " if target.lineage else ""),
            lineage_values=as_sql("{}, s.sluice_line, " if target.lineage else "").format(job),
            columns=columns_of(target.fields),
            staged_columns=columns_of(target.fields, "s."),
            order=columns_of(stage.order, "s."),
            action=on_same_key(stage) if self._is_upsert else as_sql("DO NOTHING"),
            data_classes=sql.Literal(sorted(DATA_CLASSES)),
        )
        self._conn.execute(command)

    def _run(self, lines: list[int], pairs: Pairs) -> dict[int, Refusal]:
        refused: dict[int, Refusal] = {}
        values = {
            "lines": lines,
            "again": [line for line, _ in pairs],
            "rivals": [rival for _, rival in pairs],
            "for_s": self._for_s,
        }
        firsts, lasts = [1], [len(lines)]
        while firsts:
            places = {"firsts": firsts, "lasts": lasts}
            found = self._conn.execute(statement("run_search"), values | places).fetchone()
            firsts, lasts, *columns = found or ([], [], [], [], [], [])
            for line, state, message, field in zip(*columns, strict=True):
                refused[line] = Refusal(sqlstate=state, message=message, field=field or None)
            self._moved()
        return refused

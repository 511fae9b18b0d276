"""One batch of an undo in one transaction: rows go, or stay with a reason, and are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from sluice.db.pool import is_outage
from writer.adapters import postgres_undo
from writer.adapters.postgres_stage import assignments_of
from writer.adapters.postgres_undo import format_for, table_of
from writer.adapters.postgres_undo_left import LeftRows
from writer.adapters.postgres_undo_references import find_references, refuse_held
from writer.adapters.sql_files import statement
from writer.domain.sqlstate import Meaning, meaning_of
from writer.domain.undo import (
    NOT_KEPT,
    REVIVED,
    BatchCounts,
    Undo,
    UndoTarget,
    refusal_reason,
)

if TYPE_CHECKING:
    from sluice.db.pool import Connection
    from writer.adapters.postgres_scan import Watch

Lines = tuple[int, int]
"""First and last line, both included."""


class _NotAsListed(Exception):
    """A row was changed, moved or deleted since, or something keeps it."""


class UndoBatches:
    """Works on the rows of one undo through one connection."""

    def __init__(self, conn: Connection, target: UndoTarget, worker: str, watch: Watch) -> None:
        self._conn = conn
        self._target = target
        self._worker = worker
        self._watch = watch
        self._restored = 0
        self._values: dict[str, Any] = {"job_id": target.job_id}
        conn.execute(statement("undo_create_batch"))
        self._references = find_references(conn, target)
        is_own = any(reference.is_own for reference in self._references)
        self._left = LeftRows(conn, target, watch, refers_to_itself=is_own)
        self._sweeping = format_for(target, "undo_sweep")
        self._delete = format_for(target, "undo_delete")
        self._restore = self._restoring() if target.restores else None

    def reverse(self, low: int, below: int) -> tuple[BatchCounts, Undo]:
        """Reverse the waiting rows of these lines; return what was done, and the sums.

        Raises:
            NotOurs: another worker has the undo.
            ScanCanceled: nothing was done.
            psycopg.Error: nothing was done.
        """
        counts = BatchCounts()
        with self._conn.transaction():
            undo = postgres_undo.hold(self._conn, self._target.job_id, self._worker)
            if not self._sweep(low, below, counts):
                self._sort_and_reverse(low, below, counts)
            if counts.moved_on:
                undo = postgres_undo.count(self._conn, self._target.job_id, counts)
        return counts, undo

    def find_astray(self) -> tuple[BatchCounts, Undo]:
        """Find all rows that are not at their places by one scan; return as `reverse`.

        Raises:
            NotOurs: another worker has the undo.
            ScanCanceled: nothing was done.
            psycopg.Error: nothing was done.
        """
        counts = BatchCounts()
        with self._conn.transaction():
            undo = postgres_undo.hold(self._conn, self._target.job_id, self._worker)
            self._left.list_anew(counts)
            if counts.moved_on:
                undo = postgres_undo.count(self._conn, self._target.job_id, counts)
        return counts, undo

    def _sweep(self, low: int, below: int, counts: BatchCounts) -> bool:
        """Delete all of them at once; False: that is not possible, and nothing was done."""
        if self._references or self._restore is not None:
            return False
        values = self._values | {"low": low, "below": below}
        try:
            with self._conn.transaction():
                deleted = self._conn.execute(self._sweeping, values).rowcount
                listed = self._conn.execute(statement("undo_strike_range"), values).rowcount
                if deleted != listed:
                    raise _NotAsListed  # noqa: TRY301 - rolls the savepoint back
        except _NotAsListed:
            return False
        except psycopg.Error as error:
            _raise_unless_data(error)
            return False
        counts.reversed += deleted
        return True

    def _sort_and_reverse(self, low: int, below: int, counts: BatchCounts) -> None:
        """Take apart what goes and what stays, row by row where it must be."""
        fill = self._values | {"low": low, "below": below}
        self._conn.execute(statement("undo_fill_batch"), fill)
        if self._restore is not None:
            counts.refused += self._sort_replaced()
        counts.refused += refuse_held(self._conn, self._target, self._references)
        written, self._restored = self._left.own_writes(), 0
        self._attempt((low, below - 1), counts)
        expected = None if written is None else written + self._restored
        self._left.settle(counts, expected)

    def _sort_replaced(self) -> int:
        self._conn.execute(format_for(self._target, "undo_find_replaced"), self._values)
        refused = 0
        for name, reason in (("undo_refuse_unkept", NOT_KEPT), ("undo_refuse_revived", REVIVED)):
            values = self._values | {"reason": reason}
            refused += self._conn.execute(format_for(self._target, name), values).rowcount
        return refused

    def _attempt(self, lines: Lines, counts: BatchCounts) -> None:
        """Reverse these lines; what is refused that nobody foretold is found by halving."""
        try:
            with self._conn.transaction():
                done = self._reverse_lines(lines)
        except psycopg.Error as error:
            _raise_unless_data(error)
            counts.had_to_bisect = True
            self._bisect(lines, error, counts)
        else:
            counts.reversed += done

    def _reverse_lines(self, lines: Lines) -> int:
        values = self._values | {"first": lines[0], "last": lines[1]}
        done = self._conn.execute(self._delete, values).rowcount
        if self._restore is not None:
            restored = self._conn.execute(self._restore, values).rowcount
            self._restored += restored
            done += restored
        return done

    def _bisect(self, lines: Lines, error: psycopg.Error, counts: BatchCounts) -> None:
        self._watch.breathe()
        values = {"first": lines[0], "last": lines[1]}
        row = self._conn.execute(statement("undo_lines_left"), values).fetchone()
        left: list[int] = row[0] if row else []
        if len(left) > 1:
            middle = len(left) // 2
            self._attempt((left[middle], left[-1]), counts)
            self._attempt((left[0], left[middle - 1]), counts)
            return
        diagnosis = {
            "constraint_name": error.diag.constraint_name,
            "message_primary": error.diag.message_primary,
        }
        refusing = self._values | values | {"reason": refusal_reason(diagnosis)}
        counts.refused += self._conn.execute(
            format_for(self._target, "undo_refuse_lines"), refusing
        ).rowcount

    def _restoring(self) -> sql.Composed:
        table = table_of(self._target).as_string(self._conn)
        row = self._conn.execute(statement("undo_columns"), {"table": table}).fetchone()
        columns: list[str] = row[0] if row and row[0] else []
        return format_for(self._target, "undo_restore", assignments=assignments_of(columns, "old"))


def _raise_unless_data(error: psycopg.Error) -> None:
    if is_outage(error) or meaning_of(error.sqlstate) is not Meaning.DATA:
        raise error

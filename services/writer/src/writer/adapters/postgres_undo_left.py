"""Rows of a batch that neither went nor were refused: what became of them, by scans if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from sluice.db.pool import is_outage
from writer.adapters.postgres_scan import scanning
from writer.adapters.postgres_undo import format_for, table_of
from writer.adapters.sql_files import statement
from writer.domain.sqlstate import Meaning, meaning_of
from writer.domain.undo import (
    CHANGED,
    SUPPRESSED,
    BatchCounts,
    Left,
    Place,
    Sighting,
    UndoTarget,
    Verdict,
    verdicts_on,
)

if TYPE_CHECKING:
    from sluice.db.pool import Connection
    from writer.adapters.postgres_scan import Watch


class LeftRows:
    """Looks at the rows' own places first; only what is not there needs a scan.

    `refers_to_itself`: rows of the table refer to one another, so that a batch must know where
    those of other batches are.
    """

    def __init__(
        self, conn: Connection, target: UndoTarget, watch: Watch, *, refers_to_itself: bool
    ) -> None:
        self._conn = conn
        self._target = target
        self._watch = watch
        self._refers_to_itself = refers_to_itself
        self._values: dict[str, Any] = {"job_id": target.job_id}
        self._refusing = self._values | {"reason": SUPPRESSED}
        self._table = table_of(target).as_string(conn)

    def own_writes(self) -> int | None:
        """Return how many rows this session wrote to the table so far; None: nobody counts."""
        row = self._conn.execute(statement("undo_own_writes"), {"table": self._table}).fetchone()
        return None if row is None else row[0]

    def settle(self, counts: BatchCounts, expected_writes: int | None) -> None:
        """Refuse what is still there; the rest is astray: one scan finds it behind the pass.

        What a trigger wrote is known as such only within its transaction: rows that the session
        wrote beyond those it was to write are sought at once.
        """
        if not (left := self._left()):
            return
        counts.refused += self._conn.execute(
            format_for(self._target, "undo_refuse_unmoved"), self._refusing
        ).rowcount
        wrote_more = expected_writes is None or self.own_writes() != expected_writes
        if wrote_more:
            counts.refused += self._refuse_hidden()
        if not (left := self._left()):
            return
        if wrote_more or self._refers_to_itself:
            self._seek(left, counts)
        else:
            counts.astray += len(left)

    def list_anew(self, counts: BatchCounts) -> None:
        """Look once where all rows are that wait."""
        values = self._values | {"reason": CHANGED}
        with scanning(self._conn, self._watch):
            cursor = self._conn.execute(format_for(self._target, "undo_list_anew"), values)
        kept, struck, listed = cursor.fetchone() or (0, 0, 0)
        counts.kept += kept
        counts.moved += listed
        counts.vanished += struck - listed

    def _left(self) -> list[Left]:
        rows = self._conn.execute(statement("undo_left"))
        return [Left(line, Place(table, tid)) for line, table, tid in rows]

    def _refuse_hidden(self) -> int:
        """Follow what triggers updated; where that is not allowed, a scan finds it."""
        command = format_for(self._target, "undo_refuse_hidden")
        try:
            with self._conn.transaction():
                return self._conn.execute(command, self._refusing).rowcount
        except psycopg.Error as error:
            if is_outage(error) or meaning_of(error.sqlstate) is Meaning.REPEAT:
                raise
            return 0

    def _seek(self, left: list[Left], counts: BatchCounts) -> None:
        values = self._values | {"lines": [row.sheet_line for row in left]}
        with scanning(self._conn, self._watch):
            found = self._conn.execute(format_for(self._target, "undo_seek"), values).fetchall()
        seen = [
            Sighting(line, Place(table, tid), is_now, is_ours, key)
            for line, table, tid, is_now, is_ours, key in found
        ]
        verdicts = verdicts_on(left, seen)
        for verdict in verdicts:
            if verdict.moved_to is None:
                self._note(verdict, counts)
        if any(verdict.moved_to is not None for verdict in verdicts):
            self.list_anew(counts)

    def _note(self, verdict: Verdict, counts: BatchCounts) -> None:
        left = verdict.left
        row = self._values | {
            "sheet_line": left.sheet_line,
            "row_table": left.place.table,
            "row_tid": left.place.tid,
        }
        if verdict.outcome is not None:
            key = None if verdict.row_key is None else Jsonb(verdict.row_key)
            stays = {"outcome": verdict.outcome, "reason": verdict.reason, "row_key": key}
            self._conn.execute(statement("undo_keep"), row | stays)
            counts.kept += verdict.outcome == "kept"
            counts.refused += verdict.outcome == "refused"
            return
        self._conn.execute(statement("undo_strike"), row)
        counts.vanished += 1

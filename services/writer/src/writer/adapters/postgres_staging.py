"""Rows on the roads behind a plain COPY: staged, their conflicts named by sets, then written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from psycopg import errors, sql

from sluice.errors import Critical
from writer.adapters.postgres_checks import take_faulty
from writer.adapters.postgres_refused import find_refused
from writer.adapters.postgres_rows import as_sql, columns_of
from writer.adapters.postgres_stage import (
    assignments_of,
    find_repeated,
    on_same_key,
    same_values,
    take_held,
    take_repeated,
    told_apart,
)
from writer.adapters.postgres_twins import seed_twin
from writer.adapters.sql_files import statement
from writer.domain.conflicts import (
    HeldKey,
    LostLine,
    first_line_wins,
)
from writer.domain.ledger import LineOutcomes
from writer.domain.lost_rows import duplicate_rejections
from writer.domain.prepared import LINE, without_lines
from writer.domain.several_keys import rivals_of, settle_in_order
from writer.domain.write_plan import Mode, Road

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    import pyarrow as pa

    from sluice.db.pool import Connection
    from writer.adapters.postgres_stage import Stage
    from writer.domain.prepared import PreparedBatch
    from writer.domain.rejections import Rejection
    from writer.domain.several_keys import Columns, Rivals, Settled

UNTOLD = (
    "the table refused some rows by an index that does not tell which: allow lineage in the "
    "target, or give it a key that is unique and never empty"
)
INSERT_ROUNDS = 5
"""A key that conflicts and is then held by nobody was freed meanwhile: try again, not for ever."""


def write_staged(
    conn: Connection,
    stage: Stage,
    batch: PreparedBatch,
    road: Road,
    moved: Callable[[], object],
) -> LineOutcomes:
    """Write the good rows of a batch through the stage, within the caller's transaction.

    A search for refused rows calls `moved` as it gets on.

    Raises:
        psycopg.Error: a row is refused that this road cannot name; the transaction is void.
        Critical: the rows that the table did not take cannot be told from those it took.
    """
    rejections: list[Rejection] = []
    rows = batch.rows
    if road is Road.BISECTION:
        rejections = find_refused(
            conn, stage, batch, lambda part: _StagedWrite(conn, stage, batch).write(part), moved
        )
        rows = without_lines(rows, {rejection.sheet_line for rejection in rejections})
    outcomes = _StagedWrite(conn, stage, batch).write(rows)
    return LineOutcomes(
        inserted=outcomes.inserted,
        updated=outcomes.updated,
        skipped=outcomes.skipped,
        freed=outcomes.freed,
        rejections=(*batch.rejections, *rejections, *outcomes.rejections),
    )


class _StagedWrite:
    """One pass of rows through the stage; collects what became of each line."""

    def __init__(self, conn: Connection, stage: Stage, batch: PreparedBatch) -> None:
        self._conn = conn
        self._stage = stage
        self._batch = batch
        self._skipped: list[int] = []
        self._freed: list[int] = []
        self._rejections: list[Rejection] = []

    def write(self, rows: pa.Table) -> LineOutcomes:
        conn, stage = self._conn, self._stage
        conn.execute(stage.format("empty_stage"))
        stage.fill(conn, rows)
        for fault in take_faulty(conn, stage, rows):
            self._rejections += fault.rejections(self._batch)
            rows = without_lines(rows, fault.lines)
        seed_twin(conn, stage)
        inserted, updated = self._insert_or_upsert(rows)
        return LineOutcomes(
            inserted=inserted,
            updated=updated,
            skipped=self._skipped,
            freed=self._freed,
            rejections=tuple(self._rejections),
        )

    def _insert_or_upsert(self, rows: pa.Table) -> tuple[list[int], list[int]]:
        stage, is_upsert = self._stage, self._batch.plan.mode is Mode.UPSERT
        if not is_upsert and len(stage.unique_sets) > 1:
            return self._insert_in_order(rows), []
        for columns in stage.unique_sets:
            replaces = self._replaces(columns)
            if is_upsert and not replaces:
                # First, as a line that is held anyway must not take another with it
                rows = self._without(
                    take_held(self._conn, stage, columns, self._job), rows, columns
                )
            lost = take_repeated(self._conn, stage, rows, columns, keep_last=replaces)
            rows = self._without(lost, rows, columns)
        left = rows[LINE].to_pylist()
        return self._upsert(left) if is_upsert else (self._insert(left), [])

    def _without(self, lost: list[LostLine], rows: pa.Table, columns: tuple[str, ...]) -> pa.Table:
        self._lose(lost, columns)
        return without_lines(rows, {line.sheet_line for line in lost})

    @property
    def _job(self) -> UUID:
        return self._batch.plan.row_job

    def _replaces(self, columns: tuple[str, ...]) -> bool:
        """Tell whether a row takes the place of one with the same values, instead of giving way."""
        plan = self._batch.plan
        return plan.mode is Mode.UPSERT and set(columns) == set(plan.target.key)

    def _insert(self, everything: list[int]) -> list[int]:
        stage = self._stage
        left = self._insert_free(None)
        settled: set[int] = set(left)
        for _ in range(INSERT_ROUNDS):
            for columns in stage.unique_sets:
                if left:
                    left = self._settle_held(left, columns)
            if not left:
                break
            still = self._insert_free(left)
            settled -= set(left) - set(still)
            left = still
        self._lose_untold(left)
        return [line for line in everything if line not in settled]

    def _insert_in_order(self, rows: pa.Table) -> list[int]:
        """Insert where one line may lose to several others: the answer of one line at a time.

        Lines that share nothing with others of the batch go first. A line that somebody else was
        faster than, and the lines that lost to it, are settled anew.
        """
        conn, stage = self._conn, self._stage
        rivals = rivals_of(
            {columns: find_repeated(conn, stage, rows, columns) for columns in stage.unique_sets}
        )
        everything: list[int] = rows[LINE].to_pylist()
        alone = _without(everything, rivals.lines)
        left = self._insert_free(alone if rivals.lines else None)
        opened = sorted({*left, *rivals.lines})
        outside = set(opened)
        tries: Counter[int] = Counter()
        while opened:
            settled = self._settle(opened, rivals)
            self._take_places(settled)
            left = self._insert_free(settled.free) if settled.free else []
            outside -= set(settled.free) - set(left)
            tries.update(left)
            odd = [line for line in left if tries[line] >= INSERT_ROUNDS]
            self._lose_untold(odd)
            opened = self._lose_settled(settled, set(left)) + _without(left, odd)
            opened.sort()
        return _without(everything, outside)

    def _settle(self, lines: list[int], rivals: Rivals) -> Settled:
        held = {
            columns: {key.sheet_line: key for key in self._held(lines, columns)}
            for columns in self._stage.unique_sets
        }
        is_correction = self._batch.own_lines is not None
        return settle_in_order(lines, rivals, held, self._job, takes_several=not is_correction)

    def _held(self, lines: list[int], columns: Columns) -> list[HeldKey]:
        if self._stage.target.lineage:
            return self._holders(lines, columns, self._job)
        command = self._stage.format(
            "find_holders",
            same=same_values("t", "s", columns),
            holder_job=as_sql("NULL::uuid"),
            holder_line=as_sql("NULL::integer"),
        )
        wanted = set(lines)
        held = self._conn.execute(command).fetchall()
        return [HeldKey(line, None, None, None) for line, _, _ in held if line in wanted]

    def _take_places(self, settled: Settled) -> None:
        """Let lines take the places of later ones, those last that need what others free."""
        firsts: dict[Columns, list[int]] = {}
        others: dict[Columns, list[int]] = {}
        for line, (first, *rest) in settled.takes.items():
            if line not in settled.after:
                firsts.setdefault(first, []).append(line)
            for columns in rest:
                others.setdefault(columns, []).append(line)
                self._freed.append(line)
        for columns, lines in others.items():
            values = {"job_id": self._job, "lines": lines}
            same = same_values("t", "s", columns)
            self._conn.execute(self._stage.format("give_way", same=same), values)
        for columns, lines in firsts.items():
            self._displace(lines, columns)
        for line in sorted(settled.after & set(settled.takes)):
            self._displace([line], settled.takes[line][0])

    def _lose_settled(self, settled: Settled, left: set[int]) -> list[int]:
        """Count what is lost for good; return the lines that lost to one that has lost since."""
        opened = []
        for columns, lost in settled.lost.items():
            again = [line.sheet_line for line in lost if line.other_line in left]
            self._lose([line for line in lost if line.other_line not in left], columns)
            opened += again
        return opened

    def _insert_free(self, lines: list[int] | None) -> list[int]:
        """Insert those lines whose keys are free; return the others."""
        stage, target = self._stage, self._stage.target
        lineage = target.lineage
        returned, unplaced = told_apart(stage)
        command = stage.format(
            "insert_staged",
            lineage_columns=as_sql("sluice_job, sluice_line, " if lineage else ""),
            lineage_values=as_sql("%(job_id)s, s.sluice_line, " if lineage else ""),
            columns=columns_of(target.fields),
            staged_columns=columns_of(target.fields, "s."),
            order=columns_of(stage.order, "s."),
            returned=returned,
            unplaced=unplaced,
        )
        values = {"job_id": self._batch.plan.row_job, "lines": lines}
        left, is_told = self._conn.execute(command, values).fetchone() or ([], True)
        if not is_told:
            raise Critical("TARGET_UNUSABLE", UNTOLD)
        return list(left)

    def _settle_held(self, lines: list[int], columns: tuple[str, ...]) -> list[int]:
        """Decide the lines whose values in a unique set are held; return those that are not."""
        job_id = self._batch.plan.row_job
        if not self._stage.target.lineage:
            self._lose([LostLine(line, line, None) for line in lines], columns)
            return []
        held = self._holders(lines, columns, job_id)
        displacing, lost = first_line_wins(held, job_id)
        if displacing:
            self._displace(displacing, columns)
        self._lose(lost, columns)
        known = {key.sheet_line for key in held}
        return [line for line in lines if line not in known]

    def _displace(self, lines: list[int], columns: tuple[str, ...]) -> None:
        command = self._stage.format(
            "displace",
            assignments=assignments_of(self._stage.target.fields, "s"),
            same=same_values("t", "s", columns),
        )
        self._conn.execute(command, {"lines": lines})

    def _holders(self, lines: list[int], columns: tuple[str, ...], job_id: UUID) -> list[HeldKey]:
        command = self._stage.format(
            "lock_holders",
            texts=sql.SQL(", ").join(
                as_sql("t.") + sql.Identifier(field) + as_sql("::text")
                for field in self._stage.target.fields
            ),
            same=same_values("t", "s", columns),
            order=columns_of(columns, "t."),
        )
        found = self._conn.execute(command, {"job_id": job_id, "lines": lines}).fetchall()
        return [
            HeldKey(line, job, other, None if texts is None else tuple(texts))
            for line, job, other, texts in found
        ]

    def _upsert(self, lines: list[int]) -> tuple[list[int], list[int]]:
        stage, target = self._stage, self._stage.target
        parts = {
            "columns": columns_of(target.fields),
            "staged_columns": columns_of(target.fields, "s."),
            "order": columns_of(stage.order, "s."),
            "action": on_same_key(stage),
        }
        if not target.lineage:
            return self._upsert_plain(lines, parts)
        command = stage.format("upsert_staged", **parts)
        kept = self._keep_replaced()
        found = self._conn.execute(command, {"job_id": self._batch.plan.row_job}).fetchone()
        inserted, updated, later, earlier = found or ([], [], [], [])
        self._skipped += _without(lines, {*inserted, *updated})
        if kept is not None:
            if kept != set(updated):
                # A row that somebody inserted since is replaced and was not kept: all over again
                raise errors.SerializationFailure("a row came between")
            self._move_replaced(earlier, later)
        return list(inserted), list(updated)

    def _keep_replaced(self) -> set[int] | None:
        """Keep the rows of others that are about to be replaced, where the target asks for it."""
        stage, plan = self._stage, self._batch.plan
        if not stage.target.keep_replaced or plan.dry_run:
            return None
        key = stage.target.key
        command = stage.format(
            "keep_replaced", same=same_values("t", "s", key), order=columns_of(key, "t.")
        )
        return {line for (line,) in self._conn.execute(command, {"job_id": plan.row_job})}

    def _move_replaced(self, earlier: list[int], later: list[int]) -> None:
        if not later:
            return
        values = {"job_id": self._batch.plan.row_job, "earlier": earlier, "later": later}
        self._conn.execute(statement("move_replaced"), values)

    def _upsert_plain(
        self, lines: list[int], parts: dict[str, sql.Composed]
    ) -> tuple[list[int], list[int]]:
        conn, stage = self._conn, self._stage
        find = stage.format("find_staged_existing", same=same_values("t", "s", stage.target.key))
        existing = {row[0] for row in conn.execute(find)}
        conn.execute(stage.format("upsert_staged_plain", **parts))
        return _without(lines, existing), sorted(existing)

    def _lose_untold(self, lines: list[int]) -> None:
        """Count what is left out still: by an index that is no list of columns, or by a trigger."""
        lost = [LostLine(line, line, None, is_untold=True) for line in lines]
        self._lose(lost, self._stage.order)

    def _lose(self, lost: Sequence[LostLine], columns: tuple[str, ...]) -> None:
        """Count lines without their unique values: rejected, unless the mode skips or replaces."""
        skips = self._batch.plan.mode is Mode.SKIP_EXISTING or self._replaces(columns)
        if not skips:
            self._rejections += duplicate_rejections(self._batch, lost, columns)
        else:
            self._skipped += [line.found_by for line in lost]


def _without(lines: list[int], taken: Collection[int]) -> list[int]:
    out = taken if isinstance(taken, AbstractSet) else set(taken)
    return [line for line in lines if line not in out] if out else lines

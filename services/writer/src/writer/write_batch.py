"""Step 3: rows, rejected rows and ledger entries of a batch in one transaction, exactly once."""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import structlog

from sluice import metrics, tracing
from sluice.db import job_gate
from sluice.db.pool import is_outage, outage_of
from sluice.errors import Critical, Transient
from sluice.events.chunk_written import REJECTED_IN_FACT
from sluice.failpoints import failpoint
from sluice.tracing import Kind
from writer.adapters import postgres_jobs, postgres_ledger, postgres_rejected
from writer.adapters.postgres_errors import asking, transient_of
from writer.adapters.postgres_rows import TableChangedError
from writer.adapters.postgres_stage import open_probe, open_stage
from writer.adapters.postgres_twins import make_twin
from writer.domain.error_limit import TOO_MANY_ERRORS, why_too_many
from writer.domain.job_state import why_skip, why_skip_root
from writer.domain.ledger import LedgerEntry, LineOutcomes, entries_of
from writer.domain.locked_targets import ChunkBusy, TargetLocked
from writer.domain.rejections import Rejection, first_by_chunk
from writer.domain.repeats import RepeatPolicy, jitter_s
from writer.domain.sqlstate import (
    EXHAUSTED,
    READ_ONLY,
    TABLE_ALTERED,
    Meaning,
    failure_code,
    meaning_of,
    repeats_in_place,
)
from writer.domain.write_plan import Course, NotPlainError, Road, first_road, next_road
from writer.lock_waits import LockTimeoutError, lock_timeout_means
from writer.prepare_batch import BatchPreparer, remember
from writer.write_rows import write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.events import RejectedLine
    from sluice.events.rows_chunked import ChunkMeta
    from writer.adapters.postgres_rejected import RejectedRows
    from writer.adapters.postgres_session import PostgresSession
    from writer.adapters.postgres_stage import Stage
    from writer.domain.batching import JobBatch
    from writer.domain.job_state import JobState
    from writer.domain.prepared import JobPlan, PreparedBatch, Validation
    from writer.prepare_batch import Made

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkDone:
    """A chunk whose entry is committed, by us now or by somebody before."""

    entry: LedgerEntry
    rejected: tuple[RejectedLine, ...]
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDone:
    """What became of a batch: its chunks are in the ledger, or it was skipped and why."""

    chunks: tuple[ChunkDone, ...] = ()
    skipped: str = ""
    rejections: tuple[Rejection, ...] = ()
    road: Road = Road.COPY
    dry_run: bool = False
    failure: Critical | None = None
    """Too many rows of the job were rejected by now: it shall not go on."""


class BatchWriter:
    """Writes batches through one session; remembers what it learned of each job."""

    def __init__(
        self,
        session: PostgresSession,
        validation: Validation,
        rejected: RejectedRows,
        clock: Clock,
        policy: RepeatPolicy | None = None,
        moved: Callable[[], object] = lambda: None,
    ) -> None:
        """Join the parts; `moved` is called now and then while one transaction takes long."""
        self._session = session
        self._preparer = BatchPreparer(session, validation, clock)
        self._rejected = rejected
        self._clock = clock
        self._policy = policy or RepeatPolicy()
        self._courses: OrderedDict[UUID, Course] = OrderedDict()
        self._exhausted_since_s: float | None = None
        self._moved = moved

    def prepare(self, batch: JobBatch) -> PreparedBatch | None:
        """Validate a batch, outside any transaction; None when its job is unknown.

        Raises:
            Outage: PostgreSQL is away.
            Critical: the job's definition cannot be used.
        """
        recipe = self._preparer.recipe(batch.job_id, self._course_of)
        return None if recipe is None else self._preparer.make(recipe, batch).noted()

    def ahead(self, batch: JobBatch) -> Callable[[], Made] | None:
        """Return what prepares a batch in any thread, or nothing: its job is new to us."""
        recipe = self._preparer.known_recipe(batch.job_id, self._course_of)
        return None if recipe is None else partial(self._preparer.make, recipe, batch)

    def probe(self, batch: PreparedBatch, lock_timeout_ms: int) -> BatchDone:
        """Write a batch whose table was locked, if it is not any more; raises as `write`."""
        with self._session.lock_timeout(lock_timeout_ms):
            return self.write(batch)

    def write(self, batch: PreparedBatch) -> BatchDone:
        """Write a batch, taking slower roads where the database refuses.

        Raises:
            Outage: PostgreSQL is away, or has had no room for less than a minute.
            Transient: others were in the way on each repeat, or rows have to be searched in several
                chunks, which is done chunk by chunk; nothing was written.
            TargetLocked: somebody who is no writer holds the job's table.
            ChunkBusy: another writer holds one of the chunks, and does not stand still.
            Critical: the job cannot be brought to its end.
        """
        job_id = batch.plan.job_id
        course = self._course_of(batch.plan)
        road = course.road
        repeats = 0
        while True:
            try:
                with metrics.stage("write"), _noticing_alterations(batch):
                    done = self._attempt(batch, road)
            except NotPlainError as error:
                course, road = course.refused(road, for_good=error.for_good), Road.STAGING
            except TableChangedError:
                batch = self._for_altered_table(batch)
            except LockTimeoutError as error:
                repeats = self._after_lock_timeout(error, repeats)
            except psycopg.Error as error:
                if self._take_next_road(error, road):
                    course, road = course.refused(road), next_road(road)
                    self._require_room(batch, course, road)
                    continue
                repeats = self._before_repeat(error, repeats)
            else:
                self._exhausted_since_s = None
                remember(self._courses, job_id, course.written(road))
                return self._within_error_limit(batch.plan, done)

    def fail(self, job_id: UUID, failure: Critical) -> tuple[int, str, str] | None:
        """Put on record that the job cannot go on; return (run, code, message) as recorded.

        Raises:
            Outage: PostgreSQL is away.
        """
        with asking():
            conn = self._session.connection()
            return postgres_jobs.record_failure(conn, job_id, failure.code, failure.message)

    def _within_error_limit(self, plan: JobPlan, done: BatchDone) -> BatchDone:
        limit = plan.max_error_percent
        if limit is None or not done.chunks:
            return done
        with asking():
            conn = self._session.connection()
            why = why_too_many(limit, *postgres_ledger.read_row_counts(conn, plan.job_id))
            state = postgres_jobs.read_state(conn, plan.job_id) if why else None
        if state is None or state.status.is_terminal:
            return done  # Copies of chunks come also when their job is over
        return replace(done, failure=Critical(TOO_MANY_ERRORS, why))

    def _course_of(self, plan: JobPlan) -> Course:
        return self._courses.get(plan.job_id) or first_course(plan)

    def _attempt(self, whole: PreparedBatch, road: Road) -> BatchDone:
        job_id = whole.plan.job_id
        conn = self._session.connection()
        staged = self._staged(conn, whole.plan, road)
        failpoint("writer.before_tx")
        with conn.transaction():
            state, why = _pass_gates(conn, whole.plan)
            if why or state is None:
                return BatchDone(skipped=why, road=road)
            with lock_timeout_means(ChunkBusy):
                claimed = postgres_ledger.claim(conn, state.run, whole)
            others = {meta.chunk_no for meta in whole.metas} - claimed
            known = postgres_ledger.read_entries(conn, job_id, others)
            _compare_contents(whole.metas, known)
            batch = whole.only(claimed)
            outcomes = write_rows(conn, staged, batch, road, self._moved)
            entries = entries_of(batch.metas, state.run, outcomes)
            if _is_counted_late(batch, road):
                postgres_ledger.store_counts(conn, job_id, entries)
            self._rejected.store(conn, job_id, outcomes.rejections)
            postgres_ledger.store_seconds(conn, job_id, claimed)
            chunks = [*_new_chunks(entries, outcomes), *_known_chunks(conn, job_id, known)]
            failpoint("writer.at_commit")
            commit_at_s = self._clock.monotonic_s()
        _note_commit(self._clock.monotonic_s() - commit_at_s)
        failpoint("writer.after_commit")
        chunks.sort(key=lambda chunk: chunk.entry.chunk_no)
        return BatchDone(
            chunks=tuple(chunks),
            rejections=outcomes.rejections,
            road=road,
            dry_run=whole.plan.dry_run,
        )

    def _staged(self, conn: Connection, plan: JobPlan, road: Road) -> Stage | None:
        """Return where rows are staged on this road, made before any transaction."""
        if road is Road.COPY:
            return None
        with lock_timeout_means(TargetLocked):
            make_twin(conn, plan.target)
            stage = open_stage(conn, plan.target, self._session.staged)
            if road is Road.PROBED_COPY:
                stage = open_probe(conn, stage, self._session.staged)
        return stage

    def _require_room(self, batch: PreparedBatch, course: Course, road: Road) -> None:
        """Search one chunk at a time: between two the group hears of us, and good ones are done."""
        job_id = batch.plan.job_id
        log.info("a batch is repeated", job_id=str(job_id), road=road.name)
        if road is Road.BISECTION and len(batch.metas) > 1:
            remember(self._courses, job_id, course)
            raise Transient("the table refuses rows of a batch of several chunks", "ROWS_REFUSED")

    def _for_altered_table(self, batch: PreparedBatch) -> PreparedBatch:
        """Forget what is known of the table's types, here and in the session."""
        log.info("the types of a table are asked anew", job_id=str(batch.plan.job_id))
        self._preparer.forget_types(batch.plan.job_id)
        self._session.close()
        return batch.for_altered_table()

    def _take_next_road(self, error: psycopg.Error, road: Road) -> bool:
        is_data = not is_outage(error) and meaning_of(error.sqlstate) is Meaning.DATA
        return is_data and road < Road.BISECTION

    def _before_repeat(self, error: psycopg.Error, repeats: int) -> int:
        """Return when the same can be tried again in place; raise what it is otherwise.

        Waiting for a writer that stands still is not an attempt: its session is ended.
        """
        if is_outage(error) and not self._is_of_the_table(error):
            self._raise_outage(error)
        meaning = meaning_of(error.sqlstate)
        if meaning is Meaning.CRITICAL:
            raise Critical(failure_code(error.sqlstate), _first_line(error)) from error
        if meaning is Meaning.BUG:
            raise error
        if repeats >= self._policy.in_place or not repeats_in_place(error.sqlstate):
            raise transient_of(error) from error
        draw = random.random()  # noqa: S311 - spreads repeats, guards nothing
        time.sleep(jitter_s(self._policy, repeats + 1, draw))
        return repeats + 1

    def _is_of_the_table(self, error: psycopg.Error) -> bool:
        """Tell whether a trigger or a foreign table says that it is read-only: our session is not.

        An outage would hold up the jobs of all the other tables, for ever.
        """
        if error.sqlstate != READ_ONLY:
            return False
        with asking():
            told = self._session.connection().execute("SHOW transaction_read_only").fetchone()
        return told == ("off",)

    def _after_lock_timeout(self, error: LockTimeoutError, repeats: int) -> int:
        """Return when the same can be tried again; raise what the lock means otherwise."""
        if self._session.end_stopped_writers():
            return repeats
        if error.means is TargetLocked or repeats >= self._policy.in_place:
            raise error.means from error
        return repeats + 1

    def _raise_outage(self, error: psycopg.Error) -> None:
        if error.sqlstate in EXHAUSTED:
            now_s = self._clock.monotonic_s()
            since_s = self._exhausted_since_s = self._exhausted_since_s or now_s
            if now_s - since_s > self._policy.exhausted_s:
                raise Critical(failure_code(error.sqlstate), _first_line(error)) from error
        raise outage_of(error) from error


@contextmanager
def _noticing_alterations(batch: PreparedBatch) -> Iterator[None]:
    """Take the first error that an altered table may make for one."""
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate in TABLE_ALTERED and not batch.is_asked_anew:
            raise TableChangedError from error
        raise


def _pass_gates(conn: Connection, plan: JobPlan) -> tuple[JobState | None, str]:
    """Return the job's state, behind its gate, and why its chunks are skipped, if they are.

    Of a correction the root's gate comes second, as with everybody who takes both.
    """
    root_id = None if plan.correction is None else plan.correction.root_id
    with lock_timeout_means(ChunkBusy):
        job_gate.pass_together(conn, plan.job_id)
        if root_id is not None:
            job_gate.pass_together(conn, root_id)
    state = postgres_jobs.read_state(conn, plan.job_id)
    why = why_skip(state)
    if not why and root_id is not None:
        why = why_skip_root(postgres_jobs.read_state(conn, root_id))
    return state, why


def _note_commit(seconds: float) -> None:
    metrics.took("commit", seconds)
    tracing.note("COMMIT", seconds, Kind.CLIENT)


def _is_counted_late(batch: PreparedBatch, road: Road) -> bool:
    """Tell whether the counts of the claim may not be those of the rows that were written."""
    return bool(batch.metas) and (road > Road.COPY or batch.plan.correction is not None)


def _compare_contents(metas: Sequence[ChunkMeta], known: Sequence[LedgerEntry]) -> None:
    ours = {meta.chunk_no: meta.sha256 for meta in metas}
    for entry in known:
        if entry.sha256 != ours[entry.chunk_no]:
            raise Critical(
                "NONDETERMINISTIC_CHUNK",
                f"chunk {entry.chunk_no} (lines {entry.first_line} to {entry.last_line}) came again"
                " with another content: the file was changed, or read in another way; upload it"
                " again as a new import",
            )


def _new_chunks(entries: Sequence[LedgerEntry], outcomes: LineOutcomes) -> list[ChunkDone]:
    firsts = first_by_chunk(outcomes.rejections, REJECTED_IN_FACT)
    return [
        ChunkDone(
            entry=entry,
            rejected=postgres_rejected.for_fact(firsts.get(entry.chunk_no, ())),
            is_new=True,
        )
        for entry in entries
    ]


def _known_chunks(
    conn: Connection, job_id: UUID, entries: Sequence[LedgerEntry]
) -> list[ChunkDone]:
    return [
        ChunkDone(
            entry=entry,
            rejected=postgres_rejected.read_first_rejected(conn, job_id, entry, REJECTED_IN_FACT),
            is_new=False,
        )
        for entry in entries
    ]


def first_course(plan: JobPlan) -> Course:
    """Return where the first batch of a job begins."""
    return Course(first_road(plan.target, plan.mode))


def _first_line(error: psycopg.Error) -> str:
    return error.diag.message_primary or next(iter(str(error).splitlines()), type(error).__name__)

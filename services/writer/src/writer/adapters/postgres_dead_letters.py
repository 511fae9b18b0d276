"""A dead chunk's end in the ledger, its letter in the operators' list, the budgets it spends."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sluice.db import job_gate
from writer.adapters import postgres_halts, postgres_jobs
from writer.adapters.postgres_errors import asking
from writer.adapters.sql_files import statement
from writer.domain.dead_chunk import Burial, ChunkExtent, letter_state
from writer.domain.dead_letter_budget import BUDGET_CODE, JobOutcomes, why_over_budget
from writer.domain.job_state import why_skip

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.adapters.postgres_session import PostgresSession
    from writer.domain.dead_chunk import ChunkName, DeadRecord, Placed
    from writer.domain.dead_letter_budget import DeadLetterBudget
    from writer.domain.job_state import JobState

WRITTEN = "written"


class DeadLetters:
    """What the writer reads and writes of chunks that failed; every call may be repeated."""

    def __init__(self, session: PostgresSession, budget: DeadLetterBudget) -> None:
        self._session = session
        self._budget = budget

    def standing(self, name: ChunkName) -> tuple[JobState | None, str, Burial | None]:
        """Return a job's state, a chunk's outcome if any, and what is on record of a dead one.

        Raises:
            Outage, Transient: ask again.
        """
        with asking():
            conn = self._session.connection()
            state = postgres_jobs.read_state(conn, name.job_id)
            row = conn.execute(statement("read_outcome"), _values(name)).fetchone()
            if row is None:
                return state, "", None
            outcome, run, rows, first_line, last_line, code = row
            if outcome == WRITTEN:
                return state, outcome, None
            letter = conn.execute(statement("read_last_letter"), _values(name)).fetchone()
            replay_count, attempts = letter or (0, 0)
            extent = ChunkExtent(rows=rows, first_line=first_line, last_line=last_line)
            burial = Burial(
                run=run, replay_count=replay_count, attempts=attempts, code=code, extent=extent
            )
            return state, outcome, burial

    def bury(self, dead: DeadRecord, name: ChunkName, placed: Placed) -> Burial | None:
        """Commit a chunk's end among the dead letters, once its letter is acknowledged.

        None: it has an outcome already, or its job does not go on; the letter counts for nothing.

        Raises:
            Outage, Transient: ask again.
        """
        with asking():
            conn = self._session.connection()
            with conn.transaction():
                job_gate.pass_together(conn, name.job_id)
                state = postgres_jobs.read_state(conn, name.job_id)
                if why_skip(state) or state is None or not _end(conn, dead, name, state.run):
                    return None
                replay_count = _replay_count(conn, dead, name)
                _insert_letter(conn, dead, placed, name, (state.run, replay_count))
                failure = self._spend(conn, name.job_id)
                halted = failure is not None and postgres_halts.halt_if_due(conn, self._budget)
        return Burial(
            run=state.run,
            replay_count=replay_count,
            attempts=dead.delivery.attempts,
            code=dead.failure.code,
            extent=dead.extent,
            over_budget=failure,
            halted=halted,
        )

    def file_nameless(self, dead: DeadRecord, placed: Placed) -> None:
        """Commit the letter of a record whose chunk nobody can tell.

        Raises:
            Outage, Transient: ask again.
        """
        with asking():
            conn = self._session.connection()
            _insert_letter(conn, dead, placed, None, (None, dead.delivery.replay_count))

    def _spend(self, conn: Connection, job_id: UUID) -> tuple[int, str, str] | None:
        """Fail a job that has spent its budget with this letter; return the failure on record."""
        values = {"job_id": job_id, "in_a_row": self._budget.in_a_row}
        row = conn.execute(statement("count_outcomes"), values).fetchone()
        written, dead, in_a_row = row or (0, 0, 0)
        outcomes = JobOutcomes(written=written, dead=dead, last_in_a_row=in_a_row)
        why = why_over_budget(self._budget, outcomes)
        if not why:
            return None
        message = f"{why}: see its dead letters, then retry the job or replay them"
        return postgres_jobs.insert_failure(conn, job_id, BUDGET_CODE, message)


def _values(name: ChunkName) -> dict[str, Any]:
    return {"job_id": name.job_id, "chunk_no": name.chunk_no}


def _end(conn: Connection, dead: DeadRecord, name: ChunkName, run: int) -> bool:
    values = _values(name) | asdict(dead.extent) | {"run": run, "code": dead.failure.code}
    return conn.execute(statement("insert_dead_chunk"), values).fetchone() is not None


def _replay_count(conn: Connection, dead: DeadRecord, name: ChunkName) -> int:
    row = conn.execute(statement("replace_letters"), _values(name)).fetchone()
    return max(dead.delivery.replay_count, row[0] if row else 0)


def _insert_letter(
    conn: Connection,
    dead: DeadRecord,
    placed: Placed,
    name: ChunkName | None,
    counts: tuple[int | None, int],
) -> None:
    run, replay_count = counts
    origin = dead.delivery.origin
    state = letter_state(replay_count)
    values = asdict(placed) | {
        "original_topic": origin.topic,
        "original_partition": origin.partition,
        "original_offset": origin.offset,
        "job_id": None if name is None else name.job_id,
        "chunk_no": None if name is None else name.chunk_no,
        "run": run,
        "error_class": dead.failure.code,
        "error_message": dead.failure.message,
        "attempts": dead.delivery.attempts,
        "replay_count": replay_count,
        "size_bytes": dead.size_bytes,
        "state": state,
        "state_reason": f"replayed {replay_count} times" if state == "parked" else None,
        "first_failed_at": dead.delivery.first_failed_at or dead.failed_at,
        "last_failed_at": dead.failed_at,
    }
    conn.execute(statement("insert_dead_letter"), values)

"""A dead chunk's end in the ledger, its letter in the operators' list, the budgets it spends."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sluice.db import job_gate
from sluice.db.dead_letters import DeadLetter, insert_letter
from writer.adapters import postgres_halts, postgres_jobs
from writer.adapters.postgres_errors import asking
from writer.adapters.sql_files import statement
from writer.domain.dead_chunk import Burial, ChunkExtent
from writer.domain.dead_letter_budget import BUDGET_CODE, JobOutcomes, why_over_budget
from writer.domain.job_state import why_skip

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.dead_letters import Placed
    from sluice.db.pool import Connection
    from writer.adapters.postgres_session import PostgresSession
    from writer.domain.dead_chunk import ChunkName, DeadRecord
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
                letter = replace(
                    _letter_of(dead, placed),
                    job_id=name.job_id,
                    chunk_no=name.chunk_no,
                    run=state.run,
                    replay_count=replay_count,
                )
                insert_letter(conn, letter)
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
            insert_letter(conn, _letter_of(dead, placed))

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


def _letter_of(dead: DeadRecord, placed: Placed) -> DeadLetter:
    return DeadLetter(
        placed=placed,
        delivery=dead.delivery,
        failure=dead.failure,
        failed_at=dead.failed_at,
        size_bytes=dead.size_bytes,
        replay_count=dead.delivery.replay_count,
    )

"""Whether the writers stand still: one row that all of them look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from writer.adapters.sql_files import statement
from writer.domain.dead_letter_budget import BUDGET_CODE, must_halt

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.domain.dead_letter_budget import DeadLetterBudget

CONSUMER = "writer"


def halt_if_due(conn: Connection, budget: DeadLetterBudget) -> bool:
    """Halt every writer when too many jobs have spent their budget lately; tell whether."""
    values = {"code": BUDGET_CODE, "within_s": budget.jobs_within_s, "consumer": CONSUMER}
    row = conn.execute(statement("count_jobs_over_budget"), values).fetchone()
    failed_jobs = row[0] if row else 0
    if not must_halt(budget, failed_jobs):
        return False
    reason = (
        f"{failed_jobs} jobs spent their dead-letter budget within {budget.jobs_within_s:.0f} s"
    )
    conn.execute(statement("halt_consumer"), {"consumer": CONSUMER, "reason": reason})
    return True


def read_halt(conn: Connection) -> str:
    """Return why the writers are halted; empty when they are not."""
    row = conn.execute(statement("read_halt"), {"consumer": CONSUMER}).fetchone()
    return "" if row is None else str(row[0])


def read_unfinished_jobs(conn: Connection) -> list[tuple[UUID, int]]:
    """Return the jobs that wait while the writers are halted, each with its run."""
    return [(job_id, run) for job_id, run in conn.execute(statement("read_unfinished_jobs"))]

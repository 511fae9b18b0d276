"""What waits in PostgreSQL: unfinished jobs, the outbox, dead letters, halts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.db.statements import statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sluice.db.pool import Connection

PACKAGE = "sluice.ops"
OUTBOX_BOUND = 100_000
"""More than this is not counted: through a long outage of Kafka the outbox only grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """How things stand at one moment."""

    jobs: Mapping[str, int]
    """Unfinished jobs by status."""
    standstill_s: float
    """For so long one of them, which is neither paused nor cancelled, has not moved."""
    outbox_records: int
    outbox_oldest_s: float
    letters: Mapping[str, int]
    """Dead letters that want an operator, by error class."""
    halts: Mapping[str, str]
    """Why a consumer stands still, by consumer."""


def take_stock(conn: Connection) -> Stock:
    """Read it all; each statement is bounded by what is unfinished or open.

    Raises:
        psycopg.Error: PostgreSQL is away, or the role lacks a right.
    """
    jobs = conn.execute(statement(PACKAGE, "unfinished_jobs")).fetchall()
    bound = {"bound": OUTBOX_BOUND}
    outbox = conn.execute(statement(PACKAGE, "outbox"), bound).fetchone() or (0, 0.0)
    return Stock(
        jobs={status: count for status, count, _ in jobs},
        standstill_s=max((still_s for _, _, still_s in jobs), default=0.0),
        outbox_records=outbox[0],
        outbox_oldest_s=outbox[1],
        letters=dict(conn.execute(statement(PACKAGE, "open_letters")).fetchall()),
        halts=dict(conn.execute(statement(PACKAGE, "halts")).fetchall()),
    )

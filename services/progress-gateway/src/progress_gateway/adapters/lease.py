"""Who of several settlers works: a lease row, by the database's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progress_gateway.adapters.job_records import PACKAGE
from sluice.db.statements import statement

if TYPE_CHECKING:
    from sluice.db.pool import Connection

NAME = "settler"
LEASE_S = 10
RENEW_S = 3.0


def take_lease(conn: Connection, worker: str) -> bool:
    """Take or renew the lease; False while another worker holds it."""
    found = conn.execute(
        statement(PACKAGE, "take_lease"), {"name": NAME, "worker": worker, "lease_s": LEASE_S}
    ).fetchone()
    return found is not None


def drop_lease(conn: Connection, worker: str) -> None:
    """Give the lease back, so that the next one need not wait for its end."""
    conn.execute(statement(PACKAGE, "drop_lease"), {"name": NAME, "worker": worker})

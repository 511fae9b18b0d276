"""Who of several settlers works: a lease row, by the database's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.db import lease

if TYPE_CHECKING:
    from sluice.db.pool import Connection

NAME = "settler"
LEASE_S = 10
RENEW_S = 3.0


def take_lease(conn: Connection, worker: str) -> bool:
    """Take or renew the lease; False while another worker holds it."""
    return lease.take_lease(conn, NAME, worker, LEASE_S)


def drop_lease(conn: Connection, worker: str) -> None:
    """Give the lease back, so that the next one need not wait for its end."""
    lease.drop_lease(conn, NAME, worker)
